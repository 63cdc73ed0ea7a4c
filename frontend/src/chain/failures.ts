/** What went wrong, in the one vocabulary of contracts, API and page: name, values, a sentence, and what to do. */

import { BaseError, type Hex, UserRejectedRequestError } from "viem";
import { ApiProblem } from "../api/client";
import { SignInElsewhere } from "../api/session";
import { nextSteps } from "./next";
import { type Advice, type Bilingual, decoded } from "./reverts";

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

/** What to do about a refusal that is the service's alone. */
const OWN_STEPS: Readonly<Record<string, Advice>> = { ConsentNeeded: "consentAnew" };

function ofProblem({ problem }: ApiProblem): Failure {
  const next = problem.status === 401 ? "signIn" : problem.status === 429 || problem.status >= 500 ? "later" : "none";
  const known = nextSteps[problem.code as keyof typeof nextSteps] ?? OWN_STEPS[problem.code];
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
