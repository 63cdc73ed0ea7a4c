/** The first-loss cover: paid in by its provider, taken out by the risk manager after a delay. */

import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isAddress } from "viem";
import { useMe } from "../../../api/me";
import { call } from "../../../chain/call";
import { contract } from "../../../chain/suite";
import { useAct } from "../../../ui/Actions";
import { fenOf, money } from "../../../ui/format";
import { useDuty, useOffice } from "../duties/useDuty";
import { AmountForm } from "./AmountForm";
import { requireVerified } from "./verified";

export function CoverForms() {
  const { t } = useTranslation("bank");
  const me = useMe();
  const deposit = useCoverDeposit();
  return (
    <div className="stack">
      <AmountForm
        label={t("treasury.coverDeposit")}
        button={t("treasury.coverDeposit")}
        barred={me?.roles.includes("cover_provider") ? undefined : t("treasury.onlyProviders")}
        act={deposit}
      />
      <CoverWithdrawal />
    </div>
  );
}

function useCoverDeposit() {
  const { t } = useTranslation("bank");
  const act = useAct();
  return (amount: bigint, done: () => void) =>
    act({
      done,
      title: t("treasury.coverDepositTitle"),
      prepare: async (reader, account) => {
        await requireVerified(reader, account, "cover_provider");
        const { cover } = await reader.readContract({ ...contract("Treasury"), functionName: "book" });
        return {
          effects: [
            { label: t("treasury.youPay"), value: money(amount), direction: "out" },
            {
              label: t("treasury.figures.cover"),
              value: `${money(cover)} → ${money(cover + amount)}`,
              why: t("treasury.why.cover"),
            },
          ],
          call: call("Treasury", "depositCover", [amount]),
          pays: { spender: "Treasury", amount, by: "allowance" },
        };
      },
    });
}

function CoverWithdrawal() {
  const { t } = useTranslation("bank");
  const duty = useDuty();
  const mine = useOffice("risk_manager");
  const [typed, setTyped] = useState("");
  const [to, setTo] = useState("");
  const amount = fenOf(typed);
  const whose = t("duty.whose", { office: t("offices.risk_manager") });
  const forget = () => {
    setTyped("");
    setTo("");
  };
  return (
    <form className="row" onSubmit={(event) => event.preventDefault()}>
      <label className="row">
        {t("calls.withdrawCover.name")}
        <input className="input" inputMode="decimal" value={typed} onChange={({ target }) => setTyped(target.value)} />
        <span className="muted">{t("units.yuan")}</span>
      </label>
      <label className="row">
        {t("fields.to")}
        <input className="input wide" value={to} onChange={({ target }) => setTo(target.value.trim())} />
      </label>
      <Button
        disabled={!mine || !amount || !isAddress(to)}
        title={mine ? undefined : whose}
        onClick={() =>
          isAddress(to) && amount && duty(call("Treasury", "withdrawCover", [to, amount]), { done: forget })
        }
      >
        {t("policy.propose")}
      </Button>
      {!mine && <span className="muted">{whose}</span>}
    </form>
  );
}
