/** Which wallet: whatever announced itself (EIP-6963). */

import { Button, Modal } from "antd";
import { useTranslation } from "react-i18next";
import { useConnect, useConnectors } from "wagmi";
import { FailureText } from "./FailureText";
import { useFailure } from "./useFailure";
import { useFocusBack } from "./useFocusBack";

export default function ConnectDialog({ close }: { close: () => void }) {
  const { t } = useTranslation();
  useFocusBack();
  const connectors = useConnectors();
  const connect = useConnect();
  const failure = useFailure(connect.error);
  return (
    <Modal open onCancel={close} footer={null} title={t("wallet.choose")}>
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
