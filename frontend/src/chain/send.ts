/** The one way to send: prepare from the chain, show what it will do, sign, follow. */

import { useCallback, useRef, useState } from "react";
import type { Account, Address, Chain, Client, Hash, PublicClient, Transport, WriteContractParameters } from "viem";
import { signTypedData, writeContract } from "viem/actions";
import { useConnectorClient } from "wagmi";
import { type Call, call } from "./call";
import { deployment } from "./deployment";
import { type Failure, failureOf } from "./failures";
import { type Permit, permitFrom, permitOf } from "./permit";
import { useWallet } from "./reader";
import { type ContractName, contract } from "./suite";
import { note } from "./transactions";
import { chain } from "./wagmi";

/** A line of what a signature does, in words and figures. */
export interface Effect {
  label: string;
  value: string;
  /** Money to or from the signer. */
  direction?: "in" | "out";
  /** How the figure comes about. */
  why?: string;
}

export interface Plan {
  effects: readonly Effect[];
  /** What is sent; with `pays`, what is sent once the permit is signed. */
  call: Call | ((permit: Permit) => Call);
  /** Cash that a contract takes from the signer by a permit, or, where it knows none, by an allowance. */
  pays?: { spender: ContractName; amount: bigint; by: "permit" | "allowance" };
}

export interface Action {
  title: string;
  /** Reads the figures to be signed from the chain. What it throws is shown as a failure. */
  prepare: (reader: PublicClient, account: Address) => Promise<Plan>;
  /** After its block. */
  done?: (hash: Hash) => void;
}

export type Phase =
  | { name: "checking" }
  | { name: "ready"; plan: Plan; block: bigint; fee: bigint | undefined }
  | { name: "wallet"; plan: Plan }
  | { name: "sent"; plan: Plan; hash: Hash }
  | { name: "failed"; failure: Failure };

export function useSend(action: Action) {
  const { reader, account } = useWallet();
  const { data: client } = useConnectorClient();
  const [phase, setPhase] = useState<Phase>({ name: "checking" });

  // What began later has the last word: a check that is overtaken, by another or by the signature, shows nothing.
  const turn = useRef(0);
  const signing = useRef(false);
  const inTurn = useCallback(async (run: (show: (phase: Phase) => void) => Promise<void>) => {
    const mine = ++turn.current;
    const show = (phase: Phase) => mine === turn.current && setPhase(phase);
    try {
      await run(show);
      return true;
    } catch (error) {
      show({ name: "failed", failure: await failureOf(error) });
      return false;
    }
  }, []);

  const check = useCallback(async () => {
    if (!reader || !account || signing.current) return;
    await inTurn(async (show) => {
      show({ name: "checking" });
      const block = await reader.getBlockNumber({ cacheTime: 0 });
      const plan = await action.prepare(reader, account);
      show({ name: "ready", plan, block, fee: await feeOf(reader, account, plan) });
    });
    // The action is what the user chose when the dialog opened.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [reader?.uid, account, inTurn]);

  const sign = useCallback(
    async (plan: Plan) => {
      if (!reader || !account || !client) return;
      signing.current = true;
      signing.current = await inTurn(async (show) => {
        show({ name: "wallet", plan });
        const signer = { reader, account, client };
        const hash = await send(signer, await callOf(plan, signer));
        const genesis = deployment.genesisHash;
        note({ hash, title: action.title, account, genesis, sentAt: Date.now(), state: "pending" });
        show({ name: "sent", plan, hash });
      });
    },
    // oxlint-disable-next-line react/exhaustive-deps
    [reader?.uid, account, client, action.title, inTurn],
  );

  return { phase, check, sign };
}

interface Signer {
  reader: PublicClient;
  account: Address;
  client: Client<Transport, Chain, Account>;
}

/** Simulated at once before: what the contract refuses reaches no wallet. */
async function send({ reader, account, client }: Signer, { address, abi, functionName, args }: Call): Promise<Hash> {
  const { request } = await reader.simulateContract({ address, abi, functionName, args, account });
  return writeContract(client, { ...request, chain } as WriteContractParameters);
}

/** The call to send; whatever has to be signed before it is signed here. */
async function callOf({ call, pays }: Plan, signer: Signer): Promise<Call> {
  if (pays?.by === "allowance") await allow(signer, pays.spender, pays.amount);
  if (typeof call !== "function") return call;
  if (!pays) throw new Error("a permit is for a payment");
  const { reader, account, client } = signer;
  const { typed, deadline } = await permitOf(reader, account, pays.spender, pays.amount);
  return call(permitFrom(await signTypedData(client, { account, ...typed }), deadline));
}

async function allow(signer: Signer, spender: ContractName, amount: bigint): Promise<void> {
  const { reader, account } = signer;
  const taker = contract(spender).address;
  const cash = contract("MockCash");
  const allowed = await reader.readContract({ ...cash, functionName: "allowance", args: [account, taker] });
  if (allowed >= amount) return;
  const hash = await send(signer, call("MockCash", "approve", [taker, amount]));
  await reader.waitForTransactionReceipt({ hash });
}

/** Refused as the token itself would refuse it, before a permit is signed for nothing. */
async function requireCash(reader: PublicClient, account: Address, { spender, amount }: NonNullable<Plan["pays"]>) {
  const args = [contract(spender).address, amount] as const;
  await reader.simulateContract({ ...contract("MockCash"), functionName: "transfer", args, account });
}

/** What the network will take for it, in wei; refusals of the contract surface here, before anybody signs. */
async function feeOf(reader: PublicClient, account: Address, plan: Plan): Promise<bigint | undefined> {
  if (plan.pays) await requireCash(reader, account, plan.pays);
  if (typeof plan.call === "function" || plan.pays) return undefined;
  const { address, abi, functionName, args } = plan.call;
  await reader.simulateContract({ address, abi, functionName, args, account });
  const [gas, price] = await Promise.all([
    reader.estimateContractGas({ address, abi, functionName, args, account }),
    reader.getGasPrice(),
  ]);
  return gas * price;
}
