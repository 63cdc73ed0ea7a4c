/** What both parties signed, in words. */

import { useTranslation } from "react-i18next";
import type { Tier } from "../../api/schema";
import { Figures } from "../../ui/Figures";
import { Money } from "../../ui/Money";
import { percent } from "../../ui/format";
import { hoursOfTenths } from "./meter";
import type { Translate } from "./steps";

export interface ShownTerms {
  price: string;
  deposit: string;
  buyOutPrice: string;
  minimum: string;
  cap: string;
  periods: number;
  periodDays: number;
  dueDays: number;
  cureDays: number;
  lockNoticeDays: number;
  lateRateBps: number;
  tiers: readonly Tier[];
}

export function TermsTable({ terms }: { terms: ShownTerms }) {
  const { t } = useTranslation(["leases", "common"]);
  const days = (count: number) => t("common:unit.days", { count });
  const whole = (fen: string) => <Money fen={fen} scale="plain" />;
  return (
    <Figures
      of={[
        [t("leases:terms.price"), whole(terms.price), t("leases:terms.priceWhy")],
        [t("leases:terms.periods"), `${terms.periods} × ${days(terms.periodDays)}`],
        [t("leases:terms.minimum"), whole(terms.minimum), t("leases:terms.minimumWhy")],
        [t("leases:terms.cap"), whole(terms.cap), t("leases:terms.capWhy")],
        ...terms.tiers.map(
          (tier, at) =>
            [
              spanOf(terms.tiers, at, t),
              <span key={at}>
                {whole(tier.rate)} / {t("leases:hour")}
              </span>,
            ] as const,
        ),
        [t("leases:terms.deposit"), whole(terms.deposit), t("leases:terms.depositWhy")],
        [t("leases:terms.buyOutPrice"), whole(terms.buyOutPrice), t("leases:terms.buyOutPriceWhy")],
        [t("leases:terms.dueDays"), days(terms.dueDays)],
        [t("leases:terms.lateRate"), percent(terms.lateRateBps), t("leases:terms.lateRateWhy")],
        [t("leases:terms.cureDays"), days(terms.cureDays), t("leases:terms.cureDaysWhy")],
        [t("leases:terms.lockNoticeDays"), days(terms.lockNoticeDays), t("leases:terms.lockNoticeDaysWhy")],
      ]}
    />
  );
}

/** "Hours 100.0 to 250.0" */
export function spanOf(tiers: readonly Tier[], at: number, t: Translate): string {
  const from = hoursOfTenths(tiers[at - 1]?.throughTenths ?? 0);
  const through = tiers[at]?.throughTenths ?? null;
  return through === null
    ? t("leases:terms.lastTier", { from })
    : t("leases:terms.tier", { from, through: hoursOfTenths(through) });
}
