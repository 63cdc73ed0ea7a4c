/** The suite this page signs for. It is written into the page from `deployments/`, so that no answer of the API can
 * change where money goes. */

import type { Address, Hash } from "viem";

export interface Deployment {
  chainId: number;
  genesisHash: Hash;
  contracts: Record<string, { address: Address; block: number }>;
  /** Of the local demo's chain alone; other chains are read through the wallet. */
  rpcUrl?: string;
}

const LOCAL_CHAINS: readonly number[] = [417417, 31337];

export const deployment: Deployment = JSON.parse(document.getElementById("deployment")?.textContent || "null") ?? {
  chainId: 0,
  genesisHash: "0x",
  contracts: {},
};

export const isLocalChain = LOCAL_CHAINS.includes(deployment.chainId);

/** Throws for a name that the deployment does not know: nothing is ever sent to a guessed address. */
export function addressOf(contract: string): Address {
  const found = deployment.contracts[contract];
  if (!found) throw new Error(`deployment of chain ${deployment.chainId} has no ${contract}`);
  return found.address;
}

/** The contract at an address, if it is one of the suite. */
export function nameOf(address: string): string | undefined {
  return Object.keys(deployment.contracts).find(
    (name) => deployment.contracts[name]?.address.toLowerCase() === address.toLowerCase(),
  );
}
