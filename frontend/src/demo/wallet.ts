/** The demo's wallet: signs with the local chain's unlocked accounts, holds no key itself, and is in no other build. */

import { useSyncExternalStore } from "react";
import type { Address, EIP1193RequestFn } from "viem";
import { deployment } from "../chain/deployment";

export interface Person {
  account: Address;
  zh: string;
  en: string;
}

/** The people of the demo, written into the page with the deployment. */
export const people: readonly Person[] = (deployment as { people?: Person[] }).people ?? [];

const KEPT = "heqi.demo.account";
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Ccircle cx='4' cy='4' r='4' fill='%23a33'/%3E%3C/svg%3E";

let chosen: Address | undefined = people.find(({ account }) => account === localStorage.getItem(KEPT))?.account;
const listeners = new Map<string, Set<(value: unknown) => void>>();

const watchers = new Set<() => void>();

/** Whom the demo wallet acts as. */
export function useDemoAccount(): Address | undefined {
  return useSyncExternalStore(
    (watch) => {
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
    () => chosen,
  );
}

/** Act as somebody else: the page hears it as it hears it from any wallet. */
export function actAs(account: Address): void {
  chosen = account;
  localStorage.setItem(KEPT, account);
  for (const listen of listeners.get("accountsChanged") ?? []) listen([account]);
  for (const watch of watchers) watch();
}

export async function node(method: string, params: unknown = []): Promise<unknown> {
  const answer = await fetch(deployment.rpcUrl!, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const { result, error } = await answer.json();
  if (error) throw Object.assign(new Error(error.message), { code: error.code, data: error.data });
  return result;
}

const request = (async ({ method, params }: { method: string; params?: unknown }) => {
  switch (method) {
    case "eth_accounts":
      return chosen ? [chosen] : [];
    case "eth_requestAccounts":
      return [chosen ?? people[0]!.account];
    case "wallet_requestPermissions":
      return [{ parentCapability: "eth_accounts", caveats: [] }];
    case "wallet_revokePermissions":
      return null;
    case "eth_chainId":
      return `0x${deployment.chainId.toString(16)}`;
    case "wallet_switchEthereumChain":
    case "wallet_addEthereumChain":
      return null;
    default:
      return node(method, params);
  }
}) as EIP1193RequestFn;

const provider = {
  request,
  on: (event: string, listen: (value: unknown) => void) => {
    if (!listeners.has(event)) listeners.set(event, new Set());
    listeners.get(event)!.add(listen);
  },
  removeListener: (event: string, listen: (value: unknown) => void) => void listeners.get(event)?.delete(listen),
};

/** Announce it as any wallet extension does (EIP-6963). */
export function announce(): void {
  const info = {
    uuid: "6a1f6b0e-3d0c-4c8f-9a25-2f6d3f6b4170",
    name: "Heqi demo wallet 演示钱包",
    icon: ICON,
    rdns: "demo.heqi",
  };
  const tell = () =>
    window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: Object.freeze({ info, provider }) }));
  window.addEventListener("eip6963:requestProvider", tell);
  tell();
}
