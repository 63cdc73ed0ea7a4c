/** What I owe, by the day on which it falls due. */

import { Button, Card, Empty } from "antd";
import { useMemo, useState } from "react";
import type { EChartsOption } from "echarts";
import { useMe } from "../../api/me";
import { useApi } from "../../api/query";
import type { Receivable } from "../../api/schema";
import { useAct } from "../../ui/Actions";
import { Chart } from "../../ui/Chart";
import { Tiles } from "../../ui/Figures";
import { Money } from "../../ui/Money";
import { Page } from "../../ui/Page";
import { Shown } from "../../ui/Shown";
import { Table } from "../../ui/Table";
import { plainYuan } from "../../ui/format";
import { Pages, PartyField, columns } from "./parts";
import { settle } from "./payment";
import { useAllReceivables } from "./usePages";
import { type Words, useWords } from "./words";

const OWED = ["Confirmed", "Financed", "Disputed"] as const;
const SOON_DAYS = 30;

export default function Obligations() {
  const t = useWords();
  const me = useMe();
  const mine = me?.roles.includes("core_enterprise") ? me.party : undefined;
  const [chosen, setChosen] = useState<number>();
  const debtor = mine ?? chosen;
  const found = useAllReceivables({ debtor, state: OWED, limit: 200 }, debtor !== undefined);
  const today = useApi("/v1/status").data?.today.day;
  const rows = (found.data ?? []).filter(({ outstanding }) => outstanding !== "0");
  return (
    <Page title={t("receivables:pages.obligations")}>
      <Pages />
      <p>{t("receivables:obligations.intro")}</p>
      {mine === undefined && (
        <PartyField label={t("receivables:debtor")} who="core_enterprise" value={chosen} choose={setChosen} />
      )}
      {debtor !== undefined && (
        <Shown
          of={found}
          empty={() => rows.length === 0}
          whenEmpty={<Empty description={t("receivables:obligations.none")} image={Empty.PRESENTED_IMAGE_SIMPLE} />}
        >
          {() => <Owed rows={rows} today={today} />}
        </Shown>
      )}
    </Page>
  );
}

function Owed({ rows, today }: { rows: readonly Receivable[]; today: number | undefined }) {
  const t = useWords();
  const act = useAct();
  const byDay = useMemo(() => days(rows), [rows]);
  const option = useMemo(() => bars(t, byDay), [t, byDay]);
  const now = today ?? 0;
  const steps = {
    title: t("common:table.actions"),
    show: ({ id }: Receivable) => (
      <Button size="small" onClick={() => act(settle(t, id))}>
        {t("receivables:now.settle")}
      </Button>
    ),
  };
  return (
    <>
      <Tiles
        of={[
          [t("receivables:obligations.total"), <Money fen={sumOf(rows)} />],
          [t("receivables:obligations.overdue"), <Money fen={sumOf(rows.filter(({ due }) => due.day < now))} />],
          [t("receivables:obligations.today"), <Money fen={sumOf(rows.filter(({ due }) => due.day === now))} />],
          [
            t("receivables:obligations.soon", { days: SOON_DAYS }),
            <Money fen={sumOf(rows.filter(({ due }) => due.day >= now && due.day <= now + SOON_DAYS))} />,
          ],
        ]}
      />
      <Card title={<h2>{t("receivables:obligations.byDay")}</h2>}>
        <div className="halves">
          <Table
            label={t("receivables:obligations.byDay")}
            columns={[
              { title: t("receivables:due"), show: ({ date }) => date, plain: ({ date }) => date },
              {
                title: t("receivables:totals.count"),
                numeric: true,
                show: ({ count }) => count,
                plain: ({ count }) => count,
              },
              {
                title: t("receivables:outstanding"),
                numeric: true,
                show: ({ owed }) => <Money fen={owed} />,
                plain: ({ owed }) => plainYuan(owed),
              },
            ]}
            rows={byDay}
            rowKey={({ date }) => date}
            file="obligations-by-day"
          />
          <Chart label={t("receivables:obligations.byDay")} option={option} />
        </div>
      </Card>
      <Table
        label={t("receivables:pages.obligations")}
        columns={[...columns(t), steps]}
        rows={rows.toSorted((one, other) => one.due.day - other.due.day)}
        rowKey={({ id }) => id}
        file="obligations"
      />
    </>
  );
}

const sumOf = (rows: readonly Receivable[]) => rows.reduce((sum, { outstanding }) => sum + BigInt(outstanding), 0n);

interface DayOwed {
  date: string;
  count: number;
  owed: bigint;
}

function days(rows: readonly Receivable[]): readonly DayOwed[] {
  const dates = [...new Set(rows.map(({ due }) => due.date))].toSorted();
  return dates.map((date) => {
    const due = rows.filter((row) => row.due.date === date);
    return { date, count: due.length, owed: sumOf(due) };
  });
}

function bars(t: Words, of: readonly DayOwed[]): EChartsOption {
  return {
    grid: { left: 80, right: 16, top: 16, bottom: 32 },
    tooltip: { trigger: "axis" },
    xAxis: { type: "category", data: of.map(({ date }) => date) },
    yAxis: { type: "value" },
    series: [{ type: "bar", name: t("receivables:outstanding"), data: of.map(({ owed }) => Number(owed) / 100) }],
  };
}
