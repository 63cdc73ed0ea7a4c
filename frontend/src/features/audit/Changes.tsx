/** Changes of parameters and roles: what was before, what is after, and the delay behind it. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { usePages } from "../../api/pages";
import type { DelayedOperation, SuiteChange } from "../../api/schema";
import { Choice } from "../../ui/Choice";
import { Listed } from "../../ui/Listed";
import { Arguments, Call, Who } from "../../ui/decoded";
import { time } from "../../ui/format";
import { TransactionLink } from "../../ui/links";
import { Frame } from "./Frame";

type Matter = SuiteChange["matter"];
const MATTERS: readonly Matter[] = [
  "limit",
  "terms",
  "facility",
  "conditions",
  "model",
  "signers",
  "role",
  "operation",
  "pause",
  "freeze",
  "score_hold",
  "machine_hold",
  "verification",
  "wallet",
  "currency",
  "product",
];

export default function Changes() {
  const { t } = useTranslation("audit");
  const [matter, setMatter] = useState<Matter | "">("");
  const changes = usePages("/v1/audit/changes", { matter });
  return (
    <Frame title={t("changes.title")}>
      <div className="row">
        <span>{t("changes.matter")}</span>
        <Choice
          label={t("changes.matter")}
          value={matter}
          choose={setMatter}
          of={[["", t("changes.all")], ...MATTERS.map((one) => [one, t(`changes.matters.${one}`)] as const)]}
        />
      </div>
      <Listed of={changes} whenEmpty={<p>{t("changes.none")}</p>}>
        {(rows) => (
          <ol className="events">
            {rows.map((change) => (
              <Change key={`${change.block} ${change.logIndex}`} of={change} />
            ))}
          </ol>
        )}
      </Listed>
    </Frame>
  );
}

function Change({ of }: { of: SuiteChange }) {
  const { t } = useTranslation("audit");
  return (
    <li className="tile stack">
      <div className="row">
        <strong>{t(`changes.matters.${of.matter}`)}</strong>
        <span className="mono">
          {of.contract} · {of.event}
        </span>
        <span className="muted">
          {of.at && time(of.at)} · <Who who={of.sender} /> · <TransactionLink hash={of.transactionHash} />
        </span>
      </div>
      <div className="grid">
        <div>
          <h3>{t("changes.before")}</h3>
          {of.before ? <Arguments of={of.before.arguments} /> : <p className="muted">{t("changes.first")}</p>}
        </div>
        <div>
          <h3>{t("changes.after")}</h3>
          <Arguments of={of.arguments} />
        </div>
      </div>
      {of.operations.map((operation) => (
        <Delayed key={`${operation.operation} ${operation.nonce}`} of={operation} />
      ))}
    </li>
  );
}

function Delayed({ of }: { of: DelayedOperation }) {
  const { t } = useTranslation("audit");
  return (
    <details>
      <summary>
        {t("changes.delayed")} · {t(`changes.states.${of.state}`)} · {t("changes.scheduled")}{" "}
        {of.scheduledAt && time(of.scheduledAt)} · {t("changes.ready")} {of.readyAt && time(of.readyAt)}
      </summary>
      {of.call && <Call call={of.call} />}
    </details>
  );
}
