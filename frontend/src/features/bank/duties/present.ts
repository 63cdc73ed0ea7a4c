/** What is in force now, beside what a call would put in its place. */

import type { Address, PublicClient } from "viem";
import type { Call } from "../../../chain/call";
import { contract } from "../../../chain/suite";
import type { Argument } from "./fields";

type Found = Promise<object | undefined>;

/** By contract and function: the state that the call replaces, by the names of its arguments. */
const PRESENT: Readonly<Record<string, (reader: PublicClient, args: readonly unknown[]) => Found>> = {
  "RiskPolicy.setTerms": terms,
  "RiskPolicy.tightenTerms": terms,
  "Treasury.setLimit": limit,
  "Treasury.cutLimit": limit,
  "Factoring.setFacility": facility,
  "Factoring.closeFacility": facility,
  "CreditLine.setConditions": (reader) =>
    reader.readContract({ ...contract("CreditLine"), functionName: "conditions" }),
  "LeaseFinance.setConditions": (reader) =>
    reader.readContract({ ...contract("LeaseFinance"), functionName: "conditions" }),
  "CreditOracle.setSigners": (reader) => threshold(reader, "CreditOracle"),
  "DeviceOracle.setSigners": (reader) => threshold(reader, "DeviceOracle"),
  "Participants.renew": (reader, [party]) =>
    reader.readContract({ ...contract("Participants"), functionName: "partyData", args: [Number(party)] }),
};

/** Undefined where nothing is replaced. */
export async function presentOf(reader: PublicClient, duty: Call): Promise<Record<string, unknown> | undefined> {
  const found = await PRESENT[`${duty.contract}.${duty.functionName}`]?.(reader, duty.args);
  return found && { ...found };
}

/** What follows from a call that its arguments do not say. */
interface Consequence extends Argument {
  before?: unknown;
}

export async function consequencesOf(reader: PublicClient, { contract: name, functionName, args }: Call) {
  return (await CONSEQUENCES[`${name}.${functionName}`]?.(reader, args)) ?? [];
}

const CONSEQUENCES: Readonly<
  Record<string, (reader: PublicClient, args: readonly unknown[]) => Promise<Consequence[]>>
> = {
  "Treasury.withdrawCover": async (reader, [, amount]) => {
    const { cover } = await reader.readContract({ ...contract("Treasury"), functionName: "book" });
    const left = cover > BigInt(amount as bigint) ? cover - BigInt(amount as bigint) : 0n;
    return [{ name: "cover", type: "uint96", value: left, before: cover }];
  },
  "Participants.rotateWallet": async (reader, [from]) => {
    const args = [from as Address] as const;
    const party = await reader.readContract({ ...contract("Participants"), functionName: "partyOf", args });
    return [{ name: "party", type: "uint32", value: party }];
  },
};

function terms(reader: PublicClient, [product, grade]: readonly unknown[]): Found {
  const args = [Number(product), Number(grade)] as const;
  return reader.readContract({ ...contract("RiskPolicy"), functionName: "termsOf", args });
}

function limit(reader: PublicClient, [party]: readonly unknown[]): Found {
  return reader.readContract({ ...contract("Treasury"), functionName: "accountOf", args: [Number(party)] });
}

async function threshold(reader: PublicClient, oracle: "CreditOracle" | "DeviceOracle"): Found {
  return { threshold_: await reader.readContract({ ...contract(oracle), functionName: "threshold" }) };
}

function facility(reader: PublicClient, [debtor]: readonly unknown[]): Found {
  return reader.readContract({ ...contract("Factoring"), functionName: "facilityOf", args: [Number(debtor)] });
}
