/** Connecting a wallet: whatever announced itself (EIP-6963); any chain may connect. */

import { Button } from "antd";
import { Suspense, lazy, useState } from "react";
import { useTranslation } from "react-i18next";
import { useConnection, useDisconnect } from "wagmi";
import { useSession, useSignIn, useSignOut } from "../api/session";
import { FailureText } from "./FailureText";
import { shortHash } from "./format";
import { useFailure } from "./useFailure";

const ConnectDialog = lazy(() => import("./ConnectDialog"));

export function ConnectButton() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const { status, address } = useConnection();
  if (status === "connected") return <ConnectedAs address={address} />;
  return (
    <>
      <Button type="primary" loading={status === "reconnecting"} onClick={() => setOpen(true)}>
        {t("wallet.connect")}
      </Button>
      {open && (
        <Suspense>
          <ConnectDialog close={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

function ConnectedAs({ address }: { address: string }) {
  const { t } = useTranslation();
  const disconnect = useDisconnect();
  const session = useSession();
  const signIn = useSignIn();
  const signOut = useSignOut();
  const signedIn = session.data?.wallet.toLowerCase() === address.toLowerCase();
  const failure = useFailure(signIn.error);
  return (
    <details className="menu">
      <summary title={address}>
        <span className="mono">{shortHash(address)}</span>
        {signedIn && <span className="muted"> · {t("wallet.signedIn")}</span>}
      </summary>
      <div className="menu-items">
        <span className="mono">{address}</span>
        {signedIn ? (
          <Button onClick={() => signOut.mutate()}>{t("wallet.signOut")}</Button>
        ) : (
          <Button loading={signIn.isPending} onClick={() => signIn.mutate()}>
            {t("wallet.signIn")}
          </Button>
        )}
        <Button onClick={() => disconnect.mutate()}>{t("wallet.disconnect")}</Button>
        {failure && <FailureText failure={failure} />}
      </div>
    </details>
  );
}
