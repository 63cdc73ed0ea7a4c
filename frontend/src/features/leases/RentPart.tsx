/** Rent since delivery, line by line with its formulas, and what an hour costs as the machine works. */

import type { EChartsOption } from "echarts";
import { Empty, Tag } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "../../api/query";
import type { Lease, RentLine, RentSoFar, Tier, TierCharge } from "../../api/schema";
import { useInLanguage } from "../../text";
import { Chart } from "../../ui/Chart";
import { Tiles } from "../../ui/Figures";
import { Money } from "../../ui/Money";
import { Shown } from "../../ui/Shown";
import { type Column, Table } from "../../ui/Table";
import { grouped, money, plainYuan, time } from "../../ui/format";
import { spanOf } from "./TermsTable";
import { curveOf, hoursOfTenths, perHour, tierAt } from "./meter";
import type { Translate } from "./steps";

const AMOUNTS: readonly string[] = ["fixed", "usage", "most", "total", "not_charged"];

export function RentPart({ lease }: { lease: Lease }) {
  const { t } = useTranslation("leases");
  const rent = useApi("/v1/leases/{lease}/rent", { lease: lease.lease }, !!lease.start);
  if (!lease.start) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("rent.notYet")} />;
  return (
    <Shown of={rent}>
      {(found) => (
        <div className="stack">
          <Tiles
            of={[
              [t("rent.total"), <Money key="total" fen={found.total} />],
              [t("rent.hours"), hoursOfTenths(found.tenths)],
              [t("rent.average"), average(found), t("rent.averageWhy")],
              [t("rent.next"), money(tierAt(lease.tiers, found.tenths).rate), t("rent.nextWhy")],
            ]}
          />
          <p className="muted">
            {t("rent.asOf", { block: found.block.number, at: found.readAt ? time(found.readAt) : "–" })}
          </p>
          <RentLines lines={found.lines} />
          <UnitRent tiers={lease.tiers} standing={found.tenths} />
        </div>
      )}
    </Shown>
  );
}

/** "14 × 26,000": tenths of hours, each at the rate of its tier in fen. */
function chargeOf({ tenths, rate }: TierCharge): string {
  return `${grouped(tenths)} × ${grouped(BigInt(rate))}`;
}

function average({ total, tenths }: RentSoFar): string {
  const found = perHour(BigInt(total), tenths);
  return found === undefined ? "–" : money(found);
}

function RentLines({ lines }: { lines: readonly RentLine[] }) {
  const { t } = useTranslation("leases");
  const inLanguage = useInLanguage();
  const columns: Column<RentLine>[] = [
    {
      title: t("rent.line"),
      show: ({ name, decides }) => (
        <>
          {inLanguage(name)} {decides && <Tag>{t("rent.decides")}</Tag>}
        </>
      ),
      plain: ({ name }) => inLanguage(name),
    },
    {
      title: t("rent.formula"),
      show: ({ formula, inputs, tiers }) => (
        <>
          <span className="mono">{formula}</span>
          <span className="why">
            {Object.entries(inputs)
              .map(([name, value]) => `${name} = ${grouped(BigInt(value))}`)
              .join(" · ")}
            {tiers.length > 0 && ` = ${tiers.map(chargeOf).join(" + ")}`}
          </span>
        </>
      ),
      plain: ({ formula }) => formula,
    },
    {
      title: t("rent.result"),
      show: ({ id, result }) => (AMOUNTS.includes(id) ? <Money fen={result} scale="plain" /> : grouped(BigInt(result))),
      plain: ({ id, result }) => (AMOUNTS.includes(id) ? plainYuan(BigInt(result)) : result),
      numeric: true,
    },
  ];
  return (
    <section>
      <h2>{t("rent.lines")}</h2>
      <p>{t("rent.linesWhy")}</p>
      <Table label={t("rent.lines")} columns={columns} rows={lines} rowKey={({ id }) => id} file="rent" />
    </section>
  );
}

/** The curve, and the same as a table. */
function UnitRent({ tiers, standing }: { tiers: readonly Tier[]; standing: number }) {
  const { t } = useTranslation(["leases", "common"]);
  const option = useMemo(() => curveOption(tiers, standing, t), [tiers, standing, t]);
  const here = tierAt(tiers, standing);
  const columns: Column<Tier>[] = [
    { title: t("leases:rent.tier"), show: (tier) => spanOf(tiers, tiers.indexOf(tier), t) },
    { title: t("leases:rent.rate"), show: ({ rate }) => money(rate), numeric: true },
    {
      title: t("leases:rent.machine"),
      show: (tier) => tier === here && t("leases:rent.here", { hours: hoursOfTenths(standing) }),
    },
  ];
  return (
    <section>
      <h2>{t("leases:rent.curve")}</h2>
      <p>{t("leases:rent.curveWhy")}</p>
      <Chart label={t("leases:rent.curve")} option={option} />
      <Table
        label={t("leases:rent.tiers")}
        columns={columns}
        rows={tiers}
        rowKey={({ throughTenths }) => throughTenths ?? "last"}
      />
    </section>
  );
}

function curveOption(tiers: readonly Tier[], standing: number, t: Translate): EChartsOption {
  const curve = curveOf(tiers, standing);
  const yuan = (fen: bigint) => Number(fen) / 100;
  return {
    grid: { left: 56, right: 24, top: 40, bottom: 44 },
    legend: { top: 0 },
    tooltip: { trigger: "axis" },
    xAxis: { type: "value", max: "dataMax", name: t("leases:rent.hours"), nameLocation: "middle", nameGap: 28 },
    yAxis: { type: "value", scale: true, axisLabel: { formatter: "¥{value}" } },
    series: [
      {
        type: "line",
        name: t("leases:rent.next"),
        step: "end",
        showSymbol: false,
        data: curve.map(({ tenths, next }) => [tenths / 10, yuan(next)]),
        markLine: {
          symbol: "none",
          label: { formatter: t("leases:rent.now") },
          data: [{ xAxis: standing / 10 }],
        },
      },
      {
        type: "line",
        name: t("leases:rent.averageHours"),
        showSymbol: false,
        lineStyle: { type: "dashed" },
        data: curve.map(({ tenths, average }) => [tenths / 10, yuan(average)]),
      },
    ],
  };
}
