/** The figures behind an alarm, in units that people read; the same as `backend/telemetry/rules/texts.py`. */

import { useTranslation } from "react-i18next";
import type { leases } from "../../text/zh/leases";
import type { Figure } from "../../ui/Figures";
import { grouped } from "../../ui/format";
import { hoursOfHundredths } from "./meter";

type Known = keyof typeof leases.evidence;

const HOURS: readonly string[] = ["worked", "back", "top", "shown", "ahead", "hours"];
const LITRES: readonly string[] = ["fuel_back", "fuel_top", "fuel_shown", "burnt"];
const RATES: readonly string[] = ["rate", "median", "limit"];
const SHARES: readonly string[] = ["lost", "level", "level_before"];

/** `reason` names the rule, and is said in words. */
export function useEvidence(): (evidence: Record<string, unknown>) => Figure[] {
  const { t, i18n } = useTranslation("leases");
  const nameOf = (name: string) =>
    i18n.exists(`evidence.${name}`, { ns: "leases" }) ? t(`evidence.${name as Known}`) : name;
  return (evidence) =>
    Object.entries(evidence)
      .filter(([name]) => name !== "reason")
      .map(([name, value]) => [nameOf(name), figureOf(name, value)] as const);
}

/** ("outside_dm", 12_340) → "1,234 m" */
export function figureOf(name: string, value: unknown): string {
  if (typeof value !== "number") return typeof value === "object" ? JSON.stringify(value) : String(value);
  if (HOURS.includes(name)) return `${hoursOfHundredths(value)} h`;
  if (LITRES.includes(name)) return `${grouped(Math.floor(value / 10))}.${value % 10} L`;
  if (RATES.includes(name)) return `${(value / 1000).toFixed(1)} L/h`;
  if (SHARES.includes(name)) return `${(value / 10).toFixed(1)}%`;
  if (name === "percent") return `${value}%`;
  if (name.endsWith("_dm")) return `${grouped(Math.floor(value / 10))} m`;
  if (name.endsWith("_s")) return spanOf(value);
  return String(value);
}

function spanOf(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours ? `${grouped(hours)} h ${minutes} min` : `${minutes} min ${seconds % 60} s`;
}
