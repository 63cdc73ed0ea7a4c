/** Arguments and state of the contracts by the name they have there: what they mean, how they read, how one types them. */

import { dateOfDay, fenOf, plainYuan } from "../../../ui/format";

export type Kind =
  | "money"
  | "bps"
  | "days"
  | "hours"
  | "count"
  | "bool"
  | "flags"
  | "gates"
  | "roles"
  | "role"
  | "moment"
  | "product"
  | "grade"
  | "party"
  | "text"
  | "hash"
  | "account"
  | "seconds";

const KINDS: Readonly<Record<string, Kind>> = {
  limit: "money",
  limitCap: "money",
  lineCap: "money",
  portfolioCap: "money",
  amount: "money",
  credit: "money",
  cover: "money",
  price: "money",
  maxAge: "hours",
  maxReadingAge: "hours",
  basis: "count",
  blockingFlags: "flags",
  gates: "gates",
  roles: "roles",
  roleId: "role",
  executionDelay: "seconds",
  validUntil: "moment",
  product: "product",
  grade: "grade",
  party: "party",
  debtor: "party",
  reason: "text",
  registryReference: "text",
};

/** A named value of a call, with its type in the contract. */
export interface Argument {
  name: string;
  type: string;
  value: unknown;
}

/** What a field is, by its name and, where the name says nothing, by its type. */
export function kindOf(name: string, type = ""): Kind {
  const known = KINDS[name];
  if (known && !(known === "product" && type === "address")) return known;
  if (name.endsWith("Bps")) return "bps";
  if (name.endsWith("Days")) return "days";
  if (type === "bool") return "bool";
  if (type === "address") return "account";
  if (type.startsWith("bytes")) return "hash";
  return "count";
}

/** What stands in the input for a value; the inverse of `read`. */
export function typed(kind: Kind, value: bigint | number): string {
  switch (kind) {
    case "money":
      return plainYuan(BigInt(value));
    case "bps":
      return (Number(value) / 100).toFixed(2);
    case "hours":
      return String(Number(value) / 3600);
    case "moment":
      return dateOfDay(Number(value) / 86_400);
    default:
      return String(value);
  }
}

/** The value of an input, in the contract's unit; undefined for what is none. */
export function read(kind: Kind, text: string): bigint | undefined {
  switch (kind) {
    case "money":
    case "bps":
      return fenOf(text);
    case "hours":
      return /^\d{1,5}$/.test(text.trim()) ? BigInt(text.trim()) * 3600n : undefined;
    default:
      return /^\d{1,20}$/.test(text.trim()) ? BigInt(text.trim()) : undefined;
  }
}

export type Struct = Readonly<Record<string, bigint | number | boolean | string>>;
export type Typed = Readonly<Record<string, string | boolean>>;

/** A struct with what was typed in place of its values; undefined while something is no value. */
export function edited<T extends Struct>(present: T, input: Typed): T | undefined {
  const entries: [string, Struct[string]][] = [];
  for (const [name, value] of Object.entries(present)) {
    const given = input[name];
    const next = given === undefined || typeof value === "boolean" ? (given ?? value) : valueFrom(name, value, given);
    if (next === undefined) return undefined;
    entries.push([name, next]);
  }
  return Object.fromEntries(entries) as T;
}

function valueFrom(name: string, value: bigint | number | string, given: string | boolean) {
  const text = String(given);
  if (typeof value === "string") return text || undefined;
  const found = read(kindOf(name), text);
  return typeof value === "bigint" ? found : found === undefined ? undefined : Number(found);
}

/** Terms that are in no respect looser, as `RiskPolicy.tightenTerms` compares them: they act at once. */
export function isTighter(to: Terms, from: Terms): boolean {
  return (
    (from.open || !to.open) &&
    to.advanceBps <= from.advanceBps &&
    to.annualRateBps >= from.annualRateBps &&
    to.feeBps >= from.feeBps &&
    to.limitCap <= from.limitCap &&
    to.maxAge <= from.maxAge &&
    (to.blockingFlags & from.blockingFlags) === from.blockingFlags
  );
}

export interface Terms {
  open: boolean;
  advanceBps: number;
  annualRateBps: number;
  feeBps: number;
  limitCap: bigint;
  maxAge: number;
  blockingFlags: number;
}

/** Day of a moment is enough for validity: the end of that day in Beijing, in seconds. */
export function endOfDay(date: string): number {
  return Date.parse(`${date}T23:59:59+08:00`) / 1000;
}
