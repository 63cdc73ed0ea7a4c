/** The scale of grades, which is fixed when the policy is deployed: the chain tells the grade of a score, so the lowest
 * score of a grade is looked for. */

import type { PublicClient } from "viem";
import { useChain } from "../../../chain/reader";
import { contract } from "../../../chain/suite";

const LOWEST = 300;
const HIGHEST = 850;

/** Lowest score by grade, the best first; undefined without a wallet to read through. */
export function useFloors(): readonly number[] | undefined {
  return useChain(["floors"], async (reader) => {
    const policy = contract("RiskPolicy");
    const count = await reader.readContract({ ...policy, functionName: "gradeCount" });
    return Promise.all(Array.from({ length: count }, (_, grade) => floorOf(reader, grade)));
  }).data;
}

async function floorOf(reader: PublicClient, grade: number): Promise<number> {
  let [low, high] = [LOWEST, HIGHEST];
  while (low < high) {
    const middle = (low + high) >> 1;
    const args = [middle] as const;
    const found = await reader.readContract({ ...contract("RiskPolicy"), functionName: "gradeOf", args });
    if (found <= grade) high = middle;
    else low = middle + 1;
  }
  return low;
}
