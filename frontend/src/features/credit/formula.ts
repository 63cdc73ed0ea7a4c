/** Formulas of the API in the signs of arithmetic, and what their figures are counted in. */

import { dateOfDay, grouped, money, percent } from "../../ui/format";

export function readable(formula: string): string {
  return formula
    .replaceAll("**", "^")
    .replaceAll("//", "÷")
    .replaceAll("*", "×")
    .replaceAll("10_000", "10,000")
    .replaceAll("1_000_000", "1,000,000")
    .replaceAll("2_000", "2,000");
}

const COUNTS = new Set(["limit_code", "units_per_yuan", "arrears", "pd_ppm"]);

/** A figure by its name's ending: `_bps`, `_days`, `_day`, a count, else an amount in fen. */
export function shownFigure(name: string, value: string): string {
  if (name.endsWith("_bps")) return percent(Number(value));
  if (name.endsWith("_day")) return dateOfDay(Number(value));
  if (name.startsWith("days_") || name.endsWith("_days") || COUNTS.has(name)) return grouped(BigInt(value));
  return money(value);
}
