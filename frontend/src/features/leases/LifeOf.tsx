/** Where a lease is between signature and end, and on the way that arrears take. */

import { Alert, Steps } from "antd";
import { useTranslation } from "react-i18next";
import type { LeaseDetail } from "../../api/schema";
import { dateOfDay, money, time } from "../../ui/format";
import type { LeaseStatus } from "./links";
import { saleOf } from "./steps";

const ENDED: readonly LeaseStatus[] = ["Sold", "Returned", "BoughtOut", "Cancelled"];
const DAYS_FROM_OBJECTION = 15;

export function LifeOf({ lease }: { lease: LeaseDetail }) {
  const { t } = useTranslation("leases");
  const status = lease.today.status;
  const ended = ENDED.includes(status);
  const paid = lease.timeline.find(({ event }) => event === "DepositPaid");
  const items = [
    { title: t("life.signed"), content: lease.signedAt && time(lease.signedAt) },
    { title: t("life.deposit"), content: paid?.at && time(paid.at) },
    { title: t("life.delivered"), content: lease.start?.date },
    { title: t("life.running"), content: t("life.period", { period: lease.period, periods: lease.periods }) },
    {
      title: ended ? t(`status.${status}`) : t("life.end"),
      content: ended ? lease.endedAt && time(lease.endedAt) : lease.end?.date,
    },
  ];
  const current = ended ? 4 : lease.start ? 3 : status === "Secured" ? 2 : 1;
  return (
    <section aria-label={t("life.label")} className="stack">
      <Steps
        responsive
        size="small"
        current={current}
        status={ended ? "finish" : BAD.includes(status) ? "error" : "process"}
        items={items}
      />
      <Arrears lease={lease} />
    </section>
  );
}

const BAD: readonly LeaseStatus[] = ["Overdue", "Defaulted", "Accelerated", "Rescinded"];

/** What arrears, notice, lock, dispute and return mean today, with their dates. */
function Arrears({ lease }: { lease: LeaseDetail }) {
  const { t } = useTranslation("leases");
  const status = lease.today.status;
  const offered = saleOf(lease);
  const lockFrom = lease.notice ? dateOfDay(lease.notice.day + lease.lockNoticeDays + 1) : "";
  const told = [
    status === "Overdue" && !lease.notice && t("life.overdue"),
    status === "Overdue" &&
      lease.notice &&
      t("life.noticed", { notice: lease.notice.date, through: lease.cureThrough?.date ?? "", lock: lockFrom }),
    lease.lockedSince && t("life.locked", { since: time(lease.lockedSince) }),
    status === "Defaulted" && t("life.defaulted"),
    status === "Accelerated" && t("life.accelerated"),
    status === "Rescinded" && t("life.rescinded"),
    offered && t("life.offered", { buyer: offered.buyer, price: money(offered.price) }),
    lease.disputed && t("life.disputed"),
    lease.returnDeclared &&
      status !== "Returned" &&
      t("life.returnDeclared", {
        date: lease.returnDeclared.date,
        through: dateOfDay(lease.returnDeclared.day + DAYS_FROM_OBJECTION),
      }),
  ].filter((text) => typeof text === "string");
  return told.map((text) => <Alert key={text} type="warning" showIcon title={text} />);
}
