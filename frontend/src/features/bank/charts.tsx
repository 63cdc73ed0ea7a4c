/** Charts of the bank's business, each with its figures as a table. */

import type { EChartsOption } from "echarts";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Bucket, DayAmount, ProductFigures, ScoreRecord } from "../../api/schema";
import { useInLanguage, useLanguage } from "../../text";
import { Chart } from "../../ui/Chart";
import { Money } from "../../ui/Money";
import { Table } from "../../ui/Table";
import { dateOfDay, plainYuan, time } from "../../ui/format";

/** Yuan for the axis; figures that are read stand in the table. */
const yuan = (fen: string) => Number(BigInt(fen)) / 100;

export function DisbursedChart({ days }: { days: readonly DayAmount[] }) {
  const { t } = useTranslation("bank");
  const option = useMemo(
    () =>
      bars(
        days.map(({ day }) => dateOfDay(day.day)),
        days.map(({ amount }) => yuan(amount)),
      ),
    [days],
  );
  const paid = days.filter(({ amount }) => amount !== "0").toReversed();
  if (paid.length === 0) return <p className="muted">{t("operations.noneDisbursed")}</p>;
  return (
    <>
      <Chart label={t("figures.disbursedByDay")} option={option} />
      <Table
        label={t("figures.disbursedByDay")}
        file="disbursed"
        rows={paid}
        rowKey={({ day }) => day.day}
        columns={[
          { title: t("columns.day"), show: ({ day }) => dateOfDay(day.day), plain: ({ day }) => dateOfDay(day.day) },
          {
            title: t("columns.amount"),
            show: ({ amount }) => <Money fen={amount} />,
            plain: ({ amount }) => plainYuan(BigInt(amount)),
            numeric: true,
          },
        ]}
      />
    </>
  );
}

export function OutstandingChart({ products }: { products: readonly ProductFigures[] }) {
  const { t } = useTranslation("bank");
  const inLanguage = useInLanguage();
  const language = useLanguage();
  const option = useMemo(
    () =>
      bars(
        products.map(({ name }) => name[language]),
        products.map(({ outstanding }) => yuan(outstanding)),
      ),
    [products, language],
  );
  return (
    <>
      {products.some(({ outstanding }) => outstanding !== "0") && (
        <Chart label={t("operations.outstandingByProduct")} option={option} />
      )}
      <Table
        label={t("operations.outstandingByProduct")}
        rows={products}
        rowKey={({ product }) => product}
        columns={[
          { title: t("columns.product"), show: ({ name }) => inLanguage(name) },
          { title: t("columns.outstanding"), show: ({ outstanding }) => <Money fen={outstanding} />, numeric: true },
          {
            title: t("figures.nonPerforming"),
            show: ({ nonPerforming }) => <Money fen={nonPerforming} />,
            numeric: true,
          },
        ]}
      />
    </>
  );
}

export function OverdueChart({ buckets }: { buckets: readonly Bucket[] }) {
  const { t } = useTranslation("bank");
  const inLanguage = useInLanguage();
  const language = useLanguage();
  const option = useMemo(
    () =>
      bars(
        buckets.map(({ name }) => name[language]),
        buckets.map(({ amount }) => yuan(amount)),
      ),
    [buckets, language],
  );
  return (
    <>
      {buckets.some(({ amount }) => amount !== "0") && <Chart label={t("operations.overdue")} option={option} />}
      <Table
        label={t("operations.overdue")}
        file="overdue"
        rows={buckets}
        rowKey={({ bucket }) => bucket}
        columns={[
          { title: t("columns.bucket"), show: ({ name }) => inLanguage(name), plain: ({ bucket }) => bucket },
          {
            title: t("columns.outstanding"),
            show: ({ amount }) => <Money fen={amount} />,
            plain: ({ amount }) => plainYuan(BigInt(amount)),
            numeric: true,
          },
          { title: t("columns.loans"), show: ({ loans }) => loans, plain: ({ loans }) => loans, numeric: true },
        ]}
      />
    </>
  );
}

/** Accepted scores over time; the table beside it has the others too. */
export function ScoreChart({ records }: { records: readonly ScoreRecord[] }) {
  const { t } = useTranslation("bank");
  const option = useMemo((): EChartsOption => {
    const accepted = records.filter(({ outcome }) => outcome === "accepted").toReversed();
    return {
      grid: GRID,
      tooltip: { trigger: "axis" },
      xAxis: { type: "category", data: accepted.map(({ issuedAt }) => (issuedAt ? time(issuedAt) : "")) },
      yAxis: { type: "value", min: 300, max: 850 },
      series: [{ type: "line", step: "end", data: accepted.map(({ value }) => value) }],
    };
  }, [records]);
  return <Chart label={t("customer.scores")} option={option} />;
}

const GRID = { left: 72, right: 16, top: 16, bottom: 28 };

function bars(names: readonly string[], values: readonly number[]): EChartsOption {
  return {
    grid: GRID,
    tooltip: { trigger: "axis" },
    xAxis: { type: "category", data: [...names] },
    yAxis: { type: "value" },
    series: [{ type: "bar", data: [...values], barMaxWidth: 40 }],
  };
}
