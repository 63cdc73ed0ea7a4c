/** Who holds which office, from the list of changes. */

import { type Hex, toFunctionSelector } from "viem";
import type { SuiteChange } from "../../../api/schema";
import { nameOf } from "../../../chain/deployment";
import { contract, deployed } from "../../../chain/suite";

export interface Holder {
  account: string;
  /** Seconds between scheduling and executing. */
  delay: number;
}

function told(change: SuiteChange, name: string): string {
  return String(change.arguments.find((argument) => argument.name === name)?.value ?? "");
}

/** The newest change of each subject; changes come newest first. */
export function newest(changes: readonly SuiteChange[]): SuiteChange[] {
  return [...new Map(changes.toReversed().map((one) => [one.subject, one])).values()];
}

/** Holders by the number of their office. */
export function holdersOf(changes: readonly SuiteChange[]): Map<string, Holder[]> {
  const found = new Map<string, Holder[]>();
  for (const change of newest(changes)) {
    if (change.event !== "RoleGranted") continue;
    const office = told(change, "roleId");
    found.set(office, [
      ...(found.get(office) ?? []),
      { account: told(change, "account"), delay: Number(told(change, "delay")) },
    ]);
  }
  return found;
}

/** What each office may call, by its number: contract and function. */
export function powersOf(changes: readonly SuiteChange[]): Map<string, { contract: string; functionName: string }[]> {
  const found = new Map<string, { contract: string; functionName: string }[]>();
  for (const change of newest(changes)) {
    const [target, selector, office] = ["target", "selector", "roleId"].map((name) => told(change, name));
    const name = deployed.find((one) => one === nameOf(target!));
    const functionName = name && functionOf(name, selector as Hex);
    if (name && functionName) found.set(office!, [...(found.get(office!) ?? []), { contract: name, functionName }]);
  }
  return found;
}

function functionOf(name: (typeof deployed)[number], selector: Hex): string | undefined {
  for (const item of contract(name).abi)
    if (item.type === "function" && toFunctionSelector(item) === selector) return item.name;
  return undefined;
}
