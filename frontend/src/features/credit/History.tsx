/** How limit and debt of a line moved, and what happened to it. */

import { Button } from "antd";
import type { EChartsOption } from "echarts";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Draw, LineDetail, LimitMove, Payment } from "../../api/schema";
import { usePages } from "../../api/pages";
import { useApi } from "../../api/query";
import { Chart } from "../../ui/Chart";
import { Listed } from "../../ui/Listed";
import { Money } from "../../ui/Money";
import { Shown } from "../../ui/Shown";
import { type Column, Table } from "../../ui/Table";
import { TransactionLink } from "../../ui/links";
import { onAxis, percent, plainYuan, time } from "../../ui/format";

interface Happened {
  at: string;
  transactionHash: string;
  what: "draw" | "payment" | "limit";
  amount: string;
  /** Drawn after it; undefined of what leaves that alone. */
  drawn: string | undefined;
  rateBps: number | undefined;
  key: string;
}

export function History({ party }: { party: number }) {
  const line = useApi("/v1/lines/{party}", { party });
  const draws = usePages("/v1/lines/{party}/draws", { party }, { whole: true });
  const payments = usePages("/v1/lines/{party}/payments", { party }, { whole: true });
  const moves = usePages("/v1/lines/{party}/limit/moves", { party }, { whole: true });
  return (
    <Shown of={line}>
      {(found) => (
        <Shown of={draws}>
          {(drawn) => (
            <Shown of={payments}>
              {(paid) => (
                <Shown of={moves}>
                  {(moved) => <Moves line={found} draws={drawn} payments={paid} moves={moved} />}
                </Shown>
              )}
            </Shown>
          )}
        </Shown>
      )}
    </Shown>
  );
}

interface MovesProps {
  line: LineDetail;
  draws: readonly Draw[];
  payments: readonly Payment[];
  moves: readonly LimitMove[];
}

function Moves({ line, draws, payments, moves }: MovesProps) {
  const { t } = useTranslation("credit");
  const [shown, setShown] = useState(10);
  const happened = useMemo(() => happenings(draws, payments, moves), [draws, payments, moves]);
  const option = useMemo(
    () => optionOf(line, happened, moves, t("figure.limit"), t("figure.drawn")),
    [line, happened, moves, t],
  );
  const columns: Column<Happened>[] = [
    { title: t("table.at"), show: ({ at }) => time(at), plain: ({ at }) => time(at) },
    { title: t("table.what"), show: ({ what }) => t(`history.${what}`), plain: ({ what }) => t(`history.${what}`) },
    {
      title: t("table.amount"),
      numeric: true,
      show: ({ what, amount }) =>
        what === "limit" ? <Money fen={amount} /> : <Money fen={amount} direction={what === "draw" ? "in" : "out"} />,
      plain: ({ amount }) => plainYuan(BigInt(amount)),
    },
    {
      title: t("figure.drawnAfter"),
      numeric: true,
      show: ({ drawn }) => (drawn === undefined ? "–" : <Money fen={drawn} />),
      plain: ({ drawn }) => (drawn === undefined ? "" : plainYuan(BigInt(drawn))),
    },
    {
      title: t("figure.rate"),
      numeric: true,
      show: ({ rateBps }) => (rateBps === undefined ? "–" : percent(rateBps)),
      plain: ({ rateBps }) => (rateBps === undefined ? "" : percent(rateBps)),
    },
    {
      title: t("table.transaction"),
      show: ({ transactionHash }) => <TransactionLink hash={transactionHash} />,
      plain: ({ transactionHash }) => transactionHash,
    },
  ];
  if (happened.length === 0) return <p className="muted">{t("history.none")}</p>;
  return (
    <>
      <Chart label={t("history.chart")} option={option} />
      <Table
        label={t("history.title")}
        columns={columns}
        rows={happened.slice(0, shown)}
        rowKey={({ key }) => key}
        file={`line-${line.party}-history`}
      />
      {happened.length > shown && (
        <div className="no-print">
          <Button onClick={() => setShown(happened.length)}>{t("history.all", { rows: happened.length })}</Button>
        </div>
      )}
    </>
  );
}

/** The newest first. */
function happenings(
  draws: readonly Draw[],
  payments: readonly Payment[],
  moves: readonly LimitMove[],
): readonly Happened[] {
  return [
    ...draws.map((one) => ({
      what: "draw" as const,
      at: one.at ?? "",
      transactionHash: one.transactionHash,
      amount: one.amount,
      drawn: one.drawn,
      rateBps: one.annualRateBps,
      key: `draw ${one.block}-${one.logIndex}`,
    })),
    ...payments.map((one) => ({
      what: "payment" as const,
      at: one.at ?? "",
      transactionHash: one.transactionHash,
      amount: String(BigInt(one.late) + BigInt(one.interest) + BigInt(one.principal)),
      drawn: one.drawn,
      rateBps: undefined,
      key: `payment ${one.block}-${one.logIndex}`,
    })),
    ...moves.map((one) => ({
      what: "limit" as const,
      at: one.at ?? "",
      transactionHash: one.transactionHash,
      amount: one.after,
      drawn: undefined,
      rateBps: undefined,
      key: `limit ${one.block}-${one.logIndex}`,
    })),
  ].sort((a, b) => b.at.localeCompare(a.at));
}

type Point = [at: number, yuan: number];

/** Both as steps, from the opening to the last thing that happened. */
function optionOf(
  line: LineDetail,
  happened: readonly Happened[],
  moves: readonly LimitMove[],
  limitName: string,
  drawnName: string,
): EChartsOption {
  const today = onAxis(line.owed.day.date);
  const opened = line.openedAt ? onAxis(line.openedAt) : today;
  const upward = happened.toReversed().flatMap((one) => (one.at ? [{ ...one, at: onAxis(one.at) }] : []));
  const last = Math.max(today, opened, ...upward.map(({ at }) => at));
  const first = moves.at(-1)?.before ?? line.limit;
  const limits: Point[] = [
    [opened, yuan(first)],
    ...upward.filter(({ what }) => what === "limit").map(({ at, amount }): Point => [at, yuan(amount)]),
    [last, yuan(line.limit)],
  ];
  const drawn: Point[] = [
    [opened, 0],
    ...upward.flatMap(({ at, drawn }): Point[] => (drawn === undefined ? [] : [[at, yuan(drawn)]])),
    [last, yuan(line.drawn)],
  ];
  return {
    grid: { left: 72, right: 16, top: 36, bottom: 32 },
    tooltip: { trigger: "axis" },
    legend: { top: 0 },
    xAxis: { type: "time" },
    yAxis: { type: "value" },
    series: [
      { name: limitName, type: "line", step: "end", showSymbol: false, lineStyle: { type: "dashed" }, data: limits },
      { name: drawnName, type: "line", step: "end", showSymbol: false, areaStyle: { opacity: 0.2 }, data: drawn },
    ],
  };
}

/** For drawing alone. */
const yuan = (fen: string) => Number(fen) / 100;

export function Statements({ party }: { party: number }) {
  const { t } = useTranslation("credit");
  const statements = usePages("/v1/lines/{party}/statements", { party });
  return (
    <Listed of={statements} whenEmpty={<p className="muted">{t("statement.none")}</p>}>
      {(rows) => (
        <Table
          label={t("statement.title")}
          rows={rows}
          rowKey={({ number }) => number}
          file={`line-${party}-statements`}
          columns={[
            { title: t("statement.close"), show: ({ close }) => close.date, plain: ({ close }) => close.date },
            {
              title: t("statement.interest"),
              numeric: true,
              show: ({ interest }) => <Money fen={interest} />,
              plain: ({ interest }) => plainYuan(BigInt(interest)),
            },
            {
              title: t("statement.principal"),
              numeric: true,
              show: ({ principal }) => <Money fen={principal} />,
              plain: ({ principal }) => plainYuan(BigInt(principal)),
            },
            {
              title: t("statement.overdue"),
              numeric: true,
              show: ({ overdue }) => <Money fen={overdue} />,
              plain: ({ overdue }) => plainYuan(BigInt(overdue)),
            },
            {
              title: t("figure.payBy"),
              show: ({ due }) => due?.date ?? "–",
              plain: ({ due }) => due?.date ?? "",
            },
            {
              title: t("statement.paid"),
              show: ({ paidAt }) => (paidAt ? time(paidAt) : t("statement.unpaid")),
              plain: ({ paidAt }) => (paidAt ? time(paidAt) : t("statement.unpaid")),
            },
            {
              title: t("table.transaction"),
              show: ({ transactionHash }) => <TransactionLink hash={transactionHash} />,
              plain: ({ transactionHash }) => transactionHash,
            },
          ]}
        />
      )}
    </Listed>
  );
}
