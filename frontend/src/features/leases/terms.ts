/** Terms of a lease as both wallets sign them (EIP-712), and the packet in which the first signature travels. */

import { type Address, type Hex, hashTypedData, isAddress, isHex } from "viem";
import { deployment } from "../../chain/deployment";
import { contract } from "../../chain/suite";
import type { ShownTerms } from "./TermsTable";

/** `throughTenths` of the last tier. */
const ENDLESS = 2 ** 32 - 1;

export const AMOUNTS = ["price", "deposit", "buyOutPrice", "minimum", "cap"] as const;
export const NUMBERS = ["periods", "periodDays", "dueDays", "cureDays", "lockNoticeDays"] as const;
const OTHERS = ["machine", "lessor", "lessee", "lateRateBps", "deadline"] as const;

type AmountName = (typeof AMOUNTS)[number];
type NumberName = (typeof NUMBERS)[number] | (typeof OTHERS)[number];

/** `IEquipmentLease.Terms`. */
export type Terms = Record<AmountName, bigint> &
  Record<NumberName, number> & {
    tiers: readonly { throughTenths: number; rate: bigint }[];
    rulesHash: Hex;
    documentHash: Hex;
    salt: bigint;
  };

const types = {
  LeaseTerms: [
    { name: "machine", type: "uint32" },
    { name: "lessor", type: "uint32" },
    { name: "lessee", type: "uint32" },
    { name: "price", type: "uint96" },
    { name: "deposit", type: "uint96" },
    { name: "buyOutPrice", type: "uint96" },
    { name: "minimum", type: "uint96" },
    { name: "cap", type: "uint96" },
    { name: "periods", type: "uint16" },
    { name: "periodDays", type: "uint16" },
    { name: "dueDays", type: "uint8" },
    { name: "cureDays", type: "uint8" },
    { name: "lockNoticeDays", type: "uint8" },
    { name: "lateRateBps", type: "uint16" },
    { name: "tiers", type: "Tier[]" },
    { name: "rulesHash", type: "bytes32" },
    { name: "documentHash", type: "bytes32" },
    { name: "salt", type: "uint64" },
    { name: "deadline", type: "uint40" },
  ],
  Tier: [
    { name: "throughTenths", type: "uint32" },
    { name: "rate", type: "uint96" },
  ],
} as const;

/** What a wallet is asked to sign; made here from the terms, never taken from an answer. */
export function typedTerms(terms: Terms) {
  return {
    domain: {
      name: "Heqi EquipmentLease",
      version: "1",
      chainId: deployment.chainId,
      verifyingContract: contract("EquipmentLease").address,
    },
    types,
    primaryType: "LeaseTerms",
    message: terms,
  } as const;
}

export function digestOf(terms: Terms): Hex {
  return hashTypedData(typedTerms(terms));
}

export function shownTerms(terms: Terms): ShownTerms {
  const amounts = Object.fromEntries(AMOUNTS.map((name) => [name, String(terms[name])])) as Record<AmountName, string>;
  const tiers = terms.tiers.map(({ throughTenths, rate }) => ({
    throughTenths: throughTenths === ENDLESS ? null : throughTenths,
    rate: String(rate),
  }));
  return { ...terms, ...amounts, tiers };
}

/** Tiers with the last one open, as `IEquipmentLease` has them. */
export function tiersOf(tiers: readonly { throughTenths: number | null; rate: bigint }[]): Terms["tiers"] {
  return tiers.map(({ throughTenths, rate }) => ({ throughTenths: throughTenths ?? ENDLESS, rate }));
}

export interface Signed {
  wallet: Address;
  signature: Hex;
}

export type Side = "lessor" | "lessee";

/** What the parties hand to each other. `annex`: the document that `rulesHash` names. */
export interface Packet {
  terms: Terms;
  annex: unknown;
  signed: Partial<Record<Side, Signed>>;
}

export function written({ terms, annex, signed }: Packet): string {
  const plain = (_: string, value: unknown) => (typeof value === "bigint" ? String(value) : value);
  return JSON.stringify({ heqi: "lease-terms-1", terms, annex, signed }, plain, 2);
}

/** Undefined for what is no packet. */
export function read(text: string): Packet | undefined {
  try {
    const given: unknown = JSON.parse(text);
    if (!isRecord(given) || given["heqi"] !== "lease-terms-1" || !isRecord(given["terms"])) return undefined;
    const signed = isRecord(given["signed"]) ? given["signed"] : {};
    return {
      terms: termsFrom(given["terms"]),
      annex: given["annex"],
      signed: { ...signedFrom("lessor", signed["lessor"]), ...signedFrom("lessee", signed["lessee"]) },
    };
  } catch {
    return undefined;
  }
}

function termsFrom(given: Record<string, unknown>): Terms {
  const whole = (value: unknown) => BigInt(String(value));
  const amounts = AMOUNTS.map((name) => [name, whole(given[name])] as const);
  const numbers = [...NUMBERS, ...OTHERS].map((name) => [name, Number(whole(given[name]))] as const);
  if (!Array.isArray(given["tiers"])) throw new Error("no tiers");
  return {
    ...(Object.fromEntries(amounts) as Record<AmountName, bigint>),
    ...(Object.fromEntries(numbers) as Record<NumberName, number>),
    tiers: given["tiers"].map((tier) => ({ throughTenths: Number(tier.throughTenths), rate: whole(tier.rate) })),
    rulesHash: hashFrom(given["rulesHash"]),
    documentHash: hashFrom(given["documentHash"]),
    salt: whole(given["salt"]),
  };
}

function hashFrom(value: unknown): Hex {
  if (!isHex(value) || value.length !== 66) throw new Error("no hash");
  return value;
}

function signedFrom(side: Side, value: unknown): Partial<Record<Side, Signed>> {
  if (!isRecord(value)) return {};
  const { wallet, signature } = value;
  return typeof wallet === "string" && isAddress(wallet) && isHex(signature) ? { [side]: { wallet, signature } } : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
