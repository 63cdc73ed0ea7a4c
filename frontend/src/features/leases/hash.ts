/** Documents stay on this machine: only their hash goes anywhere. */

import { type Hex, keccak256, sha256, stringToBytes } from "viem";

export function hashOfText(text: string): Hex {
  return sha256(stringToBytes(text));
}

/** The hash that names an annex in the terms of a lease: keccak-256 of its JSON with sorted keys and no spaces. */
export function hashOfAnnex(annex: unknown): Hex {
  return keccak256(stringToBytes(canonical(annex)));
}

export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(",")}}`;
}
