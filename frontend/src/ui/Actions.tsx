/** The one way to send, for all pages; its dialog is loaded once a wallet is connected. */

import { type PropsWithChildren, Suspense, createContext, lazy, use, useEffect, useState } from "react";
import { useConnection } from "wagmi";
import type { Action } from "../chain/send";

const load = () => import("./SendDialog");
const SendDialog = lazy(load);

const Open = createContext<(action: Action) => void>(() => {});

/** `act(action)` opens the dialog for it. */
export const useAct = () => use(Open);

export function Actions({ children }: PropsWithChildren) {
  const [action, setAction] = useState<Action>();
  const { status } = useConnection();
  // What signing needs is here before the service that this page comes from may be gone.
  useEffect(() => {
    if (status === "connected") void Promise.all([load(), import("../chain/errors")]);
  }, [status]);
  return (
    <Open value={setAction}>
      {children}
      {action && (
        <Suspense>
          <SendDialog key={action.title} action={action} close={() => setAction(undefined)} />
        </Suspense>
      )}
    </Open>
  );
}
