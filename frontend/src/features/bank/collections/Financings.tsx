/** Financings of receivables that are not paid. */

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { usePages } from "../../../api/pages";
import type { Financing } from "../../../api/schema";
import { call } from "../../../chain/call";
import { Money } from "../../../ui/Money";
import { useChain } from "../../../chain/reader";
import { dateOfDay } from "../../../ui/format";
import { PartyLink } from "../../../ui/links";
import { Section } from "../BankPage";
import { ArrearsSteps } from "./ArrearsSteps";
import { AnyoneStep, Case, Cases } from "./Case";
import { collectStakes, financing } from "./stakes";
import { type NextStep, ofFinancing } from "./steps";

export function Financings({ today }: { today: number }) {
  const { t } = useTranslation("bank");
  const found = usePages("/v1/financings", { arrears: true });
  return (
    <Section title={t("products.Receivables")} about={t("collections.receivablesWhy")}>
      <Cases of={found} next={(one) => ofFinancing(one, today)}>
        {(one, next) => <FinancingCase key={`${one.receivable}-${one.turn}`} of={one} next={next} today={today} />}
      </Cases>
    </Section>
  );
}

function FinancingCase({ of, next, today }: { of: Financing; next: NextStep; today: number }) {
  const { t } = useTranslation("bank");
  const id = BigInt(of.receivable);
  const loan = financing(id);
  // What is owed today is the chain's to say; without a wallet the principal alone is shown.
  const owed = useChain(["owed", of.receivable], loan).data;
  return (
    <Case
      of={of}
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
        [t("collections.principal"), <Money key="owed" fen={of.outstanding} />],
        ...(owed
          ? ([
              [t("collections.interest"), <Money key="interest" fen={owed.interest} />, t("collections.interestWhy")],
              [
                t("collections.collectable"),
                <Money key="collectable" fen={owed.collectable} />,
                t("collections.collectableWhy"),
              ],
            ] as const)
          : []),
        [
          t("columns.due"),
          dateOfDay(of.due.day),
          t("collections.daysLate", { count: Math.max(0, today - of.due.day) }),
        ],
        [t("collections.impaired"), <Money key="impaired" fen={of.impaired} />, t("collections.impairedWhy")],
      ]}
    >
      <ArrearsSteps
        next={next}
        today={today}
        loan={loan}
        mark={() => call("Factoring", "markOverdue", [id])}
        giveNotice={(letter) => call("Factoring", "giveNotice", [id, letter])}
        declareDefault={() => call("Factoring", "declareDefault", [id])}
        writeOff={() => call("Factoring", "writeOff", [id])}
      />
      {owed !== undefined && owed.collectable > 0n && (
        <AnyoneStep call={() => call("Factoring", "collect", [id])} stakes={collectStakes(t, id)} />
      )}
    </Case>
  );
}
