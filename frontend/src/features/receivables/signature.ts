/** Confirmations by signature (EIP-712): binding as soon as somebody brings them to the chain. */

import { type Address, type Hex, isAddress, isHex } from "viem";
import { signTypedData } from "viem/actions";
import { addressOf, deployment } from "../../chain/deployment";
import type { Confirmation } from "./facts";
import type { Signer } from "./fingerprint";
import type { SignedConfirmation } from "./origination";

/** Seconds for which a signed confirmation can be brought to the chain. */
export const GOOD_FOR_S = 7n * 86_400n;

const types = {
  Confirmation: [
    { name: "id", type: "uint256" },
    { name: "debtor", type: "uint32" },
    { name: "creditor", type: "uint32" },
    { name: "face", type: "uint96" },
    { name: "dueDay", type: "uint32" },
    { name: "currency", type: "uint16" },
    { name: "fingerprint", type: "bytes32" },
    { name: "deadline", type: "uint256" },
  ],
} as const;

export async function signConfirmation(
  client: Signer,
  confirmation: Confirmation,
  debtor: number,
  deadline: bigint,
): Promise<SignedConfirmation> {
  const signature = await signTypedData(client, {
    account: client.account,
    domain: {
      name: "Heqi Receivables",
      version: "1",
      chainId: deployment.chainId,
      verifyingContract: addressOf("Receivables"),
    },
    types,
    primaryType: "Confirmation",
    message: { ...confirmation, debtor, deadline },
  });
  return { confirmation, signer: client.account.address, deadline, signature };
}

/** As text that one can send; numbers as decimal strings. */
export function written(signed: SignedConfirmation): string {
  return JSON.stringify(signed, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value), 2);
}

/** Undefined for what is no signed confirmation. */
export function readSigned(text: string): SignedConfirmation | undefined {
  try {
    const { confirmation, signer, deadline, signature } = JSON.parse(text) as Record<string, unknown>;
    if (typeof signer !== "string" || !isAddress(signer) || !isHex(signature) || !isRecord(confirmation))
      return undefined;
    const fingerprint = confirmation["fingerprint"];
    if (!isHex(fingerprint)) return undefined;
    return {
      confirmation: {
        id: BigInt(String(confirmation["id"])),
        creditor: number(confirmation["creditor"]),
        face: BigInt(String(confirmation["face"])),
        dueDay: number(confirmation["dueDay"]),
        currency: number(confirmation["currency"]),
        fingerprint,
      },
      signer: signer satisfies Address,
      deadline: BigInt(String(deadline)),
      signature: signature satisfies Hex,
    };
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function number(value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw new Error("no number");
  return value;
}
