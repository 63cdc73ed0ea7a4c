/** Lines with overdue statements. */

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useApi } from "../../../api/query";
import type { Line } from "../../../api/schema";
import { call } from "../../../chain/call";
import { useChain } from "../../../chain/reader";
import { Money } from "../../../ui/Money";
import { Shown } from "../../../ui/Shown";
import { Section } from "../BankPage";
import { DocumentDuty } from "../duties/DocumentDuty";
import { ArrearsSteps } from "./ArrearsSteps";
import { Case } from "./Case";
import { line } from "./stakes";
import { type NextStep, ofLine } from "./steps";

const MOST = 200;

export function Lines({ today }: { today: number }) {
  const { t } = useTranslation("bank");
  const found = useApi("/v1/lines", { arrears: true, limit: MOST });
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
