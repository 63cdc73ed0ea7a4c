/** Operations of the Authority that wait for their delay, or waited: from the audit's list, decoded here. */

import { type Address, type Hex, decodeFunctionData } from "viem";
import type { SuiteChange } from "../../../api/schema";
import type { Call } from "../../../chain/call";
import { nameOf } from "../../../chain/deployment";
import { contract, deployed } from "../../../chain/suite";

export interface Operation {
  id: string;
  state: "scheduled" | "executed" | "cancelled";
  caller: Address;
  call: Call | undefined;
  /** ISO 8601. */
  scheduledAt: string | null;
  readyAt: string | null;
  endedAt: string | null;
}

/** One per scheduling, the newest first. A change that ends an operation repeats how it was scheduled. */
export function operationsOf(changes: readonly SuiteChange[]): Operation[] {
  const found = new Map<string, Operation>();
  for (const change of changes) {
    const scheduled = change.event === "OperationScheduled" ? change : change.before;
    const told = (name: string) => scheduled?.arguments.find((argument) => argument.name === name)?.value;
    const [operation, nonce] = change.subject.split(":");
    const known = change.operations.find((one) => one.operation === operation && String(one.nonce) === nonce);
    if (!known || found.has(change.subject)) continue;
    found.set(change.subject, {
      id: change.subject,
      state: known.state,
      caller: known.caller.address as Address,
      call: callOf(known.target.address as Address, told("data")),
      scheduledAt: known.scheduledAt,
      readyAt: known.readyAt,
      endedAt: known.endedAt,
    });
  }
  return [...found.values()];
}

/** Undefined for a call to anything but the suite: nobody should sign what the page cannot read. */
export function callOf(target: Address, data: unknown): Call | undefined {
  const name = deployed.find((one) => one === nameOf(target));
  if (!name || typeof data !== "string") return undefined;
  const { address, abi } = contract(name);
  try {
    const { functionName, args } = decodeFunctionData({ abi, data: data as Hex });
    return { contract: name, address, abi: [...abi], functionName, args: args ?? [] };
  } catch {
    return undefined;
  }
}
