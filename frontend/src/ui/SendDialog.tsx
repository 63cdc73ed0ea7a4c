/** The dialog in which everything is sent: what it does in words and figures, the signature, its fate. */

import { Alert, Button, Modal, Result, Skeleton, Space } from "antd";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useWallet } from "../chain/reader";
import { type Action, type Phase, type Plan, useSend } from "../chain/send";
import { useTransactions } from "../chain/transactions";
import { ConnectButton } from "./Connect";
import { Effects } from "./Effects";
import { FailureText } from "./FailureText";
import { TransactionLink } from "./links";
import { money } from "./format";
import { useFocusBack } from "./useFocusBack";

export default function SendDialog({ action, close }: { action: Action; close: () => void }) {
  const { t } = useTranslation();
  useFocusBack();
  const { standing } = useWallet();
  const { phase, check, sign } = useSend(action);
  useEffect(() => void check(), [check]);
  return (
    <Modal open title={action.title} onCancel={close} footer={null} mask={{ closable: false }} destroyOnHidden>
      <div className="stack" aria-live="polite" data-phase={phase.name}>
        {standing === "ready" ? (
          <PhaseView phase={phase} action={action} check={check} sign={sign} close={close} />
        ) : (
          <Space orientation="vertical">
            {t(standing === "disconnected" ? "send.needWallet" : "send.needChain")}
            <ConnectButton />
          </Space>
        )}
      </div>
    </Modal>
  );
}

interface PhaseProps {
  phase: Phase;
  action: Action;
  check: () => void;
  sign: (plan: Plan) => void;
  close: () => void;
}

function PhaseView({ phase, action, check, sign, close }: PhaseProps) {
  const { t } = useTranslation();
  switch (phase.name) {
    case "checking":
      return (
        <>
          <p>{t("send.check")}</p>
          <Skeleton active title={false} />
        </>
      );
    case "ready":
      return (
        <>
          <p>{t("send.effect")}</p>
          <Effects of={phase.plan.effects} fee={phase.fee} />
          <FirstStep plan={phase.plan} />
          <p className="muted">{t("send.fromChain", { block: phase.block.toString() })}</p>
          <div className="row">
            <Button type="primary" onClick={() => sign(phase.plan)}>
              {t("send.sign")}
            </Button>
            <Button onClick={check}>{t("send.again")}</Button>
            <Button onClick={close}>{t("send.cancel")}</Button>
          </div>
        </>
      );
    case "wallet":
      return (
        <>
          <Effects of={phase.plan.effects} fee={undefined} />
          <FirstStep plan={phase.plan} />
          <Alert type="info" showIcon title={t("send.wallet")} />
        </>
      );
    case "sent":
      return <Fate hash={phase.hash} plan={phase.plan} action={action} close={close} />;
    case "failed":
      return (
        <>
          <Alert type="error" showIcon title={t("send.failed")} description={<FailureText failure={phase.failure} />} />
          <div className="row">
            <Button onClick={check}>{t("send.again")}</Button>
            <Button onClick={close}>{t("send.close")}</Button>
          </div>
        </>
      );
  }
}

function FirstStep({ plan: { pays } }: { plan: Plan }) {
  const { t } = useTranslation();
  if (!pays) return null;
  return <p>{t(pays.by === "permit" ? "send.permit" : "send.approve", { amount: money(pays.amount) })}</p>;
}

type FateProps = { hash: `0x${string}`; plan: Plan; action: Action; close: () => void };

function Fate({ hash, plan, action, close }: FateProps) {
  const { t } = useTranslation();
  const sent = useTransactions().find((one) => one.hash === hash);
  const state = sent?.state ?? "pending";
  const told = useRef(false);
  useEffect(() => {
    if (state !== "confirmed" || told.current) return;
    told.current = true;
    action.done?.(hash);
  }, [state, action, hash]);
  const status = (
    { pending: "info", confirmed: "success", failed: "error", replaced: "warning", cancelled: "warning" } as const
  )[state];
  return (
    <>
      <Result
        status={status}
        title={t(`send.${state}`)}
        subTitle={
          <>
            {t("send.transaction")} <TransactionLink hash={hash} />
            {sent?.block && ` · ${t("send.block")} ${sent.block}`}
          </>
        }
      />
      {sent?.failure && <FailureText failure={sent.failure} />}
      {state === "confirmed" && <Effects of={plan.effects} fee={undefined} />}
      <Button onClick={close}>{t("send.close")}</Button>
    </>
  );
}
