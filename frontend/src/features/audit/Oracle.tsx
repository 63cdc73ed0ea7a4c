/** Reports of scores with their signers, and the sets of signers. */

import { useTranslation } from "react-i18next";
import { usePages } from "../../api/pages";
import { useApi } from "../../api/query";
import type { OracleReport, SignerSet } from "../../api/schema";
import { Listed } from "../../ui/Listed";
import { Shown } from "../../ui/Shown";
import { type Column, Table } from "../../ui/Table";
import { Who } from "../../ui/decoded";
import { shortHash, time } from "../../ui/format";
import { AddressLink, TransactionLink } from "../../ui/links";
import { Frame } from "./Frame";

export default function Oracle() {
  const { t } = useTranslation(["audit", "common"]);
  const reports = usePages("/v1/audit/oracle");
  const columns: readonly Column<OracleReport>[] = [
    { title: t("audit:oracle.round"), show: ({ round }) => round, plain: ({ round }) => round, numeric: true },
    {
      title: t("audit:oracle.at"),
      show: ({ reportedAt }) => (reportedAt ? time(reportedAt) : "–"),
      plain: ({ reportedAt }) => reportedAt ?? "",
    },
    {
      title: t("audit:oracle.model"),
      show: ({ model, modelHash }) => (
        <span title={modelHash ?? undefined}>
          {model} <span className="mono">{modelHash && shortHash(modelHash)}</span>
        </span>
      ),
      plain: ({ model, modelHash }) => `${model} ${modelHash ?? ""}`,
    },
    {
      title: t("audit:oracle.signers"),
      show: ({ signers }) =>
        signers?.map(({ address }) => (
          <span key={address}>
            <AddressLink address={address} />{" "}
          </span>
        )) ?? t("audit:oracle.unknown"),
      plain: ({ signers }) => signers?.map(({ address }) => address).join(" ") ?? "",
    },
    {
      title: t("audit:oracle.outcomes"),
      show: ({ outcomes }) => `${outcomes.accepted} / ${outcomes.held} / ${outcomes.skipped}`,
      plain: ({ outcomes }) => `${outcomes.accepted} / ${outcomes.held} / ${outcomes.skipped}`,
      numeric: true,
    },
    {
      title: t("common:send.transaction"),
      show: ({ transactionHash }) => <TransactionLink hash={transactionHash} />,
      plain: ({ transactionHash }) => transactionHash,
    },
  ];
  return (
    <Frame title={t("audit:oracle.title")}>
      <p>{t("audit:oracle.intro")}</p>
      <Listed of={reports}>
        {(rows) => (
          <Table
            label={t("audit:oracle.title")}
            columns={columns}
            rows={rows}
            rowKey={({ transactionHash, round }) => `${round} ${transactionHash}`}
            file="heqi-oracle"
          />
        )}
      </Listed>
      <h2>{t("audit:oracle.sets")}</h2>
      <Sets />
    </Frame>
  );
}

function Sets() {
  const sets = useApi("/v1/audit/signers");
  return (
    <Shown of={sets}>
      {({ items }) => (
        <div className="grid">
          {items.map((set) => (
            <OneSet key={`${set.oracle} ${set.signerSet}`} of={set} />
          ))}
        </div>
      )}
    </Shown>
  );
}

function OneSet({ of }: { of: SignerSet }) {
  const { t } = useTranslation("audit");
  const { oracle, signerSet, threshold, signers, since, until } = of;
  return (
    <section className="tile">
      <h3>{t("oracle.set", { oracle, set: signerSet, threshold, count: signers.length })}</h3>
      <p className="muted">
        {t("oracle.since")} {since ? time(since) : "–"} ·{" "}
        {until ? `${t("oracle.until")} ${time(until)}` : t("oracle.now")}
      </p>
      <ul>
        {signers.map((who) => (
          <li key={who.address}>
            <Who who={who} />
          </li>
        ))}
      </ul>
    </section>
  );
}
