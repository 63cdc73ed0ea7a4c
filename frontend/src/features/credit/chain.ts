/** What the pages of a credit line read from the chain. */

import type { PublicClient } from "viem";
import type { LineOwed } from "../../api/schema";
import { type Failure, FiguresDiffer, failureOf } from "../../chain/failures";
import { useChain } from "../../chain/reader";
import { contract } from "../../chain/suite";
import { money } from "../../ui/format";

/** Order of `ICreditLine.LineStatus`. */
export const STATUSES = ["None", "Open", "Delinquent", "Defaulted", "WrittenOff", "Closed", "Recovered"] as const;
export type Status = (typeof STATUSES)[number];

/** Numbers of `ICreditOracle.Purpose`. */
export const PURPOSES = { Scoring: 0, Training: 1 } as const;
export type Purpose = keyof typeof PURPOSES;

export const lineOf = (reader: PublicClient, party: number) =>
  reader.readContract({ ...contract("CreditLine"), functionName: "lineOf", args: [party] });

export const owedOf = (reader: PublicClient, party: number, blockNumber?: bigint) =>
  reader.readContract({
    ...contract("CreditLine"),
    functionName: "owedOf",
    args: [party],
    ...(blockNumber === undefined ? {} : { blockNumber }),
  });

export const limitOf = (reader: PublicClient, party: number) =>
  reader.readContract({ ...contract("CreditLine"), functionName: "limitOf", args: [party] });

export const quoteOf = (reader: PublicClient, party: number, amount: bigint) =>
  reader.readContract({ ...contract("CreditLine"), functionName: "quote", args: [party, amount] });

export const consentOf = (reader: PublicClient, party: number, purpose: Purpose) =>
  reader.readContract({
    ...contract("CreditOracle"),
    functionName: "consentOf",
    args: [party, PURPOSES[purpose]],
  });

export type ChainLine = Awaited<ReturnType<typeof lineOf>>;

/** Undefined of a number that the contract does not know. */
export const statusOf = (line: { status: number }): Status => STATUSES[line.status] ?? "None";

export const gradeName = (grade: number) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[grade] ?? String(grade);

/** What the contract said, or why it refused: a refusal is an answer, and is not asked for again. */
export type Verdict<T> = { found: T; failure?: undefined } | { found?: undefined; failure: Failure };

/** The line as of today with what is owed; and its limit, or why nothing can be drawn. */
export function useLine(party: number) {
  return useChain(["line", party], async (reader) => {
    const [line, owed, limit] = await Promise.all([
      lineOf(reader, party),
      owedOf(reader, party),
      verdict(limitOf(reader, party)),
    ]);
    return { line, owed, limit };
  });
}

export async function verdict<T>(asked: Promise<T>): Promise<Verdict<T>> {
  try {
    return { found: await asked };
  } catch (error) {
    return { failure: await failureOf(error) };
  }
}

/** Whether what the service said is owed is what the chain says of the same block. Throws FiguresDiffer. */
export async function requireSame(reader: PublicClient, party: number, said: LineOwed, what: string): Promise<void> {
  const found = await owedOf(reader, party, BigInt(said.block.number));
  for (const part of ["total", "principal", "billed", "overdue"] as const)
    if (BigInt(said[part]) !== found[part]) throw new FiguresDiffer(what, money(said[part]), money(found[part]));
}
