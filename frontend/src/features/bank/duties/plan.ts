/** A call of the bank's offices as a plan to sign: what it changes, and whether it acts now, is scheduled, or was. */

import { type AbiParameter, type Address, type Hex, type PublicClient, encodeFunctionData, getAbiItem } from "viem";
import { type Call, call } from "../../../chain/call";
import type { Effect, Plan } from "../../../chain/send";
import { contract } from "../../../chain/suite";
import type { Argument } from "./fields";
import { consequencesOf, presentOf } from "./present";
import type { Words } from "./words";

/** `now`: the caller may at once (or not at all, which the contract says); `wait`: its delay is not over. */
export type Step = "now" | "schedule" | "wait" | "execute";

interface Standing {
  step: Step;
  /** Seconds between scheduling and executing. */
  delay: number;
  /** Second from which it may be executed, once scheduled. */
  readyAt: number;
}

export async function planOf(reader: PublicClient, account: Address, duty: Call, words: Words): Promise<Plan> {
  const [effects, standing] = await Promise.all([effectsOf(reader, duty, words), standingOf(reader, account, duty)]);
  if (standing.step === "schedule") {
    const [{ timestamp }, expiration] = await Promise.all([
      reader.getBlock(),
      reader.readContract({ ...contract("Authority"), functionName: "expiration" }),
    ]);
    const readyAt = Number(timestamp) + standing.delay;
    return {
      effects: [...effects, words.scheduling(standing.delay, readyAt, readyAt + expiration)],
      call: call("Authority", "schedule", [duty.address, dataOf(duty), 0]),
    };
  }
  if (standing.step === "now") return { effects: [...effects, words.atOnce()], call: duty };
  return { effects: [...effects, words.executing(standing.readyAt)], call: duty };
}

/** Whoever scheduled it, or the guardian of the role, takes it back. */
export async function cancelOf(reader: PublicClient, caller: Address, duty: Call, words: Words): Promise<Plan> {
  const effects = await effectsOf(reader, duty, words);
  return {
    effects: [...effects, words.cancelling()],
    call: call("Authority", "cancel", [caller, duty.address, dataOf(duty)]),
  };
}

export async function standingOf(reader: PublicClient, account: Address, duty: Call): Promise<Standing> {
  const authority = contract("Authority");
  const data = dataOf(duty);
  const selector = data.slice(0, 10) as Hex;
  const [[immediate, delay], id] = await Promise.all([
    reader.readContract({ ...authority, functionName: "canCall", args: [account, duty.address, selector] }),
    reader.readContract({ ...authority, functionName: "hashOperation", args: [account, duty.address, data] }),
  ]);
  if (immediate || !delay) return { step: "now", delay, readyAt: 0 };
  const [readyAt, { timestamp }] = await Promise.all([
    reader.readContract({ ...authority, functionName: "getSchedule", args: [id] }),
    reader.getBlock(),
  ]);
  const step = !readyAt ? "schedule" : BigInt(readyAt) > timestamp ? "wait" : "execute";
  return { step, delay, readyAt };
}

export function dataOf({ abi, functionName, args }: Call): Hex {
  return encodeFunctionData({ abi, functionName, args });
}

/** What the call is, and every figure of it beside the one in force. */
export async function effectsOf(reader: PublicClient, duty: Call, words: Words): Promise<Effect[]> {
  const [present, consequences] = await Promise.all([presentOf(reader, duty), consequencesOf(reader, duty)]);
  const changes = argumentsOf(duty).map((argument) => words.change(duty, argument, present?.[argument.name]));
  return [words.what(duty), ...changes, ...consequences.map((one) => words.change(duty, one, one.before))];
}

/** Arguments by name, those of a struct one by one. */
export function argumentsOf({ abi, functionName, args }: Call): Argument[] {
  const item = getAbiItem({ abi, name: functionName, args: [...args] });
  if (item?.type !== "function") return [];
  return item.inputs.flatMap((input, at) => flat(input, args[at]));
}

function flat(input: AbiParameter, value: unknown): Argument[] {
  if (!("components" in input)) return [{ name: input.name ?? "", type: input.type, value }];
  const parts = value as Readonly<Record<string, unknown>>;
  return input.components.flatMap((part) => flat(part, parts[part.name ?? ""]));
}
