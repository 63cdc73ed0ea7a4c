/** Whether the oracle speaks, which machines are alarmed, and what parties say. */

import { useTranslation } from "react-i18next";
import type { Operations } from "../../api/schema";
import { useInLanguage } from "../../text";
import { Tiles } from "../../ui/Figures";
import { Table } from "../../ui/Table";
import { AddressLink } from "../../ui/links";
import { time } from "../../ui/format";
import { Section } from "./BankPage";
import { useWords } from "./duties/words";

export function Health({ of }: { of: Operations }) {
  const { t } = useTranslation(["bank", "common"]);
  const inLanguage = useInLanguage();
  const words = useWords();
  const quorum = of.signers.quorum === null ? "unknown" : of.signers.quorum ? "true" : "false";
  const why = (figure: string) => (of.explanations[figure] ? inLanguage(of.explanations[figure]) : "");
  return (
    <>
      <Section title={t("figures.lanes")} about={why("lanes")}>
        <Table
          label={t("figures.lanes")}
          rows={of.lanes}
          rowKey={(lane) => lane.lane}
          columns={[
            { title: t("columns.lane"), show: (lane) => inLanguage(lane.name) },
            { title: t("columns.last"), show: (lane) => (lane.reportedAt ? time(lane.reportedAt) : "–") },
            {
              title: t("columns.age"),
              show: (lane) => (lane.ageSeconds === null ? "–" : words.duration(rounded(lane.ageSeconds))),
              numeric: true,
            },
          ]}
        />
      </Section>
      <Section title={t("figures.signers")} about={why("signers")}>
        <p>
          {t("operations.quorum", { threshold: of.signers.threshold, all: of.signers.items.length })}{" "}
          <strong>{t(`operations.quorumIs.${quorum}`)}</strong>
        </p>
        <Table
          label={t("figures.signers")}
          rows={of.signers.items}
          rowKey={(signer) => signer.signer}
          columns={[
            { title: t("columns.signer"), show: ({ signer }) => <AddressLink address={signer} /> },
            { title: t("columns.signed"), show: ({ signed }) => signed, numeric: true },
            { title: t("columns.refused"), show: ({ refused }) => refused, numeric: true },
            { title: t("columns.seen"), show: ({ seen }) => t(seen ? "common:yes" : "common:no") },
          ]}
        />
      </Section>
      <Section title={t("figures.alarms")} about={why("alarms")}>
        {of.alarms.length ? (
          <Table
            label={t("figures.alarms")}
            rows={of.alarms}
            rowKey={(alarm) => `${alarm.alarm}-${alarm.severity}`}
            columns={[
              { title: t("columns.alarm"), show: (alarm) => inLanguage(alarm.name) },
              { title: t("columns.severity"), show: (alarm) => inLanguage(alarm.severityName) },
              { title: t("columns.machines"), show: (alarm) => alarm.machines, numeric: true },
            ]}
          />
        ) : (
          <p className="muted">{t("operations.noAlarms")}</p>
        )}
      </Section>
      <Section title={t("figures.nps")} about={why("nps")}>
        <Tiles
          of={[
            [t("figures.nps"), of.nps.score ?? t("operations.nothing")],
            [t("operations.answers"), of.nps.answers],
            [t("operations.promoters"), of.nps.promoters],
            [t("operations.passives"), of.nps.passives],
            [t("operations.detractors"), of.nps.detractors],
          ]}
        />
      </Section>
    </>
  );
}

/** Seconds to what one reads at a glance: minutes below an hour, hours below two days, else days. */
function rounded(seconds: number): number {
  const unit = seconds < 3600 ? 60 : seconds < 172_800 ? 3600 : 86_400;
  return Math.max(seconds < 60 ? seconds : Math.floor(seconds / unit) * unit, 0);
}
