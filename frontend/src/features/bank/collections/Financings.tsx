/** Financings of receivables that are not paid. */

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useApi } from "../../../api/query";
import type { Financing } from "../../../api/schema";
import { call } from "../../../chain/call";
import { Money } from "../../../ui/Money";
import { Shown } from "../../../ui/Shown";
import { useChain } from "../../../chain/reader";
import { dateOfDay } from "../../../ui/format";
import { PartyLink } from "../../../ui/links";
import { Section } from "../BankPage";
import { ArrearsSteps } from "./ArrearsSteps";
import { AnyoneStep, Case } from "./Case";
import { collectStakes, financing } from "./stakes";
import { type NextStep, ofFinancing } from "./steps";

const MOST = 200;

export function Financings({ today }: { today: number }) {
  const { t } = useTranslation("bank");
  const found = useApi("/v1/financings", { arrears: true, limit: MOST });
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
