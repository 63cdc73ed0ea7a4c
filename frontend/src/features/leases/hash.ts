/** Documents stay on this machine: only their hash goes anywhere. */

import { type Hex, keccak256, stringToBytes } from "viem";

export async function hashOfFile(file: Blob): Promise<Hex> {
  return keccak256(new Uint8Array(await file.arrayBuffer()));
}

export function hashOfText(text: string): Hex {
  return keccak256(stringToBytes(text));
}

/** The hash that names a document of whole numbers, texts and lists: of its JSON with sorted keys and no spaces. */
export function hashOfDocument(document: unknown): Hex {
  return hashOfText(canonical(document));
}

export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(",")}}`;
}
