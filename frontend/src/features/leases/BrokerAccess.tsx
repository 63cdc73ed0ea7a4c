/** The device's place at the broker: a password that is shown once. */

import { Alert, Button, Card, Popconfirm } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { post, remove } from "../../api/client";
import { useMe } from "../../api/me";
import { useSession } from "../../api/session";
import type { Credentials, MachineDetail } from "../../api/schema";
import { FailureText } from "../../ui/FailureText";
import { Figures } from "../../ui/Figures";
import { SignIn } from "../../ui/SignIn";
import { download } from "../../ui/csv";
import { Copyable } from "../../ui/links";
import { useFailure } from "../../ui/useFailure";

export function BrokerAccess({ machine: { machine, holder } }: { machine: MachineDetail }) {
  const { t } = useTranslation(["leases", "common"]);
  const me = useMe();
  const session = useSession();
  const [given, setGiven] = useState<Credentials>();
  const [revoked, setRevoked] = useState(false);
  const [error, setError] = useState<unknown>();
  const failure = useFailure(error);
  const ask = async (doing: () => Promise<void>) => {
    setError(undefined);
    try {
      await doing();
    } catch (failed) {
      setError(failed);
    }
  };
  const issue = () =>
    ask(async () => {
      setGiven(await post("/v1/machines/{machine}/credentials", {}, { machine }));
      setRevoked(false);
    });
  const revoke = () =>
    ask(async () => {
      await remove("/v1/machines/{machine}/credentials", { machine });
      setGiven(undefined);
      setRevoked(true);
    });
  return (
    <Card size="small" title={<h3 className="step-title">{t("leases:broker.title")}</h3>}>
      <div className="stack">
        <p className="muted">{t("leases:broker.why")}</p>
        {!me?.party || me.party !== holder ? (
          <p>{t("leases:onboard.bindHolder")}</p>
        ) : session.data === null ? (
          <SignIn />
        ) : (
          <div className="row">
            <Button onClick={() => void issue()}>{t("leases:broker.issue")}</Button>
            <Popconfirm
              title={t("leases:broker.revokeWhy")}
              okText={t("leases:broker.revoke")}
              cancelText={t("common:send.cancel")}
              onConfirm={() => void revoke()}
            >
              <Button danger>{t("leases:broker.revoke")}</Button>
            </Popconfirm>
          </div>
        )}
        {given && <Shown credentials={given} />}
        {revoked && <Alert type="success" showIcon title={t("leases:broker.revoked")} />}
        {failure && (
          <Alert
            type="error"
            showIcon
            title={t("common:send.failed")}
            description={<FailureText failure={failure} />}
          />
        )}
      </div>
    </Card>
  );
}

function Shown({ credentials }: { credentials: Credentials }) {
  const { t } = useTranslation("leases");
  const { machine, url, user, password, certificate, topics } = credentials;
  return (
    <>
      <Alert type="warning" showIcon title={t("broker.once")} />
      <Figures
        of={[
          [
            t("broker.url"),
            <span key="url" className="mono">
              {url}
            </span>,
          ],
          [
            t("broker.user"),
            <span key="user" className="mono">
              {user}
            </span>,
          ],
          [t("broker.password"), <Copyable key="password" text={password} />],
          [t("broker.certificate"), certificate ? t("broker.enclosed") : "–"],
          ...Object.entries(topics).map(
            ([kind, topic]) =>
              [
                kind,
                <span key={kind} className="mono">
                  {topic}
                </span>,
              ] as const,
          ),
        ]}
      />
      <div>
        <Button
          onClick={() =>
            download(`machine-${machine}-broker.json`, JSON.stringify(credentials, null, 2), "application/json")
          }
        >
          {t("broker.save")}
        </Button>
      </div>
    </>
  );
}
