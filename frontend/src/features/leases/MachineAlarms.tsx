/** Alarms with their evidence in words and figures, and the answers people give; and what the chain was told of them. */

import { Alert, Button, Card, Input, Modal, Tag } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import { queries } from "../../api/query";
import type { AlarmChange, MachineAlarm, MachineDetail } from "../../api/schema";
import { useInLanguage } from "../../text";
import { Choice } from "../../ui/Choice";
import { FailureText } from "../../ui/FailureText";
import { Figures } from "../../ui/Figures";
import { More } from "../../ui/More";
import { type Column, Table } from "../../ui/Table";
import { time } from "../../ui/format";
import { PartyLink, TransactionLink } from "../../ui/links";
import { useFailure } from "../../ui/useFailure";
import { Private } from "./Private";
import { useEvidence } from "./evidence";
import { usePrivatePages } from "./live";

const SPANS = ["1", "8", "24", "72", "168"] as const;
const HOUR_S = 3_600;

const COLOURS: Record<string, string> = { warn: "warning", major: "error", critical: "error" };

type Answering = { alarm: MachineAlarm; how: "acknowledge" | "shelve" };

export function MachineAlarms({ machine }: { machine: MachineDetail }) {
  const { t } = useTranslation("leases");
  const alarms = usePrivatePages("/v1/machines/{machine}/alarms", { machine: machine.machine });
  const [answering, setAnswering] = useState<Answering>();
  return (
    <div className="stack">
      <p>{t("alarms.intro")}</p>
      <div className="stack" aria-live="polite">
        <Private
          of={alarms}
          empty={({ length }) => length === 0}
          whenEmpty={<Alert type="success" showIcon title={t("alarms.none")} />}
        >
          {(rows) => (
            <>
              <ul className="alarms">
                {rows.map((alarm) => (
                  <li key={alarm.id}>
                    <AlarmCard alarm={alarm} answer={(how) => setAnswering({ alarm, how })} />
                  </li>
                ))}
              </ul>
              <More of={alarms} />
            </>
          )}
        </Private>
      </div>
      <section>
        <h2>{t("alarms.onChain")}</h2>
        {machine.alarmChanges.length ? (
          <Changes rows={machine.alarmChanges} />
        ) : (
          <p className="muted">{t("alarms.noChanges")}</p>
        )}
      </section>
      {answering && (
        <AnswerDialog machine={machine.machine} answering={answering} close={() => setAnswering(undefined)} />
      )}
    </div>
  );
}

function AlarmCard({ alarm, answer }: { alarm: MachineAlarm; answer: (how: Answering["how"]) => void }) {
  const { t } = useTranslation("leases");
  const inLanguage = useInLanguage();
  const evidence = useEvidence();
  const isOpen = !alarm.clearedAt && !!alarm.raisedAt;
  return (
    <Card
      size="small"
      title={<h3 className="step-title">{inLanguage(alarm.name)}</h3>}
      extra={
        <>
          <Tag color={COLOURS[alarm.severity] ?? "default"}>{inLanguage(alarm.severityName)}</Tag>
          <Tag>{inLanguage(alarm.phaseName)}</Tag>
        </>
      }
    >
      <div className="stack">
        <p>{inLanguage(alarm.text)}</p>
        <details>
          <summary>{t("alarms.evidence")}</summary>
          <Figures of={evidence(alarm.evidence)} />
        </details>
        <p className="muted">
          {[
            alarm.raisedAt && t("alarms.raisedAt", { at: time(alarm.raisedAt) }),
            alarm.clearedAt && t("alarms.clearedAt", { at: time(alarm.clearedAt) }),
            alarm.silent && alarm.silentUntil && t("alarms.silentUntil", { at: time(alarm.silentUntil) }),
          ]
            .filter(Boolean)
            .join(" · ")}
        </p>
        {alarm.answeredAt && (
          <p>
            <PartyLink party={alarm.answeredBy} /> · {time(alarm.answeredAt)}: “{alarm.answer}”
          </p>
        )}
        {isOpen && (
          <div className="row">
            <Button onClick={() => answer("acknowledge")}>{t("alarms.acknowledge")}</Button>
            <Button onClick={() => answer("shelve")}>{t("alarms.shelve")}</Button>
          </div>
        )}
      </div>
    </Card>
  );
}

interface DialogProps {
  machine: number;
  answering: Answering;
  close: () => void;
}

function AnswerDialog({ machine, answering: { alarm, how }, close }: DialogProps) {
  const { t } = useTranslation("leases");
  const id = useId();
  const [reason, setReason] = useState("");
  const [hours, setHours] = useState<(typeof SPANS)[number]>("8");
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const failure = useFailure(error);
  const send = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await (how === "acknowledge"
        ? post("/v1/machines/{machine}/alarms/{alarm}/acknowledgement", { reason }, { machine, alarm: alarm.id })
        : post(
            "/v1/machines/{machine}/alarms/{alarm}/shelving",
            { reason, seconds: Number(hours) * HOUR_S },
            { machine, alarm: alarm.id },
          ));
      void queries.invalidateQueries({ queryKey: ["api"] });
      close();
    } catch (failed) {
      setError(failed);
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      title={t(`alarms.${how}`)}
      onCancel={close}
      onOk={() => void send()}
      okText={t(`alarms.${how}`)}
      okButtonProps={{ disabled: reason.trim() === "", loading: busy }}
      destroyOnHidden
    >
      <div className="stack">
        <p>{t(`alarms.${how}Why`)}</p>
        <div className="field">
          <label htmlFor={id}>{t("alarms.reason")}</label>
          <Input.TextArea
            id={id}
            value={reason}
            maxLength={500}
            rows={3}
            onChange={(event) => setReason(event.target.value)}
          />
        </div>
        {how === "shelve" && (
          <Choice
            label={t("alarms.span")}
            value={hours}
            choose={setHours}
            of={SPANS.map((span) => [span, t("alarms.hours", { count: Number(span) })] as const)}
          />
        )}
        {failure && (
          <Alert type="error" showIcon title={t("alarms.failed")} description={<FailureText failure={failure} />} />
        )}
      </div>
    </Modal>
  );
}

function Changes({ rows }: { rows: readonly AlarmChange[] }) {
  const { t } = useTranslation("leases");
  const { severities } = useEvidenceNames();
  const columns: Column<AlarmChange>[] = [
    { title: t("alarms.at"), show: ({ at }) => (at ? time(at) : "–"), plain: ({ at }) => at ?? "" },
    {
      title: t("alarms.reportedAt"),
      show: ({ reportedAt }) => (reportedAt ? time(reportedAt) : "–"),
      plain: ({ reportedAt }) => reportedAt ?? "",
    },
    { title: t("alarms.before"), show: ({ before }) => severities(before), plain: ({ before }) => severities(before) },
    { title: t("alarms.after"), show: ({ after }) => severities(after), plain: ({ after }) => severities(after) },
    { title: t("account.transaction"), show: ({ transactionHash }) => <TransactionLink hash={transactionHash} /> },
  ];
  return (
    <Table
      label={t("alarms.onChain")}
      columns={columns}
      rows={rows}
      rowKey={({ sequence, epoch }) => `${epoch}-${sequence}`}
      file="alarms"
    />
  );
}

/** Alarms and severities by their names on chain. */
function useEvidenceNames() {
  const { t } = useTranslation("leases");
  const severities = (word: Record<string, string>) =>
    Object.entries(word)
      .map(
        ([alarm, severity]) =>
          `${t(`alarmName.${alarm}` as "alarmName.idle")} (${t(`severity.${severity}` as "severity.warn")})`,
      )
      .join(", ") || t("alarms.none");
  return { severities };
}
