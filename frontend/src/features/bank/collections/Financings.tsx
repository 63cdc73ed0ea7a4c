/** Financings of receivables that are not paid. */

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useApi } from "../../../api/query";
import type { Financing } from "../../../api/schema";
import { call } from "../../../chain/call";
import { Money } from "../../../ui/Money";
import { Shown } from "../../../ui/Shown";
import { dateOfDay } from "../../../ui/format";
import { PartyLink } from "../../../ui/links";
import { Section } from "../BankPage";
import { DocumentDuty } from "../duties/DocumentDuty";
import { DutyButton } from "../duties/DutyButton";
import { AnyoneStep, Case } from "./Case";
import { type NextStep, ofFinancing } from "./steps";

const MOST = 200;

export function Financings({ today }: { today: number }) {
  const { t } = useTranslation("bank");
  const found = useApi("/v1/financings", { limit: MOST });
  return (
    <Section title={t("products.Receivables")} about={t("collections.receivablesWhy")}>
      <Shown of={found}>
        {({ items }) => {
          const cases = items.flatMap((one) => {
            const next = ofFinancing(one, today);
            return next ? [{ one, next }] : [];
          });
          if (!cases.length) return <p className="muted">{t("collections.none")}</p>;
          return cases.map(({ one, next }) => (
            <FinancingCase key={`${one.receivable}-${one.turn}`} of={one} next={next} today={today} />
          ));
        }}
      </Shown>
    </Section>
  );
}

function FinancingCase({ of, next, today }: { of: Financing; next: NextStep; today: number }) {
  const { t } = useTranslation("bank");
  const id = BigInt(of.receivable);
  return (
    <Case
      title={
        <Link to={`/receivables/${of.receivable}` as string}>{t("review.receivable", { id: of.receivable })}</Link>
      }
      today={today}
      next={next}
      figures={[
        [t("columns.state"), t(`states.${of.status}`)],
        [t("collections.debtor"), <PartyLink key="debtor" party={of.debtor} />],
        [
          t("collections.seller"),
          <PartyLink key="seller" party={of.seller} />,
          t(of.recourse ? "policy.recourse" : "policy.noRecourse"),
        ],
        [t("columns.outstanding"), <Money key="owed" fen={of.outstanding} />],
        [
          t("columns.due"),
          dateOfDay(of.due.day),
          t("collections.daysLate", { count: Math.max(0, today - of.due.day) }),
        ],
        [t("collections.impaired"), <Money key="impaired" fen={of.impaired} />, t("collections.impairedWhy")],
        ...(of.notice && of.cureThrough
          ? ([
              [
                t("collections.noticeDay"),
                dateOfDay(of.notice.day),
                t("collections.cureThrough", { day: dateOfDay(of.cureThrough.day) }),
              ],
            ] as const)
          : []),
      ]}
    >
      {next.step === "markOverdue" && (
        <AnyoneStep label={t("calls.markOverdue.name")} call={() => call("Factoring", "markOverdue", [id])} />
      )}
      {next.step === "giveNotice" && (
        <DocumentDuty
          office="risk_officer"
          document={t("collections.letter")}
          button={t("calls.giveNotice.name")}
          call={(document) => call("Factoring", "giveNotice", [id, document])}
        />
      )}
      {next.step === "declareDefault" && (
        <DutyButton office="risk_officer" danger call={() => call("Factoring", "declareDefault", [id])} />
      )}
      {next.step === "writeOff" && (
        <DutyButton office="risk_officer" danger call={() => call("Factoring", "writeOff", [id])} />
      )}
      <AnyoneStep label={t("calls.collect.name")} call={() => call("Factoring", "collect", [id])} />
    </Case>
  );
}
