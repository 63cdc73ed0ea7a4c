/** What happened on chain, the newest first. */

import { useTranslation } from "react-i18next";
import type { LeaseEvent } from "../../api/schema";
import type { leases } from "../../text/zh/leases";
import { type Column, Table } from "../../ui/Table";
import { time } from "../../ui/format";
import { BlockLink, TransactionLink } from "../../ui/links";

type EventName = keyof typeof leases.event;

export function LeaseEvents({ events }: { events: readonly LeaseEvent[] }) {
  const { t, i18n } = useTranslation("leases");
  const nameOf = ({ event }: LeaseEvent) =>
    i18n.exists(`event.${event}`, { ns: "leases" }) ? t(`event.${event as EventName}`) : event;
  const columns: Column<LeaseEvent>[] = [
    { title: t("account.at"), show: ({ at }) => (at ? time(at) : "–"), plain: ({ at }) => at ?? "" },
    { title: t("account.what"), show: nameOf, plain: nameOf },
    {
      title: t("events.name"),
      show: ({ event }) => <span className="mono">{event}</span>,
      plain: ({ event }) => event,
    },
    { title: t("events.block"), show: ({ block }) => <BlockLink block={block} />, plain: ({ block }) => block },
    {
      title: t("account.transaction"),
      show: ({ transactionHash }) => <TransactionLink hash={transactionHash} />,
      plain: ({ transactionHash }) => transactionHash,
    },
  ];
  return (
    <Table
      label={t("tab.events")}
      columns={columns}
      rows={events.toReversed()}
      rowKey={({ block, logIndex }) => `${block}-${logIndex}`}
      file="lease-events"
    />
  );
}
