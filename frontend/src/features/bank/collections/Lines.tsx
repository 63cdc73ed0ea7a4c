/** Lines with overdue statements. */

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { usePages } from "../../../api/pages";
import type { Line } from "../../../api/schema";
import { call } from "../../../chain/call";
import { useChain } from "../../../chain/reader";
import { Money } from "../../../ui/Money";
import { Section } from "../BankPage";
import { DocumentDuty } from "../duties/DocumentDuty";
import { ArrearsSteps } from "./ArrearsSteps";
import { Case, Cases } from "./Case";
import { line } from "./stakes";
import { type NextStep, ofLine } from "./steps";

export function Lines({ today }: { today: number }) {
  const { t } = useTranslation("bank");
  const found = usePages("/v1/lines", { arrears: true });
  return (
    <Section title={t("products.CreditLine")} about={t("collections.linesWhy")}>
      <Cases of={found} next={(one) => ofLine(one, today)}>
        {(one, next) => <LineCase key={one.party} of={one} next={next} today={today} />}
      </Cases>
    </Section>
  );
}

function LineCase({ of, next, today }: { of: Line; next: NextStep; today: number }) {
  const { t } = useTranslation(["bank", "common"]);
  const { party } = of;
  const loan = line(party);
  // What is owed today is the chain's to say; without a wallet the principal alone is shown.
  const owed = useChain(["owed by line", party], loan).data;
  return (
    <Case
      of={of}
      title={<Link to={`/bank/customers/${party}` as string}>{t("common:party", { party })}</Link>}
      today={today}
      next={next}
      figures={[
        [t("columns.state"), t(`states.${of.status}`)],
        [t("customer.drawn"), <Money key="drawn" fen={of.drawn} />],
        ...(owed
          ? ([
              [t("collections.interest"), <Money key="interest" fen={owed.interest} />, t("collections.interestWhy")],
            ] as const)
          : []),
        [t("customer.overdue"), <Money key="overdue" fen={owed?.overdue ?? of.overdue} />, t("collections.overdueWhy")],
        [t("collections.impaired"), <Money key="impaired" fen={of.impaired} />, t("collections.impairedWhy")],
      ]}
    >
      <ArrearsSteps
        next={next}
        today={today}
        loan={loan}
        mark={() => call("CreditLine", "markDelinquent", [party])}
        giveNotice={(letter) => call("CreditLine", "giveNotice", [party, letter])}
        declareDefault={() => call("CreditLine", "declareDefault", [party])}
        writeOff={() => call("CreditLine", "writeOff", [party])}
      />
      {!of.frozen && (
        <DocumentDuty
          office="risk_officer"
          document={t("customer.memo")}
          button={t("customer.freezeLine")}
          call={(memo) => call("CreditLine", "freeze", [party, memo])}
        />
      )}
      <Link to={`/credit/lines/${party}` as string}>{t("collections.payLine")}</Link>
    </Case>
  );
}
