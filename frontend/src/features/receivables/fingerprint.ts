/** The fingerprint of an invoice: the API computes it with the debtor's key, for whoever signs the question. */

import type { Account, Chain, Client, Transport } from "viem";
import { signTypedData } from "viem/actions";
import { post } from "../../api/client";
import type { Invoice } from "../../api/schema";
import { deployment } from "../../chain/deployment";

export type Signer = Client<Transport, Chain, Account>;

const types = {
  FingerprintRequest: [
    { name: "debtor", type: "uint32" },
    { name: "code", type: "string" },
    { name: "number", type: "string" },
    { name: "issueDate", type: "string" },
    { name: "total", type: "string" },
    { name: "currency", type: "string" },
    { name: "issuedAt", type: "uint256" },
  ],
} as const;

/** A signature that costs nothing; `receivable` of the answer is the one already registered for this invoice. */
export async function askFingerprint(client: Signer, debtor: number, invoice: Invoice) {
  // The API counts in seconds of the world, not of the chain.
  const issuedAt = Math.floor(Date.now() / 1000);
  const signature = await signTypedData(client, {
    account: client.account,
    domain: { name: "Heqi API", version: "1", chainId: deployment.chainId },
    types,
    primaryType: "FingerprintRequest",
    message: { debtor, ...invoice, issuedAt: BigInt(issuedAt) },
  });
  return post("/v1/fingerprints", { debtor, invoice, issuedAt, wallet: client.account.address, signature });
}
