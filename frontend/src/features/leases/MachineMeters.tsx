/** What the machine measured: on chain, signed, and as its device shows it over time. */

import type { EChartsOption } from "echarts";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { usePages } from "../../api/pages";
import { useApi } from "../../api/query";
import type { MachineDetail, ReportedReading, Series, Telemetry } from "../../api/schema";
import { Chart } from "../../ui/Chart";
import { Figures } from "../../ui/Figures";
import { Listed } from "../../ui/Listed";
import { Shown } from "../../ui/Shown";
import { type Column, Table } from "../../ui/Table";
import { grouped, onAxis, time } from "../../ui/format";
import { TransactionLink } from "../../ui/links";
import { Private } from "./Private";
import { usePrivate } from "./live";
import { hoursOfHundredths, hoursOfTenths } from "./meter";
import { secondsOf } from "./times";

const WEEK_S = 7 * 86_400;
const POINTS = 200;

export function MachineMeters({ machine: { machine } }: { machine: MachineDetail }) {
  const { t } = useTranslation("leases");
  const readings = usePages("/v1/machines/{machine}/readings", { machine });
  const telemetry = usePrivate("/v1/machines/{machine}/telemetry", { machine });
  return (
    <div className="stack">
      <section>
        <h2>{t("meters.onChain")}</h2>
        <p>{t("meters.onChainWhy")}</p>
        <Listed of={readings}>{(rows) => <Readings rows={rows} machine={machine} />}</Listed>
      </section>
      <section>
        <h2>{t("meters.live")}</h2>
        <Private of={telemetry}>{(found) => <LiveMeters telemetry={found} />}</Private>
      </section>
    </div>
  );
}

function Readings({ rows, machine }: { rows: readonly ReportedReading[]; machine: number }) {
  const { t } = useTranslation("leases");
  const columns: Column<ReportedReading>[] = [
    { title: t("meters.at"), show: ({ at }) => (at ? time(at) : "–"), plain: ({ at }) => at ?? "" },
    {
      title: t("meters.hours"),
      show: ({ tenths }) => hoursOfTenths(tenths),
      plain: ({ tenths }) => hoursOfTenths(tenths),
      numeric: true,
    },
    { title: t("meters.litres"), show: ({ litres }) => grouped(litres), plain: ({ litres }) => litres, numeric: true },
    {
      title: t("meters.reportedAt"),
      show: ({ reportedAt }) => (reportedAt ? time(reportedAt) : "–"),
      plain: ({ reportedAt }) => reportedAt ?? "",
    },
    { title: t("meters.round"), show: ({ round }) => round, plain: ({ round }) => round, numeric: true },
    {
      title: t("account.transaction"),
      show: ({ transactionHash }) => <TransactionLink hash={transactionHash} />,
      plain: ({ transactionHash }) => transactionHash,
    },
  ];
  return (
    <Table
      label={t("meters.onChain")}
      columns={columns}
      rows={rows}
      rowKey={({ round }) => round}
      file={`machine-${machine}-readings`}
    />
  );
}

function LiveMeters({ telemetry }: { telemetry: Telemetry }) {
  const { t } = useTranslation("leases");
  const until = telemetry.at ? secondsOf(telemetry.at) + 1 : 0;
  const window = { machine: telemetry.machine, since: until - WEEK_S, until, points: POINTS };
  const series = useApi("/v1/machines/{machine}/series", window, until > 0);
  const litres = (tenths: number) => t("litres", { litres: `${grouped(Math.floor(tenths / 10))}.${tenths % 10}` });
  return (
    <div className="stack">
      <Figures
        of={[
          [t("meters.metered"), t("hours", { hours: hoursOfHundredths(telemetry.hours) }), t("meters.meteredWhy")],
          [t("meters.sealed"), t("hours", { hours: hoursOfHundredths(telemetry.sealedHours) }), t("meters.sealedWhy")],
          [t("meters.fuelMetered"), litres(telemetry.fuel)],
          [t("meters.fuelSealed"), litres(telemetry.sealedFuel)],
          [t("meters.newest"), telemetry.at ? time(telemetry.at) : "–"],
          [t("meters.heard"), telemetry.heardAt ? time(telemetry.heardAt) : "–", t("meters.heardWhy")],
        ]}
      />
      <Shown of={series} empty={({ items }) => items.length === 0}>
        {(found) => <SeriesChart series={found} />}
      </Shown>
    </div>
  );
}

function SeriesChart({ series }: { series: Series }) {
  const { t } = useTranslation("leases");
  const option = useMemo(() => seriesOption(series, t("meters.hours"), t("meters.level")), [series, t]);
  const first = series.items[0]!;
  const last = series.items.at(-1)!;
  return (
    <>
      <Chart label={t("meters.chart")} option={option} />
      <p>
        {t("meters.chartText", {
          from: first.at ? time(first.at) : "",
          to: last.at ? time(last.at) : "",
          first: hoursOfHundredths(first.hours),
          last: hoursOfHundredths(last.hours),
        })}
      </p>
    </>
  );
}

function seriesOption({ items }: Series, hours: string, level: string): EChartsOption {
  const drawn = items.flatMap((one) => (one.at ? [[onAxis(one.at), one] as const] : []));
  return {
    grid: { left: 60, right: 52, top: 40, bottom: 32 },
    legend: { top: 0 },
    tooltip: { trigger: "axis" },
    xAxis: { type: "time", axisLabel: { formatter: "{MM}-{dd} {HH}:{mm}", hideOverlap: true } },
    yAxis: [
      { type: "value", name: "h", scale: true },
      { type: "value", name: "%", min: 0, max: 100, splitLine: { show: false } },
    ],
    series: [
      { type: "line", name: hours, showSymbol: false, data: drawn.map(([at, { hours }]) => [at, hours / 100]) },
      {
        type: "line",
        name: level,
        showSymbol: false,
        yAxisIndex: 1,
        lineStyle: { type: "dashed" },
        data: drawn.flatMap(([at, { level }]) => (level === null ? [] : [[at, level / 10]])),
      },
    ],
  };
}
