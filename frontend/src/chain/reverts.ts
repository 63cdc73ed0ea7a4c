/** What a contract returned when it refused, in the vocabulary of its errors; the same units as `backend/figures.py`. */

import { type Hex, decodeErrorResult } from "viem";
import { dateOfDay, grouped, percent, plainYuan, time } from "../ui/format";
import { type NextStep, nextSteps } from "./next";

export type Bilingual = { zh: string; en: string };
export type Advice = NextStep | "consentAnew" | "signIn" | "later" | "none";

/** A refusal: name of the error, its sentence with the values in it, and what to do. */
export interface Refusal {
  code: string;
  notice: Bilingual;
  detail: string;
  next: Advice;
}

/** An error's name, values and sentence from what the contract returned; undefined when it is none of the suite's. */
export async function decoded(data: Hex): Promise<Refusal | undefined> {
  const { contractErrors } = await import("./errors");
  const selector = data.slice(0, 10);
  const entry = Object.entries(contractErrors).find(([, error]) => error.selector === selector);
  if (!entry) return undefined;
  const [code, error] = entry as [keyof typeof contractErrors, CatalogueError];
  const abi = [{ type: "error", name: code, inputs: error.inputs }] as const;
  const values = [...(decodeErrorResult({ abi, data }).args ?? [])];
  const notice = { zh: filled(error, values, "zh"), en: filled(error, values, "en") };
  return { code, notice, detail: "", next: nextSteps[code] };
}

interface CatalogueInput {
  name: string;
  type: string;
  unit: string;
  members?: readonly Bilingual[];
}

interface CatalogueError {
  selector: string;
  inputs: readonly CatalogueInput[];
  notice: Bilingual;
}

function filled(error: CatalogueError, values: readonly unknown[], language: keyof Bilingual): string {
  return error.inputs.reduce(
    (text, input, at) => text.replaceAll(`{${input.name}}`, figure(input, values[at], language)),
    error.notice[language],
  );
}

/** A value of a contract as people read it. */
export function figure(input: CatalogueInput, value: unknown, language: keyof Bilingual): string {
  if (typeof value !== "bigint" && typeof value !== "number") return String(value);
  switch (input.unit) {
    case "amount":
      return yuan(BigInt(value));
    case "shares":
      return yuan(BigInt(value) / 1_000_000n);
    case "bps":
      return percent(value);
    case "day":
      return dateOfDay(value);
    case "time":
      return time(value);
    case "grade":
      return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[Number(value)] ?? String(value);
    case "enum":
      return input.members?.[Number(value)]?.[language] ?? String(value);
    case "bits":
      return bits(Number(value), input.members ?? [], language);
    default:
      return String(value);
  }
}

function yuan(fen: bigint): string {
  const [whole, cents] = plainYuan(fen).split(".");
  return `${grouped(BigInt(whole!))}.${cents}`;
}

function bits(value: number, names: readonly Bilingual[], language: keyof Bilingual): string {
  const named = names.filter((_, place) => (value >> place) & 1).map((name) => name[language]);
  return named.join(language === "zh" ? "、" : ", ") || String(value);
}
