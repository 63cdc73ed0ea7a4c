/** Figures of meters and of rent by the hour. Hours on chain are tenths, the device's own are hundredths. */

import type { Tier } from "../../api/schema";
import { grouped } from "../../ui/format";

/** 924 → "92.4" */
export function hoursOfTenths(tenths: number): string {
  return `${grouped(Math.floor(tenths / 10))}.${tenths % 10}`;
}

/** 9_245 → "92.45" */
export function hoursOfHundredths(hundredths: number): string {
  return `${grouped(Math.floor(hundredths / 100))}.${String(hundredths % 100).padStart(2, "0")}`;
}

/** Price of that many tenths of hours since delivery, in fen, rounded down once; as `Rent.usageDown`. */
export function usageOf(tiers: readonly Tier[], tenths: number): bigint {
  let sum = 0n;
  let from = 0;
  for (const { throughTenths, rate } of tiers) {
    const through = Math.min(tenths, throughTenths ?? tenths);
    if (through > from) sum += BigInt(through - from) * BigInt(rate);
    from = Math.max(from, through);
  }
  return sum / 10n;
}

/** The tier in which the next tenth of an hour is priced. */
export function tierAt(tiers: readonly Tier[], tenths: number): Tier {
  return tiers.find(({ throughTenths }) => throughTenths === null || tenths < throughTenths) ?? tiers.at(-1)!;
}

/** Fen for an hour on average over `tenths`, rounded down; undefined before the first tenth. */
export function perHour(fen: bigint, tenths: number): bigint | undefined {
  return tenths > 0 ? (fen * 10n) / BigInt(tenths) : undefined;
}

export interface CurvePoint {
  tenths: number;
  /** What an hour has cost on average when it stands there, in fen. */
  average: bigint;
  /** What the next hour costs, in fen. */
  next: bigint;
}

const POINTS = 60;

/** Rent by the hour over the hours since delivery: past the last step of the tiers, and past where the machine stands. */
export function curveOf(tiers: readonly Tier[], standing: number): CurvePoint[] {
  const steps = tiers.flatMap(({ throughTenths }) => (throughTenths === null ? [] : [throughTenths]));
  const end = Math.max(standing, ...steps, 1_000) * 1.4;
  const spread = Array.from({ length: POINTS }, (_, at) => Math.ceil((end * (at + 1)) / POINTS));
  const places = [...new Set([10, ...steps, ...spread])].toSorted((a, b) => a - b);
  return places.map((tenths) => ({
    tenths,
    average: perHour(usageOf(tiers, tenths), tenths)!,
    next: BigInt(tierAt(tiers, tenths).rate),
  }));
}
