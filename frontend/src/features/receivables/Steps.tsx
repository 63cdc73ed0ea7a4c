/** Where a receivable stands on its way. */

import { Steps as Line } from "antd";
import type { Receivable } from "../../api/schema";
import type { State } from "./facts";
import { useWords } from "./words";

/** The way a claim goes, by where it ends or stands. */
const WAYS: Record<State, readonly State[]> = {
  Registered: ["Registered", "Confirmed", "Financed", "Settled"],
  Confirmed: ["Registered", "Confirmed", "Financed", "Settled"],
  Financed: ["Registered", "Confirmed", "Financed", "Settled"],
  Settled: ["Registered", "Confirmed", "Settled"],
  Disputed: ["Registered", "Confirmed", "Disputed"],
  Split: ["Registered", "Confirmed", "Split"],
  Rejected: ["Registered", "Rejected"],
  Cancelled: ["Registered", "Cancelled"],
};
const STOPS: readonly State[] = ["Rejected", "Disputed"];

export function Steps({ of }: { of: Receivable }) {
  const t = useWords();
  const way =
    of.state === "Settled" && of.financings > 0 ? [...WAYS.Financed.slice(0, 3), "Settled" as const] : WAYS[of.state];
  const current = way.indexOf(of.state);
  return (
    <Line
      size="small"
      current={current}
      status={STOPS.includes(of.state) ? "error" : of.state === "Settled" ? "finish" : "process"}
      items={way.map((state) => ({
        title: t(`receivables:state.${state}`),
        content: t(`receivables:stateNote.${state}`),
      }))}
    />
  );
}
