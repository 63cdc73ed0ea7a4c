/** Reading the chain through the connected wallet. */

import { useQuery } from "@tanstack/react-query";
import { type Client, type EIP1193Provider, type PublicClient, createPublicClient, custom } from "viem";
import { useConnection, useConnectorClient } from "wagmi";
import { deployment } from "./deployment";
import { chain } from "./wagmi";

/** How the wallet's chain relates to this page's deployment. `restarted`: same id, another genesis. */
export type Standing = "disconnected" | "checking" | "wrong" | "restarted" | "ready";

export interface Wallet {
  standing: Standing;
  /** Set while `ready`. */
  reader: PublicClient | undefined;
  account: `0x${string}` | undefined;
}

/** The wallet, judged: only one on the deployment's very chain may be read and signed with. */
export function useWallet(): Wallet {
  const connection = useConnection();
  const here = connection.chainId === deployment.chainId;
  const { data: client } = useConnectorClient({ query: { enabled: here } });
  const uid = connection.connector?.uid;
  const reader = uid && client ? readerOf(uid, client) : undefined;
  const genesis = useQuery({
    queryKey: ["chain", "genesis", uid, connection.chainId],
    enabled: here && !!reader,
    // A local chain that was restarted keeps its id.
    refetchInterval: 15_000,
    queryFn: async () => (await reader!.getBlock({ blockNumber: 0n })).hash,
  });
  const standing = standingOf(connection.status, here, genesis.data);
  return { standing, reader: standing === "ready" ? reader : undefined, account: connection.address };
}

const readers = new Map<string, PublicClient>();

/** One reader for each wallet: the client is made anew whenever queries are, and what is being signed must not be. */
function readerOf(connector: string, client: Client): PublicClient {
  const transport = custom(client.transport as Pick<EIP1193Provider, "request">);
  const known = readers.get(connector) ?? createPublicClient({ chain, transport });
  readers.set(connector, known);
  return known;
}

function standingOf(status: string, here: boolean, genesis: string | null | undefined): Standing {
  if (status !== "connected") return status === "disconnected" ? "disconnected" : "checking";
  if (!here) return "wrong";
  if (!genesis) return "checking";
  return genesis === deployment.genesisHash ? "ready" : "restarted";
}

/** A figure from the chain, read through the wallet; read again whenever something happened on chain. */
export function useChain<T>(key: readonly unknown[], read: (reader: PublicClient) => Promise<T>, enabled = true) {
  const { reader, account } = useWallet();
  return useQuery({
    queryKey: ["chain", account, ...key],
    enabled: enabled && !!reader,
    queryFn: () => read(reader!),
  });
}
