/** The day that the chain is in: a calendar day in Beijing. */

import type { PublicClient } from "viem";

const BEIJING_S = 28_800n;
const DAY_S = 86_400n;

export async function todayOf(reader: PublicClient): Promise<number> {
  return Number(((await reader.getBlock()).timestamp + BEIJING_S) / DAY_S);
}
