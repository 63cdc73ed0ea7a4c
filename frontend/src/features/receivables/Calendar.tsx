/** Due days, month by month. */

import { Button, Empty } from "antd";
import { useState } from "react";
import { useMe } from "../../api/me";
import { useApi } from "../../api/query";
import type { Receivable } from "../../api/schema";
import { Tiles } from "../../ui/Figures";
import { Money } from "../../ui/Money";
import { Page } from "../../ui/Page";
import { Shown } from "../../ui/Shown";
import { Table } from "../../ui/Table";
import { Field, Pages, columns } from "./parts";
import { type Month, monthOf, nameOf, shifted, weeksOf } from "./month";
import { useAllReceivables } from "./usePages";
import { useWords } from "./words";

const OPEN = ["Registered", "Confirmed", "Financed", "Disputed", "Settled"] as const;
const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
type Whose = "all" | "held" | "owed";

export default function Calendar() {
  const t = useWords();
  const today = useApi("/v1/status");
  return (
    <Page title={t("receivables:pages.calendar")}>
      <Pages />
      <Shown of={today}>{({ today: { date } }) => <Chosen today={date} />}</Shown>
    </Page>
  );
}

function Chosen({ today }: { today: string }) {
  const t = useWords();
  const me = useMe();
  const [month, setMonth] = useState(monthOf(today));
  const [whose, setWhose] = useState<Whose>("all");
  const weeks = weeksOf(month);
  const shown = weeks.flat().filter((date) => date !== undefined);
  const found = useAllReceivables({
    state: OPEN,
    limit: 200,
    dueFrom: shown[0],
    dueTo: shown.at(-1),
    holder: whose === "held" ? me?.party : undefined,
    debtor: whose === "owed" ? me?.party : undefined,
  });
  const rows = found.data ?? [];
  return (
    <>
      <div className="row">
        <Button onClick={() => setMonth(shifted(month, -1))}>{t("receivables:calendar.before")}</Button>
        <h2 className="month" aria-live="polite">
          {nameOf(month)}
        </h2>
        <Button onClick={() => setMonth(shifted(month, 1))}>{t("receivables:calendar.after")}</Button>
        <Button onClick={() => setMonth(monthOf(today))}>{t("receivables:calendar.today")}</Button>
        <Field label={t("receivables:calendar.whose")}>
          <select value={whose} disabled={!me?.party} onChange={({ target }) => setWhose(whoseOf(target.value))}>
            <option value="all">{t("common:table.all")}</option>
            <option value="held">{t("receivables:calendar.held")}</option>
            <option value="owed">{t("receivables:calendar.owed")}</option>
          </select>
        </Field>
      </div>
      <Shown of={found}>
        {() => (
          <>
            <Grid month={month} weeks={weeks} rows={rows} today={today} />
            <Tiles
              of={[
                [t("receivables:totals.count"), rows.length],
                [t("receivables:face"), <Money fen={sumOf(rows, ({ face }) => face)} />],
                [t("receivables:outstanding"), <Money fen={sumOf(rows, ({ outstanding }) => outstanding)} />],
              ]}
            />
            {rows.length === 0 ? (
              <Empty description={t("receivables:calendar.none")} image={Empty.PRESENTED_IMAGE_SIMPLE} />
            ) : (
              <Table
                label={t("receivables:calendar.list")}
                columns={columns(t)}
                rows={rows.toSorted((one, other) => one.due.day - other.due.day)}
                rowKey={({ id }) => id}
                file={`due-${nameOf(month)}`}
              />
            )}
          </>
        )}
      </Shown>
    </>
  );
}

const whoseOf = (value: string): Whose => (value === "held" || value === "owed" ? value : "all");
const sumOf = (rows: readonly Receivable[], pick: (row: Receivable) => string) =>
  rows.reduce((sum, row) => sum + BigInt(pick(row)), 0n);

interface GridProps {
  month: Month;
  weeks: (string | undefined)[][];
  rows: readonly Receivable[];
  today: string;
}

function Grid({ month, weeks, rows, today }: GridProps) {
  const t = useWords();
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={t("receivables:calendar.grid")}>
      <table className="calendar">
        <caption>{nameOf(month)}</caption>
        <thead>
          <tr>
            {WEEKDAYS.map((day) => (
              <th key={day} scope="col">
                {t(`receivables:calendar.${day}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks.map((week, at) => (
            <tr key={at}>
              {week.map((date, place) => (
                <td key={place} aria-current={date === today ? "date" : undefined}>
                  {date && <Day date={date} due={rows.filter(({ due }) => due.date === date)} />}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Day({ date, due }: { date: string; due: readonly Receivable[] }) {
  const t = useWords();
  return (
    <>
      <time dateTime={date}>{Number(date.slice(8))}</time>
      {due.length > 0 && (
        <div className="due">
          {t("receivables:calendar.count", { count: due.length })}
          <Money fen={sumOf(due, ({ face }) => face)} />
        </div>
      )}
    </>
  );
}
