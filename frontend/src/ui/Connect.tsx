/** Connecting a wallet: whatever announced itself (EIP-6963); any chain may connect. */

import { Button, Dropdown, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useConnect, useConnection, useConnectors, useDisconnect } from "wagmi";
import { useSession, useSignIn, useSignOut } from "../api/session";
import { FailureText } from "./FailureText";
import { shortHash } from "./format";
import { useFailure } from "./useFailure";

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
      <ConnectDialog open={open} close={() => setOpen(false)} />
    </>
  );
}

function ConnectDialog({ open, close }: { open: boolean; close: () => void }) {
  const { t } = useTranslation();
  const connectors = useConnectors();
  const connect = useConnect();
  const failure = useFailure(connect.error);
  return (
    <Modal open={open} onCancel={close} footer={null} title={t("wallet.choose")}>
      <div className="stack">
        {connectors.length === 0 && <p>{t("wallet.none")}</p>}
        {connectors.map((connector) => (
          <Button
            key={connector.uid}
            size="large"
            block
            loading={connect.isPending}
            icon={connector.icon && <img src={connector.icon} alt="" width={22} height={22} />}
            onClick={() => connect.mutate({ connector }, { onSuccess: close })}
          >
            {connector.name}
          </Button>
        ))}
        {failure && <FailureText failure={failure} />}
      </div>
    </Modal>
  );
}

function ConnectedAs({ address }: { address: string }) {
  const { t } = useTranslation();
  const disconnect = useDisconnect();
  const session = useSession();
  const signIn = useSignIn();
  const signOut = useSignOut();
  const signedIn = session.data?.wallet.toLowerCase() === address.toLowerCase();
  const items = [
    signedIn
      ? { key: "out", label: t("wallet.signOut"), onClick: () => signOut.mutate() }
      : { key: "in", label: t("wallet.signIn"), onClick: () => signIn.mutate() },
    { key: "leave", label: t("wallet.disconnect"), onClick: () => disconnect.mutate() },
  ];
  return (
    <Dropdown menu={{ items }} trigger={["click"]}>
      <Button aria-label={`${t("wallet.address")} ${address}`}>
        <span className="mono">{shortHash(address)}</span>
        {signedIn && <span className="muted">· {t("wallet.signedIn")}</span>}
      </Button>
    </Dropdown>
  );
}
