import type { Address, PublicClient } from "viem";
import { ROLES, type RoleName } from "../../../api/me";
import { contract } from "../../../chain/suite";

/** Refused as the treasury would refuse it, before an allowance is signed for a payment that cannot follow. */
export async function requireVerified(reader: PublicClient, account: Address, role: RoleName): Promise<void> {
  const args = [account, 1 << ROLES.indexOf(role)] as const;
  await reader.readContract({ ...contract("Participants"), functionName: "requireVerified", args });
}
