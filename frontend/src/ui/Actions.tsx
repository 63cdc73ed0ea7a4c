/** The one way to send, for all pages; its dialog is loaded when somebody first wants to. */

import { type PropsWithChildren, Suspense, createContext, lazy, use, useState } from "react";
import type { Action } from "../chain/send";

const SendDialog = lazy(() => import("./SendDialog"));

const Open = createContext<(action: Action) => void>(() => {});

/** `act(action)` opens the dialog for it. */
export const useAct = () => use(Open);

export function Actions({ children }: PropsWithChildren) {
  const [action, setAction] = useState<Action>();
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
