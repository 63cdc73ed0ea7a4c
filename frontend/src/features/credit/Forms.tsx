/** Drawing and repaying: an amount, what it comes to, and the dialog that signs it. */

import { Button } from "antd";
import { type ReactNode, useDeferredValue, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { LineOwed } from "../../api/schema";
import { useChain } from "../../chain/reader";
import { useAct } from "../../ui/Actions";
import { FailureText } from "../../ui/FailureText";
import { Figures } from "../../ui/Figures";
import { dateOfDay, fenOf, money, percent, plainYuan } from "../../ui/format";
import { draw, repay } from "./actions";
import { fenUp, split } from "./arithmetic";
import { type Verdict, type limitOf, lineOf, quoteOf, verdict } from "./chain";

interface DrawProps {
  party: number;
  limit: Verdict<Awaited<ReturnType<typeof limitOf>>>;
}

export function DrawForm({ party, limit }: DrawProps) {
  const { t } = useTranslation("credit");
  const act = useAct();
  const [typed, setTyped] = useState("");
  const amount = fenOf(typed);
  const most = limit.found?.available ?? 0n;
  return (
    <AmountForm
      title={t("draw.title")}
      label={t("draw.amount")}
      typed={typed}
      change={setTyped}
      choices={[[t("draw.all"), most]]}
      button={t("draw.do")}
      go={(amount) => act({ ...draw(t, party, amount), done: () => setTyped("") })}
      disabled={!limit.found}
    >
      {amount ? <Quoted party={party} amount={amount} /> : <p className="muted">{t("draw.about")}</p>}
    </AmountForm>
  );
}

function Quoted({ party, amount }: { party: number; amount: bigint }) {
  const { t } = useTranslation("credit");
  const asked = useDeferredValue(amount);
  const quote = useChain(["quote", party, String(asked)], (reader) => verdict(quoteOf(reader, party, asked)));
  if (!quote.data) return <p className="muted">{t("draw.asking")}</p>;
  if (quote.data.failure) return <FailureText failure={quote.data.failure} />;
  const { fee, net, annualRateBps, interestPerDay, payDay } = quote.data.found;
  return (
    <Figures
      of={[
        [t("figure.net"), money(net), t("draw.netWhy", { amount: money(asked), fee: money(fee) })],
        [t("figure.rate"), percent(annualRateBps)],
        [t("figure.perDay"), money(interestPerDay)],
        [t("figure.payBy"), dateOfDay(payDay)],
      ]}
    />
  );
}

interface RepayProps {
  party: number;
  total: bigint;
  billed: bigint;
  /** What the service said is owed. */
  said: LineOwed | undefined;
}

export function RepayForm({ party, total, billed, said }: RepayProps) {
  const { t } = useTranslation("credit");
  const act = useAct();
  const [typed, setTyped] = useState("");
  const amount = fenOf(typed);
  const choices: (readonly [string, bigint])[] = [[t("repay.all"), total]];
  if (billed > 0n && billed < total) choices.unshift([t("repay.billed"), billed]);
  return (
    <AmountForm
      title={t("repay.title")}
      label={t("repay.amount")}
      typed={typed}
      change={setTyped}
      choices={choices}
      button={t("repay.do")}
      go={(amount) => act({ ...repay(t, party, amount, said), done: () => setTyped("") })}
      disabled={total === 0n}
    >
      {amount && total > 0n ? (
        <Parted party={party} amount={amount < total ? amount : total} />
      ) : (
        <p className="muted">{t("repay.about")}</p>
      )}
    </AmountForm>
  );
}

function Parted({ party, amount }: { party: number; amount: bigint }) {
  const { t } = useTranslation("credit");
  const line = useChain(["line only", party], (reader) => lineOf(reader, party));
  if (!line.data) return null;
  const to = split(line.data, amount);
  return (
    <Figures
      of={[
        [t("figure.toLate"), money(to.late)],
        [t("figure.toInterest"), money(to.interest)],
        [t("figure.toPrincipal"), money(to.principal)],
        [t("figure.saved"), t("figure.aDay", { amount: money(fenUp(line.data.perDay) - fenUp(to.perDay)) })],
      ]}
    />
  );
}

interface AmountFormProps {
  title: string;
  label: string;
  typed: string;
  change: (typed: string) => void;
  /** Amounts that are often meant. */
  choices: readonly (readonly [string, bigint])[];
  button: string;
  go: (amount: bigint) => void;
  disabled: boolean;
  children: ReactNode;
}

function AmountForm({ title, label, typed, change, choices, button, go, disabled, children }: AmountFormProps) {
  const { t } = useTranslation("credit");
  const id = useId();
  const amount = fenOf(typed);
  const wrong = typed.trim() !== "" && !amount;
  return (
    <form
      className="card stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (amount) go(amount);
      }}
    >
      <h2>{title}</h2>
      <div className="field">
        <label htmlFor={id}>{label}</label>
        <div className="row">
          <input
            id={id}
            className="input figure"
            inputMode="decimal"
            autoComplete="off"
            placeholder="0.00"
            value={typed}
            aria-invalid={wrong}
            aria-describedby={wrong ? `${id}-wrong` : undefined}
            onChange={({ target }) => change(target.value)}
          />
          {choices.map(([name, fen]) => (
            <Button key={name} disabled={disabled || fen === 0n} onClick={() => change(plainYuan(fen))}>
              {name}
            </Button>
          ))}
        </div>
        {wrong && (
          <p id={`${id}-wrong`} role="alert">
            {t("amountWrong")}
          </p>
        )}
      </div>
      {children}
      <div>
        <Button type="primary" htmlType="submit" disabled={disabled || !amount}>
          {button}
        </Button>
      </div>
    </form>
  );
}
