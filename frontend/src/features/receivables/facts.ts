/** What the chain says of a receivable, and of who may be paid or owe. Everything that is signed comes from here. */

import type { Address, PublicClient } from "viem";
import type { Receivable } from "../../api/schema";
import { FiguresDiffer } from "../../chain/failures";
import { addressOf } from "../../chain/deployment";
import { contract } from "../../chain/suite";
import { dateOfDay, money } from "../../ui/format";
import type { Words } from "./words";

/** In the order of `IReceivables.State`. */
export const STATES = [
  "None",
  "Registered",
  "Confirmed",
  "Financed",
  "Disputed",
  "Split",
  "Settled",
  "Rejected",
  "Cancelled",
] as const;
export type State = Receivable["state"];

export interface Facts {
  state: State | "None";
  face: bigint;
  /** Receivable whose settlements this one shares in. */
  pool: bigint;
  tier: number;
  holder: Address;
  debtor: number;
  creditor: number;
  dueDay: number;
  currency: number;
  outstanding: bigint;
  claimable: bigint;
  /** Amount of the whole pool, and what the debtor has paid on it. */
  poolFace: bigint;
  poolPaid: bigint;
}

const receivables = contract("Receivables");

export async function factsOf(reader: PublicClient, id: number): Promise<Facts> {
  const args = [BigInt(id)] as const;
  const [part, pool, claim] = await Promise.all([
    reader.readContract({ ...receivables, functionName: "partOf", args }),
    reader.readContract({ ...receivables, functionName: "poolOf", args }),
    reader.readContract({ ...receivables, functionName: "claimOf", args }),
  ]);
  const root = BigInt(part.root);
  const whole = await reader.readContract({ ...receivables, functionName: "partOf", args: [root] });
  return {
    state: STATES[claim.state] ?? "None",
    face: part.face,
    pool: root,
    tier: part.tier,
    holder: claim.holder,
    debtor: pool.debtor,
    creditor: pool.creditor,
    dueDay: pool.dueDay,
    currency: pool.currency,
    outstanding: claim.outstanding,
    claimable: claim.claimable,
    poolFace: whole.face,
    poolPaid: pool.paid,
  };
}

/** Still owed on the pool, which is what a payment is credited to. */
export const owedOnPool = ({ poolFace, poolPaid }: Facts) => poolFace - poolPaid;

export interface Confirmation {
  id: bigint;
  creditor: number;
  face: bigint;
  dueDay: number;
  currency: number;
  fingerprint: `0x${string}`;
}

/** What a debtor binds itself to, from the chain; throws FiguresDiffer when the page showed something else. */
export async function confirmationOf(reader: PublicClient, shown: Receivable, t: Words): Promise<Confirmation> {
  const fingerprint = shown.fingerprint as `0x${string}`;
  const [facts, registered] = await Promise.all([
    factsOf(reader, shown.id),
    reader.readContract({ ...receivables, functionName: "idOfInvoice", args: [shown.debtor, fingerprint] }),
  ]);
  const { id, creditor, face } = shown;
  requireSame(t, { creditor, face: BigInt(face), dueDay: shown.due.day }, facts);
  if (registered !== BigInt(id))
    throw new FiguresDiffer(t("receivables:fingerprint"), t("receivables:number", { id }), String(registered));
  const { dueDay, currency } = facts;
  return { id: BigInt(id), creditor, face: facts.face, dueDay, currency, fingerprint };
}

type Figures = Pick<Facts, "creditor" | "face" | "dueDay">;

/** Throws FiguresDiffer at the first figure in which what was shown is not what the chain says. */
export function requireSame(t: Words, said: Figures, found: Figures): void {
  const pairs = [
    [t("receivables:creditor"), String(said.creditor), String(found.creditor)],
    [t("receivables:face"), money(said.face), money(found.face)],
    [t("receivables:due"), dateOfDay(said.dueDay), dateOfDay(found.dueDay)],
  ] as const;
  for (const [what, here, there] of pairs) if (here !== there) throw new FiguresDiffer(what, here, there);
}

/** The number of the settlement currency among the admitted ones. */
export async function currencyNumber(reader: PublicClient): Promise<number> {
  const count = await reader.readContract({ ...receivables, functionName: "currencyCount" });
  const cash = addressOf("MockCash").toLowerCase();
  for (let number = 1; number <= count; number++) {
    const token = await reader.readContract({ ...receivables, functionName: "currencyOf", args: [number] });
    if (token.toLowerCase() === cash) return number;
  }
  throw new Error("the settlement token is not admitted");
}

/** Throws FiguresDiffer when the wallet that the page showed does not belong to the party. */
export async function requireWalletOf(reader: PublicClient, party: number, wallet: Address, t: Words): Promise<void> {
  const participants = contract("Participants");
  const found = await reader.readContract({ ...participants, functionName: "partyOf", args: [wallet] });
  if (found !== party) throw new FiguresDiffer(t("receivables:walletOf"), String(party), String(found));
}

export async function balanceOf(reader: PublicClient, wallet: Address): Promise<bigint> {
  return reader.readContract({ ...contract("MockCash"), functionName: "balanceOf", args: [wallet] });
}
