/** What to do where private data would be. */

import { Alert, Button, Space } from "antd";
import { useTranslation } from "react-i18next";
import { useSignIn } from "../api/session";
import { useWallet } from "../chain/reader";
import { ConnectButton } from "./Connect";
import { useFailure } from "./useFailure";
import { FailureText } from "./FailureText";

export function SignIn() {
  const { t } = useTranslation();
  const { account } = useWallet();
  const signIn = useSignIn();
  const failure = useFailure(signIn.error);
  return (
    <Alert
      type="info"
      showIcon
      title={t("query.needSignIn")}
      description={
        <Space orientation="vertical">
          <span>{t("wallet.signInWhy")}</span>
          {account ? (
            <Button type="primary" loading={signIn.isPending} onClick={() => signIn.mutate()}>
              {t("wallet.signIn")}
            </Button>
          ) : (
            <ConnectButton />
          )}
          {failure && <FailureText failure={failure} />}
        </Space>
      }
    />
  );
}
