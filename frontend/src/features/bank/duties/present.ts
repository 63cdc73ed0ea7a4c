/** What is in force now, beside what a call would put in its place. */

import type { PublicClient } from "viem";
import type { Call } from "../../../chain/call";
import { contract } from "../../../chain/suite";

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
  "Participants.renew": (reader, [party]) =>
    reader.readContract({ ...contract("Participants"), functionName: "partyData", args: [Number(party)] }),
};

/** Undefined where nothing is replaced. */
export async function presentOf(reader: PublicClient, duty: Call): Promise<Record<string, unknown> | undefined> {
  const found = await PRESENT[`${duty.contract}.${duty.functionName}`]?.(reader, duty.args);
  return found && { ...found };
}

function terms(reader: PublicClient, [product, grade]: readonly unknown[]): Found {
  const args = [Number(product), Number(grade)] as const;
  return reader.readContract({ ...contract("RiskPolicy"), functionName: "termsOf", args });
}

function limit(reader: PublicClient, [party]: readonly unknown[]): Found {
  return reader.readContract({ ...contract("Treasury"), functionName: "accountOf", args: [Number(party)] });
}

function facility(reader: PublicClient, [debtor]: readonly unknown[]): Found {
  return reader.readContract({ ...contract("Factoring"), functionName: "facilityOf", args: [Number(debtor)] });
}
