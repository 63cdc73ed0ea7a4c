/** Documents and reasons stay on this computer: what the chain keeps of them is a hash, and that is computed here. */

import { type Hex, concat, keccak256, sha256, stringToBytes } from "viem";

export interface Digests {
  name: string;
  sha256: Hex;
  keccak256: Hex;
}

export async function digestsOf(file: File): Promise<Digests> {
  return digests(file.name, new Uint8Array(await file.arrayBuffer()));
}

const digests = (name: string, bytes: Uint8Array): Digests => ({
  name,
  sha256: sha256(bytes),
  keccak256: keccak256(bytes),
});

/** SHA-256 of the document; of several, SHA-256 over their hashes in ascending order, so that no order matters. */
export function documentHash(hashes: readonly Hex[]): Hex {
  const [only, ...others] = hashes;
  if (!only) throw new Error("no document");
  return others.length ? sha256(concat(hashes.toSorted())) : only;
}

/** Which hash of these documents stands on chain, if any does. */
export function matched(documents: readonly Digests[], onChain: string): keyof Omit<Digests, "name"> | undefined {
  for (const algorithm of ["sha256", "keccak256"] as const)
    if (documents.length && documentHash(documents.map((one) => one[algorithm])) === onChain.toLowerCase())
      return algorithm;
  return undefined;
}

/** A reason as it is hashed: mail and messengers change the blanks around it and the ends of its lines, and no more. */
export const plainReason = (text: string) => text.trim().replace(/\r\n?/g, "\n");

/** SHA-256 of the reason in UTF-8. */
export const reasonHash = (text: string): Hex => digestsOfReason(text).sha256;

export const digestsOfReason = (text: string): Digests => digests("", stringToBytes(plainReason(text)));
