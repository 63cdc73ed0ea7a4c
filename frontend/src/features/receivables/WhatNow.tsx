/** What the connected wallet can do with a receivable now, each in its own fold. */

import { Alert, Button, Card } from "antd";
import type { PropsWithChildren } from "react";
import { type Me, useMe } from "../../api/me";
import type { Receivable } from "../../api/schema";
import { useWallet } from "../../chain/reader";
import { useAct } from "../../ui/Actions";
import { ConnectButton } from "../../ui/Connect";
import { Recover, useIsReplaced } from "../../ui/Recover";
import { money } from "../../ui/format";
import { withdrawDispute } from "./circulation";
import { factsOf } from "./facts";
import { CreditNoteForm, PassForm, ReasonForm, SettleForm, SplitForm } from "./forms";
import { cancel, confirm } from "./origination";
import { collect, release, repay } from "./payment";
import { useWords } from "./words";
import { InvoiceCheck } from "./InvoiceCheck";

export function WhatNow({ of }: { of: Receivable }) {
  const t = useWords();
  const me = useMe();
  const { account, standing } = useWallet();
  const replaced = useIsReplaced(of.holder);
  const parts = me && standing === "ready" ? possible(of, me, account === of.holder) : [];
  return (
    <Card title={<h2>{t("receivables:now.title")}</h2>}>
      <div className="stack">
        {standing === "disconnected" && (
          <>
            <p>{t("receivables:now.connect")}</p>
            <ConnectButton />
          </>
        )}
        {me && parts.length === 0 && !replaced && <p>{t("receivables:now.nothing")}</p>}
        {me?.frozen && <Alert type="warning" showIcon title={t("receivables:now.frozen")} />}
        <Recover
          of="Receivables"
          id={of.id}
          holder={of.holder}
          title={t("receivables:recover.title", { id: of.id })}
          moved={async (reader) => {
            const { outstanding } = await factsOf(reader, of.id);
            return {
              label: t("receivables:outstanding"),
              value: money(outstanding),
              why: t("receivables:recover.why"),
            };
          }}
        />
        {parts.map((part) => (
          <Step key={part} name={part} of={of} />
        ))}
      </div>
    </Card>
  );
}

type StepName =
  | "confirm"
  | "reject"
  | "cancel"
  | "release"
  | "collect"
  | "split"
  | "pass"
  | "settle"
  | "dispute"
  | "withdraw"
  | "credit"
  | "repay";

/** In the order in which one would want them; the contract has the last word on each. */
function possible(of: Receivable, me: Me, holder: boolean): StepName[] {
  const debtor = me.party === of.debtor;
  const waits = BigInt(of.claimable) > 0n;
  const owed = BigInt(of.outstanding) > 0n;
  const untouched = of.state === "Confirmed" && of.paid === "0";
  const steps: [StepName, boolean][] = [
    ["confirm", debtor && of.state === "Registered"],
    ["reject", debtor && of.state === "Registered"],
    ["cancel", holder && of.state === "Registered"],
    ["collect", of.state === "Financed" && waits],
    ["release", of.state !== "Financed" && waits],
    ["settle", owed && !["Registered", "Split"].includes(of.state)],
    ["split", holder && untouched],
    ["pass", holder && of.state === "Confirmed"],
    ["repay", of.state === "Financed" && holder],
    ["withdraw", debtor && of.state === "Disputed"],
    ["dispute", debtor && of.state === "Confirmed"],
    ["credit", holder && (of.state === "Confirmed" || of.state === "Disputed")],
  ];
  return steps.filter(([, open]) => open).map(([name]) => name);
}

function Step({ name, of }: { name: StepName; of: Receivable }) {
  const t = useWords();
  const act = useAct();
  const button = (action: () => void) => (
    <Button type="primary" onClick={action}>
      {t(`receivables:now.${name}`)}
    </Button>
  );
  switch (name) {
    case "confirm":
      return (
        <Fold name={name} open>
          <InvoiceCheck of={of} />
          {button(() => act(confirm(t, [of])))}
        </Fold>
      );
    case "reject":
    case "dispute":
      return (
        <Fold name={name}>
          <ReasonForm of={of} kind={name} />
        </Fold>
      );
    case "split":
      return (
        <Fold name={name}>
          <SplitForm of={of} />
        </Fold>
      );
    case "pass":
      return (
        <Fold name={name}>
          <PassForm of={of} />
        </Fold>
      );
    case "settle":
      return (
        <Fold name={name}>
          <SettleForm of={of} />
        </Fold>
      );
    case "credit":
      return (
        <Fold name={name}>
          <CreditNoteForm of={of} />
        </Fold>
      );
    case "cancel":
      return <Fold name={name}>{button(() => act(cancel(t, of)))}</Fold>;
    case "withdraw":
      return <Fold name={name}>{button(() => act(withdrawDispute(t, of.id)))}</Fold>;
    case "collect":
      return <Fold name={name}>{button(() => act(collect(t, of.id)))}</Fold>;
    case "release":
      return <Fold name={name}>{button(() => act(release(t, of.id)))}</Fold>;
    case "repay":
      return <Fold name={name}>{button(() => act(repay(t, of.id)))}</Fold>;
  }
}

function Fold({ name, open, children }: PropsWithChildren<{ name: StepName; open?: boolean }>) {
  const t = useWords();
  return (
    <details className="fold" open={open}>
      <summary>{t(`receivables:now.${name}`)}</summary>
      <div className="stack">
        <p className="muted">{t(`receivables:now.${name}Note`)}</p>
        {children}
      </div>
    </details>
  );
}
