/** Permits (ERC-2612): a signature in place of a transaction, for one amount and for twenty minutes. */

import { type Address, type PublicClient, type TypedDataDefinition, parseSignature } from "viem";
import { deployment } from "./deployment";
import { type ContractName, contract } from "./suite";

const GOOD_FOR_S = 1_200n;

export interface Permit {
  deadline: bigint;
  v: number;
  r: `0x${string}`;
  s: `0x${string}`;
}

const types = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
} as const;

/** What a wallet signs so that `spender` may take `amount` of the settlement token, once. */
export async function permitOf(reader: PublicClient, owner: Address, spender: ContractName, amount: bigint) {
  const cash = contract("MockCash");
  const [name, nonce, { timestamp }] = await Promise.all([
    reader.readContract({ ...cash, functionName: "name" }),
    reader.readContract({ ...cash, functionName: "nonces", args: [owner] }),
    reader.getBlock(),
  ]);
  const deadline = timestamp + GOOD_FOR_S;
  const message = { owner, spender: contract(spender).address, value: amount, nonce, deadline };
  const domain = { name, version: "1", chainId: deployment.chainId, verifyingContract: cash.address };
  return { typed: { domain, types, primaryType: "Permit", message } as TypedDataDefinition, deadline };
}

export function permitFrom(signature: `0x${string}`, deadline: bigint): Permit {
  const { r, s, yParity } = parseSignature(signature);
  return { deadline, v: yParity + 27, r, s };
}
