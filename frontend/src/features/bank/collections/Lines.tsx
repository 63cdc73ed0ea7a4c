/** Lines with overdue statements. */

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useApi } from "../../../api/query";
import type { Line } from "../../../api/schema";
import { call } from "../../../chain/call";
import { Money } from "../../../ui/Money";
import { Shown } from "../../../ui/Shown";
import { dateOfDay } from "../../../ui/format";
import { Section } from "../BankPage";
import { DocumentDuty } from "../duties/DocumentDuty";
import { DutyButton } from "../duties/DutyButton";
import { AnyoneStep, Case } from "./Case";
import { type NextStep, ofLine } from "./steps";

const MOST = 200;

export function Lines({ today }: { today: number }) {
  const { t } = useTranslation("bank");
  const found = useApi("/v1/lines", { limit: MOST });
  return (
    <Section title={t("products.CreditLine")} about={t("collections.linesWhy")}>
      <Shown of={found}>
        {({ items }) => {
          const cases = items.flatMap((one) => {
            const next = ofLine(one, today);
            return next ? [{ one, next }] : [];
          });
          if (!cases.length) return <p className="muted">{t("collections.none")}</p>;
          return cases.map(({ one, next }) => <LineCase key={one.party} of={one} next={next} today={today} />);
        }}
      </Shown>
    </Section>
  );
}

function LineCase({ of, next, today }: { of: Line; next: NextStep; today: number }) {
  const { t } = useTranslation(["bank", "common"]);
  const { party } = of;
  return (
    <Case
      title={<Link to={`/bank/customers/${party}` as string}>{t("common:party", { party })}</Link>}
      today={today}
      next={next}
      figures={[
        [t("columns.state"), t(`states.${of.status}`)],
        [t("customer.drawn"), <Money key="drawn" fen={of.drawn} />],
        [t("customer.overdue"), <Money key="overdue" fen={of.overdue} />],
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
      {next.step === "markDelinquent" && (
        <AnyoneStep label={t("calls.markDelinquent.name")} call={() => call("CreditLine", "markDelinquent", [party])} />
      )}
      {next.step === "giveNotice" && (
        <DocumentDuty
          office="risk_officer"
          document={t("collections.letter")}
          button={t("calls.giveNotice.name")}
          call={(document) => call("CreditLine", "giveNotice", [party, document])}
        />
      )}
      {next.step === "declareDefault" && (
        <DutyButton office="risk_officer" danger call={() => call("CreditLine", "declareDefault", [party])} />
      )}
      {next.step === "writeOff" && (
        <DutyButton office="risk_officer" danger call={() => call("CreditLine", "writeOff", [party])} />
      )}
      {!of.frozen && (
        <DocumentDuty
          office="risk_officer"
          document={t("customer.memo")}
          button={t("customer.freezeLine")}
          call={(memo) => call("CreditLine", "freeze", [party, memo])}
        />
      )}
    </Case>
  );
}
