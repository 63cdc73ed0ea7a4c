/** What happened to a receivable, with the transactions in which it did. */

import type { Happening } from "../../api/schema";
import { dateOfDay, money, time } from "../../ui/format";
import { BlockLink, TransactionLink } from "../../ui/links";
import { type Column, Table } from "../../ui/Table";
import { type Words, useWords } from "./words";

/** `label`: what it is the history of. */
export function Timeline({ label, of }: { label: string; of: readonly Happening[] }) {
  const t = useWords();
  const shown: Column<Happening>[] = [
    { title: t("receivables:event.when"), show: ({ at }) => (at ? time(at) : "–"), plain: ({ at }) => at ?? "" },
    {
      title: t("receivables:event.what"),
      show: (one) => (
        <>
          {nameOf(t, one.event)} <span className="muted">{detailsOf(t, one)}</span>
        </>
      ),
      plain: (one) => `${nameOf(t, one.event)} ${detailsOf(t, one)}`.trim(),
    },
    {
      title: t("common:send.block"),
      numeric: true,
      show: ({ block }) => <BlockLink block={block} />,
      plain: ({ block }) => block,
    },
    {
      title: t("common:send.transaction"),
      show: ({ transactionHash }) => <TransactionLink hash={transactionHash} />,
      plain: ({ transactionHash }) => transactionHash,
    },
  ];
  return (
    <Table
      label={label}
      columns={shown}
      rows={of}
      rowKey={({ block, logIndex }) => `${block}-${logIndex}`}
      file="receivable-events"
    />
  );
}

const EVENTS = [
  "ReceivableRegistered",
  "ReceivableConfirmed",
  "ReceivableRejected",
  "ReceivableCancelled",
  "ReceivableSplit",
  "ReceivablePassedOn",
  "ReceivableRecovered",
  "ReceivableDetached",
  "ReceivableDisputed",
  "DisputeEnded",
  "CreditNoteIssued",
  "ReceivablePledged",
  "ReceivableReleased",
  "ReceivableSettled",
  "ProceedsClaimed",
  "ProceedsCredited",
  "RegistrationRecorded",
  "ReceivableFinanced",
  "FinancingPaid",
  "FinancingClosed",
  "FinancingOverdue",
  "NoticeGiven",
  "FinancingDefaulted",
  "FinancingWrittenOff",
] as const;

function nameOf(t: Words, event: string): string {
  const known = EVENTS.find((name) => name === event);
  return known ? t(`receivables:event.${known}`) : event;
}

const AMOUNTS = ["amount", "net", "principal", "loss", "outstanding"] as const;

/** The figure that tells most: an amount, the parts, the parties, or a day. */
function detailsOf(t: Words, { event, arguments: found }: Happening): string {
  if (event === "ReceivableSplit" && Array.isArray(found["faces"]))
    return found["faces"].map((face) => money(String(face))).join(" + ");
  if (event === "ReceivablePassedOn")
    return `${t("common:party", { party: String(found["from"]) })} → ${t("common:party", { party: String(found["to"]) })}`;
  if (event === "ReceivableRegistered") return ofRegistration(found["registration"]);
  if (event === "NoticeGiven") return dateOfDay(Number(found["cureThroughDay"]));
  const name = AMOUNTS.find((one) => typeof found[one] === "string");
  return name ? money(String(found[name])) : "";
}

function ofRegistration(registration: unknown): string {
  if (typeof registration !== "object" || registration === null || !("face" in registration)) return "";
  return money(String(registration.face));
}
