/** Every line there is, as the chain tells everybody; no wallet is needed. */

import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Line } from "../../api/schema";
import { usePages } from "../../api/pages";
import { useApi } from "../../api/query";
import { Choice } from "../../ui/Choice";
import { Money } from "../../ui/Money";
import { Listed } from "../../ui/Listed";
import { Shown } from "../../ui/Shown";
import { type Column, Table } from "../../ui/Table";
import { percent, plainYuan } from "../../ui/format";
import { CreditPage, Section } from "./Frame";
import { Grades } from "./OpenLine";
import { StatusTag } from "./StatusTag";

const FILTERS = ["all", "Open", "Delinquent", "Defaulted", "WrittenOff", "Closed", "Recovered", "frozen"] as const;
type Filter = (typeof FILTERS)[number];

export default function Lines() {
  const { t } = useTranslation(["credit", "common"]);
  const [filter, setFilter] = useState<Filter>("all");
  const status = filter === "all" || filter === "frozen" ? undefined : filter;
  const frozen = filter === "frozen" ? true : undefined;
  const lines = usePages("/v1/lines", { status, frozen });
  const conditions = useApi("/v1/conditions/lines");
  return (
    <CreditPage title={t("lines.title")}>
      <p>{t("lines.about")}</p>
      <div className="row">
        <span aria-hidden="true">{t("figure.status")}</span>
        <Choice
          label={t("figure.status")}
          value={filter}
          choose={setFilter}
          of={FILTERS.map((one) => [one, one === "all" ? t("common:table.all") : t(`status.${one}`)] as const)}
        />
      </div>
      <Listed of={lines} whenEmpty={<p>{t("lines.none")}</p>}>
        {(rows) => <LinesTable rows={rows} />}
      </Listed>
      <Section title={t("grades.title")}>
        <Shown of={conditions}>{({ grades }) => <Grades of={grades} />}</Shown>
      </Section>
    </CreditPage>
  );
}

function LinesTable({ rows }: { rows: readonly Line[] }) {
  const { t } = useTranslation(["credit", "common"]);
  const amount = (title: string, of: (line: Line) => string): Column<Line> => ({
    title,
    numeric: true,
    show: (line) => <Money fen={of(line)} />,
    plain: (line) => plainYuan(BigInt(of(line))),
  });
  const columns: Column<Line>[] = [
    {
      title: t("table.party"),
      show: ({ party }) => <Link to={`/credit/lines/${party}` as string}>{t("common:party", { party })}</Link>,
      plain: ({ party }) => party,
    },
    {
      title: t("figure.status"),
      show: ({ status, frozen }) => <StatusTag status={status} frozen={frozen} />,
      plain: ({ status, frozen }) => t(`status.${status}`) + (frozen ? ` ${t("status.frozen")}` : ""),
    },
    amount(t("figure.limit"), ({ limit }) => limit),
    amount(t("figure.drawn"), ({ drawn }) => drawn),
    {
      title: t("figure.average"),
      numeric: true,
      show: ({ averageRateBps }) => (averageRateBps === null ? "–" : percent(averageRateBps)),
      plain: ({ averageRateBps }) => (averageRateBps === null ? "" : percent(averageRateBps)),
    },
    amount(t("statement.overdue"), ({ overdue }) => overdue),
    { title: t("table.opened"), show: ({ opened }) => opened.date, plain: ({ opened }) => opened.date },
    { title: t("figure.maturity"), show: ({ maturity }) => maturity.date, plain: ({ maturity }) => maturity.date },
  ];
  return <Table label={t("lines.title")} columns={columns} rows={rows} rowKey={({ party }) => party} file="lines" />;
}
