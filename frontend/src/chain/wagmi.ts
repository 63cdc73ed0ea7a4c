/** Wallets: whatever announces itself by EIP-6963. Reads go through the connected wallet, so that what is signed does
 * not depend on anything the API says; the page asks no other site. */

import { type Chain, createClient, custom, defineChain, http } from "viem";
import { createConfig, createStorage } from "wagmi";
import { sepolia } from "wagmi/chains";
import { deployment, isLocalChain } from "./deployment";

const local = defineChain({
  id: deployment.chainId,
  name: `Heqi ${deployment.chainId}`,
  nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
  rpcUrls: { default: { http: [deployment.rpcUrl ?? "http://127.0.0.1:8545"] } },
});

export const chain: Chain = deployment.chainId === sepolia.id ? sepolia : local;

const throughWalletOnly = custom({
  request: () => Promise.reject(new Error("this chain is read through the connected wallet")),
});

export const config = createConfig({
  chains: [chain],
  multiInjectedProviderDiscovery: true,
  storage: createStorage({ storage: window.localStorage, key: "heqi" }),
  client: ({ chain }) =>
    createClient({ chain, transport: isLocalChain && deployment.rpcUrl ? http(deployment.rpcUrl) : throughWalletOnly }),
});

declare module "wagmi" {
  interface Register {
    config: typeof config;
  }
}
