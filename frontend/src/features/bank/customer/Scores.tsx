/** The score that counts, and every one that was reported. */

import { useTranslation } from "react-i18next";
import type { Score } from "../../../api/schema";
import { useInLanguage } from "../../../text";
import { Figures } from "../../../ui/Figures";
import { Listed } from "../../../ui/Listed";
import { Shown } from "../../../ui/Shown";
import { Table } from "../../../ui/Table";
import { money, time } from "../../../ui/format";
import { Section } from "../BankPage";
import { ScoreChart } from "../charts";
import { useWords } from "../duties/words";
import { useToldScore } from "../../../api/told";

export function Scores({ party }: { party: number }) {
  const { t } = useTranslation(["bank", "common"]);
  const { score, history, none } = useToldScore(party);
  return (
    <Section title={t("customer.scores")}>
      {none ? (
        <p className="muted">{t("customer.noScore")}</p>
      ) : (
        <Shown of={score}>{(found) => <Present of={found} />}</Shown>
      )}
      <Listed of={history} whenEmpty={<></>}>
        {(rows) => (
          <>
            <ScoreChart records={rows} />
            <Table
              label={t("customer.scoreHistory")}
              file={`scores-${party}`}
              rows={rows}
              rowKey={(one) => `${one.signerSet}-${one.round}-${one.place}`}
              columns={[
                {
                  title: t("customer.facts"),
                  show: ({ issuedAt }) => (issuedAt ? time(issuedAt) : "–"),
                  plain: ({ issuedAt }) => issuedAt ?? "",
                },
                { title: t("customer.score"), show: ({ value }) => value, plain: ({ value }) => value, numeric: true },
                {
                  title: t("customer.pd"),
                  show: ({ pdPpm }) => ppm(pdPpm),
                  plain: ({ pdPpm }) => pdPpm,
                  numeric: true,
                },
                { title: t("columns.model"), show: ({ model }) => model, plain: ({ model }) => model, numeric: true },
                {
                  title: t("columns.outcome"),
                  show: ({ outcome, skipReason }) => `${t(`outcomes.${outcome}`)} ${skipReason ?? ""}`,
                  plain: ({ outcome }) => outcome,
                },
              ]}
            />
          </>
        )}
      </Listed>
    </Section>
  );
}

function Present({ of }: { of: Score }) {
  const { t } = useTranslation(["bank", "common"]);
  const inLanguage = useInLanguage();
  const words = useWords();
  return (
    <>
      <Figures
        of={[
          [t("customer.score"), of.value, t("customer.scoreWhy")],
          [t("customer.pd"), ppm(of.pdPpm), t("customer.pdWhy")],
          [t("customer.reportedLimit"), money(BigInt(of.limitYuan) * 100n), t("customer.reportedLimitWhy")],
          [t("customer.flags"), words.flags(of.flags)],
          [t("customer.consent"), t(of.consented ? "common:yes" : "common:no"), t("customer.consentWhy")],
          [t("customer.held"), t(of.held ? "common:yes" : "common:no")],
          [t("columns.model"), of.model],
          [t("customer.facts"), of.issuedAt ? time(of.issuedAt) : "–"],
          [t("customer.goodUntil"), of.validUntil ? time(of.validUntil) : "–"],
        ]}
      />
      {of.reasons.length > 0 && (
        <>
          <h3>{t("customer.reasons")}</h3>
          <ol>
            {of.reasons.map((reason) => (
              <li key={reason.code}>{inLanguage(reason.text)}</li>
            ))}
          </ol>
        </>
      )}
    </>
  );
}

/** Parts per million as percent, to four digits. */
function ppm(parts: number): string {
  return `${(parts / 10_000).toFixed(2)}%`;
}
