/** My leases and all others: who lets what to whom, and how each stands. */

import { Link } from "@tanstack/react-router";
import { Empty } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "../../api/me";
import { usePages } from "../../api/pages";
import type { Lease } from "../../api/schema";
import { Choice } from "../../ui/Choice";
import { Money } from "../../ui/Money";
import { Listed } from "../../ui/Listed";
import { Page } from "../../ui/Page";
import { type Column, Table } from "../../ui/Table";
import { plainYuan } from "../../ui/format";
import { PartyLink } from "../../ui/links";
import { LeaseNav } from "./LeaseNav";
import { LeaseLink, type LeaseStatus, LeaseTag, MachineLink } from "./links";

const STATUSES: readonly LeaseStatus[] = [
  "Signed",
  "Secured",
  "Active",
  "Overdue",
  "Defaulted",
  "Accelerated",
  "Rescinded",
  "Sold",
  "Returned",
  "BoughtOut",
  "Cancelled",
];

export default function LeasesPage() {
  const { t } = useTranslation(["leases", "common"]);
  const me = useMe();
  const [whose, setWhose] = useState<"mine" | "all">("mine");
  const [status, setStatus] = useState<LeaseStatus | "">("");
  const mine = whose === "mine" && !!me?.party;
  const leases = usePages("/v1/leases", { party: mine ? me.party : undefined, status });
  return (
    <Page
      title={t("leases:title")}
      actions={
        <Link className="main-link" to={"/leases/sign" as string}>
          {t("leases:nav.sign")}
        </Link>
      }
    >
      <LeaseNav />
      <p>{t("leases:intro")}</p>
      <div className="row">
        {!!me?.party && (
          <Choice
            label={t("leases:whose")}
            value={whose}
            choose={setWhose}
            of={[
              ["mine", t("leases:mine")],
              ["all", t("leases:everyones")],
            ]}
          />
        )}
        <Choice
          label={t("leases:statusLabel")}
          value={status}
          choose={setStatus}
          of={[["", t("common:table.all")], ...STATUSES.map((one) => [one, t(`leases:status.${one}`)] as const)]}
        />
      </div>
      <Listed of={leases} whenEmpty={<NoLeases mine={mine} />}>
        {(rows) => <LeaseTable leases={rows} />}
      </Listed>
    </Page>
  );
}

function NoLeases({ mine }: { mine: boolean }) {
  const { t } = useTranslation("leases");
  return (
    <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t(mine ? "noneOfMine" : "none")}>
      <Link to={"/leases/sign" as string}>{t("nav.sign")}</Link>
    </Empty>
  );
}

export function LeaseTable({ leases }: { leases: readonly Lease[] }) {
  const { t } = useTranslation(["leases", "common"]);
  const columns: Column<Lease>[] = [
    {
      title: t("leases:column.lease"),
      show: ({ lease }) => <LeaseLink lease={lease} />,
      plain: ({ lease }) => lease,
    },
    {
      title: t("leases:column.machine"),
      show: ({ machine }) => <MachineLink machine={machine} />,
      plain: ({ machine }) => machine,
    },
    {
      title: t("leases:column.status"),
      show: ({ status, disputed }) => <LeaseTag status={status} disputed={disputed} />,
      plain: ({ status }) => t(`leases:status.${status}`),
    },
    {
      title: t("leases:column.lessor"),
      show: ({ lessor }) => <PartyLink party={lessor} />,
      plain: ({ lessor }) => lessor,
    },
    {
      title: t("leases:column.lessee"),
      show: ({ lessee }) => <PartyLink party={lessee} />,
      plain: ({ lessee }) => lessee,
    },
    {
      title: t("leases:column.period"),
      show: ({ period, periods }) => `${period} / ${periods}`,
      plain: ({ period, periods }) => `${period} / ${periods}`,
      numeric: true,
    },
    amount(t("leases:column.charged"), ({ charged }) => charged),
    amount(t("leases:column.paid"), ({ paid }) => paid),
    amount(t("leases:column.overdue"), ({ overdue }) => overdue),
    {
      title: t("leases:column.due"),
      show: ({ due }) => due?.date ?? "–",
      plain: ({ due }) => due?.date ?? "",
    },
    {
      title: t("leases:column.financed"),
      show: ({ financed }) => t(financed ? "common:yes" : "common:no"),
      plain: ({ financed }) => t(financed ? "common:yes" : "common:no"),
    },
  ];
  return (
    <Table label={t("leases:title")} columns={columns} rows={leases} rowKey={({ lease }) => lease} file="leases" />
  );
}

/** A column of amounts; the export has them in yuan. */
export function amount<Row>(title: string, of: (row: Row) => string): Column<Row> {
  return { title, show: (row) => <Money fen={of(row)} />, plain: (row) => plainYuan(BigInt(of(row))), numeric: true };
}
