/** Sign-in with Ethereum (EIP-4361) for private data. The message's text is made here from fields that are checked, so
 * that no answer can have a wallet sign anything else. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { useConnection, useSignMessage } from "wagmi";
import { deployment } from "../chain/deployment";
import { ApiProblem, get, post, remove } from "./client";
import { reconnect } from "./live";
import { queries } from "./query";
import type { Session, SignInRequested } from "./schema";

/** Thrown when the API asks for a sign-in to somewhere else than this page. */
export class SignInElsewhere extends Error {}

export function useSession() {
  return useQuery({ queryKey: ["session"], queryFn: present, staleTime: 60_000 });
}

/** Set while this browser may hold a session's cookie, which no script can see: others need not be asked about. */
const KEPT = "heqi.signedIn";

async function present(): Promise<Session | null> {
  if (!localStorage.getItem(KEPT)) return null;
  try {
    return await get("/v1/session");
  } catch (error) {
    if (!(error instanceof ApiProblem && error.problem.status === 401)) throw error;
    localStorage.removeItem(KEPT);
    return null;
  }
}

export function useSignIn() {
  const { address } = useConnection();
  const { mutateAsync: sign } = useSignMessage();
  return useMutation({
    mutationFn: async () => {
      if (!address) throw new Error("no wallet is connected");
      const message = messageOf(await post("/v1/session/nonce", {}), address);
      await post("/v1/session", { message, signature: await sign({ message }) });
      localStorage.setItem(KEPT, "1");
      reconnect();
      await queries.invalidateQueries();
    },
  });
}

/** Private answers are in the page's memory: it starts afresh without them. */
export function useSignOut() {
  return useMutation({
    mutationFn: async () => {
      await remove("/v1/session");
      localStorage.removeItem(KEPT);
      location.reload();
    },
  });
}

export function messageOf(asked: SignInRequested, wallet: string): string {
  const uri = new URL(asked.uri);
  if (asked.domain !== location.host || uri.host !== location.host || asked.chainId !== deployment.chainId)
    throw new SignInElsewhere();
  const fields = [asked.uri, asked.nonce, asked.issuedAt ?? "", asked.expirationTime ?? ""];
  if (!fields.every((field) => /^[\w:/.+-]+$/.test(field))) throw new SignInElsewhere();
  return [
    `${asked.domain} wants you to sign in with your Ethereum account:`,
    wallet,
    "",
    "Sign in to Heqi to see the private data of your party. This costs nothing and moves no money.",
    "",
    `URI: ${asked.uri}`,
    `Version: 1`,
    `Chain ID: ${deployment.chainId}`,
    `Nonce: ${asked.nonce}`,
    `Issued At: ${asked.issuedAt}`,
    `Expiration Time: ${asked.expirationTime}`,
  ].join("\n");
}
