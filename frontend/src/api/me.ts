/** Who the connected wallet is: its party and what that party may do, from the chain's own register. */

import { zeroAddress } from "viem";
import { useChain, useWallet } from "../chain/reader";
import { contract } from "../chain/suite";

export const ROLES = [
  "supplier",
  "core_enterprise",
  "lender",
  "cover_provider",
  "merchant",
  "lessee",
  "manufacturer",
] as const;
export type RoleName = (typeof ROLES)[number];

/** Numbers of the Authority's roles; the administrator's is 0. */
export const OFFICES = {
  admin: 0n,
  risk_officer: 1n,
  risk_manager: 2n,
  compliance: 3n,
  compliance_release: 4n,
  guardian: 5n,
} as const;
export type Office = keyof typeof OFFICES;

export interface Me {
  /** 0: the wallet belongs to no party. */
  party: number;
  roles: readonly RoleName[];
  frozen: boolean;
  /** Seconds. */
  validUntil: number;
  offices: readonly Office[];
}

/** Undefined while asked, and without a wallet on this chain. */
export function useMe(): Me | undefined {
  const { account } = useWallet();
  const found = useChain(["me"], async (reader): Promise<Me> => {
    const wallet = account ?? zeroAddress;
    const parties = contract("Participants");
    const names = Object.keys(OFFICES) as Office[];
    const [party, ...held] = await Promise.all([
      reader.readContract({ ...parties, functionName: "partyOf", args: [wallet] }),
      ...names.map((name) =>
        reader.readContract({ ...contract("Authority"), functionName: "hasRole", args: [OFFICES[name], wallet] }),
      ),
    ]);
    const offices = names.filter((_, at) => held[at]?.[0]);
    if (!party) return { party, roles: [], frozen: false, validUntil: 0, offices };
    const data = await reader.readContract({ ...parties, functionName: "partyData", args: [party] });
    const roles = ROLES.filter((_, bit) => (data.roles >> bit) & 1);
    return { party, roles, frozen: data.frozen, validUntil: data.validUntil, offices };
  });
  return found.data;
}
