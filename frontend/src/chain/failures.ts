/** What went wrong, in the one vocabulary of contracts, API and page: name, values, a sentence, and what to do. */

import { BaseError, type Hex, UserRejectedRequestError, decodeErrorResult } from "viem";
import { ApiProblem } from "../api/client";
import { SignInElsewhere } from "../api/session";
import { dateOfDay, grouped, percent, plainYuan, time } from "../ui/format";
import { type NextStep, nextSteps } from "./next";

export type Bilingual = { zh: string; en: string };
export type Advice = NextStep | "signIn" | "later" | "none";

export interface Failure {
  /** Name of the error; `rejected` when the user said no, `noFunds`, `unanswered`, `signInElsewhere`, `figuresDiffer` and `unknown` are the page's own. */
  code: string;
  /** Sentence in both languages; undefined for the page's own, whose texts are under `send`. */
  notice: Bilingual | undefined;
  detail: string;
  next: Advice;
}

/** A figure that the API told differently than the chain: nothing is signed then. */
export class FiguresDiffer extends Error {
  constructor(
    readonly what: string,
    readonly said: string,
    readonly found: string,
  ) {
    super(`${what}: ${said} ≠ ${found}`);
  }
}

export async function failureOf(error: unknown): Promise<Failure> {
  if (error instanceof ApiProblem) return ofProblem(error);
  if (error instanceof SignInElsewhere) return own("signInElsewhere", "", "operator");
  if (error instanceof FiguresDiffer)
    return own("figuresDiffer", [error.what, error.said, error.found].join("\n"), "operator");
  if (error instanceof BaseError) return ofChain(error);
  return own("unknown", error instanceof Error ? error.message : String(error), "operator");
}

async function ofChain(error: BaseError): Promise<Failure> {
  if (error.walk((one) => one instanceof UserRejectedRequestError || codeOf(one) === 4001))
    return own("rejected", "", "none");
  const data = revertData(error);
  if (data) return (await decoded(data)) ?? own("unknown", data.slice(0, 10), "operator");
  if (/insufficient funds/i.test(error.message)) return own("noFunds", "", "funds");
  if (/timed? ?out|fetch|network|disconnected/i.test(error.message))
    return own("unanswered", error.shortMessage, "later");
  return own("unknown", error.shortMessage, "operator");
}

/** An error's name, values and sentence from what the contract returned; undefined when it is none of the suite's. */
export async function decoded(data: Hex): Promise<Failure | undefined> {
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

/** A value of a contract as people read it; the same units as `backend/figures.py`. */
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

function ofProblem({ problem }: ApiProblem): Failure {
  const next = problem.status === 401 ? "signIn" : problem.status === 429 || problem.status >= 500 ? "later" : "none";
  const known = nextSteps[problem.code as keyof typeof nextSteps];
  return { code: problem.code, notice: problem.notices, detail: problem.detail, next: known ?? next };
}

function own(code: string, detail: string, next: Advice): Failure {
  return { code, notice: undefined, detail, next };
}

/** The revert data that a node sent, wherever viem and the wallet put it. */
function revertData(error: BaseError): Hex | undefined {
  let found: Hex | undefined;
  error.walk((one) => {
    const data = dataIn(one);
    if (data) found = data;
    return !!found;
  });
  return found;
}

function dataIn(error: unknown): Hex | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const fields = error as { raw?: unknown; data?: unknown };
  const nested = (fields.data as { data?: unknown } | undefined)?.data;
  return [fields.raw, fields.data, nested].find(
    (value): value is Hex => typeof value === "string" && /^0x[0-9a-f]{8,}$/i.test(value),
  );
}

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}
