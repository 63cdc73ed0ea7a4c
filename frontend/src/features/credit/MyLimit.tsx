/** How a merchant's limit comes about, what decides it, and what a rise needs. */

import { useTranslation } from "react-i18next";
import { useApi } from "../../api/query";
import { Shown } from "../../ui/Shown";
import { dateOfDay, money } from "../../ui/format";
import { CreditPage, Mine, Private, Section } from "./Frame";
import { LimitArithmetic, Proposed } from "./LimitArithmetic";
import { statusOf, useLine } from "./chain";

const RISE_DAYS = 30;

export default function MyLimit() {
  const { t } = useTranslation("credit");
  return (
    <CreditPage title={t("limit.pageTitle")}>
      <p>{t("limit.about")}</p>
      <Mine>
        {(party) => (
          <>
            <Rise party={party} />
            <Section title={t("limit.title")}>
              <LimitArithmetic party={party} />
            </Section>
            <Section title={t("limit.proposalTitle")}>
              <p>{t("limit.proposalAbout")}</p>
              <Private>
                <MyProposal party={party} />
              </Private>
            </Section>
          </>
        )}
      </Mine>
    </CreditPage>
  );
}

function Rise({ party }: { party: number }) {
  const { t } = useTranslation("credit");
  const line = useLine(party);
  return (
    <Shown of={line}>
      {({ line, limit }) =>
        statusOf(line) === "Open" && (
          <Section title={t("limit.riseTitle")}>
            <ul className="facts">
              <li>
                {t("limit.riseDay", {
                  last: dateOfDay(line.riseDay),
                  next: dateOfDay(line.riseDay + RISE_DAYS),
                })}
              </li>
              <li>{t("limit.riseMost", { most: money(mostAfterRise(line.limit, line.openingLimit)) })}</li>
              {limit.found && (
                <li>
                  {t(limit.found.graded > line.limit ? "limit.riseSupported" : "limit.riseUnsupported", {
                    graded: money(limit.found.graded),
                    limit: money(line.limit),
                  })}
                </li>
              )}
              <li>{t("limit.riseHow")}</li>
            </ul>
          </Section>
        )
      }
    </Shown>
  );
}

/** A fifth of itself, or of the limit at opening if that is more. */
function mostAfterRise(limit: bigint, opening: bigint): bigint {
  return limit + (limit > opening ? limit : opening) / 5n;
}

function MyProposal({ party }: { party: number }) {
  const { t } = useTranslation("credit");
  const score = useApi("/v1/merchants/{party}/score", { party });
  return (
    <Shown of={score}>
      {({ newest }) => (newest ? <Proposed of={newest.limit} /> : <p className="muted">{t("limit.noProposal")}</p>)}
    </Shown>
  );
}
