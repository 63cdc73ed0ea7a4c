/** Transactions that this browser sent. They are kept, so that a reload loses none; the chain says what became of them. */

import { useEffect, useSyncExternalStore } from "react";
import type { Hash, PublicClient } from "viem";
import { queries } from "../api/query";
import { type Failure, failureOf } from "./failures";
import { deployment } from "./deployment";
import { useWallet } from "./reader";

export interface Sent {
  hash: Hash;
  title: string;
  account: string;
  /** Of the deployment's chain: another one's transactions are not shown. */
  genesis: string;
  sentAt: number;
  state: "pending" | "confirmed" | "failed" | "replaced" | "cancelled";
  block?: string;
  gas?: string;
  failure?: Failure;
}

const KEPT = "heqi.transactions";
const MOST = 200;
let all: readonly Sent[] = load();
const watchers = new Set<() => void>();

function load(): readonly Sent[] {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "[]");
  } catch {
    return [];
  }
}

function keep(next: readonly Sent[]) {
  all = next.slice(0, MOST);
  localStorage.setItem(KEPT, JSON.stringify(all));
  for (const watch of watchers) watch();
}

export function note(sent: Sent): void {
  keep([sent, ...all.filter((one) => one.hash !== sent.hash)]);
}

function change(hash: Hash, next: Partial<Sent>) {
  keep(all.map((one) => (one.hash === hash ? { ...one, ...next } : one)));
}

/** The newest first. */
export function useTransactions(): readonly Sent[] {
  const sent = useSyncExternalStore(
    (watch) => {
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
    () => all,
  );
  return sent.filter((one) => one.genesis === deployment.genesisHash);
}

const followed = new Set<Hash>();

/** Follows whatever is pending, also from before a reload. */
export function useFollowing(): void {
  const { reader } = useWallet();
  const pending = useTransactions().filter((one) => one.state === "pending");
  useEffect(() => {
    if (!reader) return;
    for (const one of pending.filter(({ hash }) => !followed.has(hash))) {
      followed.add(one.hash);
      void follow(reader, one).finally(() => followed.delete(one.hash));
    }
  });
}

async function follow(reader: PublicClient, sent: Sent): Promise<void> {
  let end: Partial<Sent> = {};
  try {
    const receipt = await reader.waitForTransactionReceipt({
      hash: sent.hash,
      // As long as the page is open; after a reload it is asked again.
      timeout: 0,
      onReplaced: ({ reason }) => {
        if (reason !== "repriced") end = { state: reason };
      },
    });
    const reverted = receipt.status === "reverted" && !end.state;
    end = {
      block: receipt.blockNumber.toString(),
      gas: receipt.gasUsed.toString(),
      state: reverted ? "failed" : "confirmed",
      ...(reverted ? { failure: await whyFailed(reader, sent.hash) } : {}),
      ...end,
    };
  } catch {
    return; // The wallet did not answer: it stays pending, and is asked for again.
  }
  change(sent.hash, end);
  await queries.invalidateQueries();
}

/** The contract's reason, from repeating the call on the block it failed in. */
async function whyFailed(reader: PublicClient, hash: Hash): Promise<Failure> {
  const { from, to, input, value, blockNumber, gas } = await reader.getTransaction({ hash });
  try {
    await reader.call({ account: from, to, data: input, value, blockNumber: blockNumber!, gas });
    return { code: "OutOfGas", notice: undefined, detail: "", next: "gas" };
  } catch (error) {
    return failureOf(error);
  }
}
