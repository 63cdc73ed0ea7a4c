/** Who a party is, what it may owe, and under what conditions its debts are financed. */

import { useTranslation } from "react-i18next";
import type { PartyDetail } from "../../../api/schema";
import { type Figure, Figures, Tiles } from "../../../ui/Figures";
import { Money } from "../../../ui/Money";
import { Table } from "../../../ui/Table";
import { percent, time } from "../../../ui/format";
import { AddressLink, Copyable } from "../../../ui/links";
import { Section } from "../BankPage";
import { textOf, useWords } from "../duties/words";

export function PartyFacts({ of }: { of: PartyDetail }) {
  const { t } = useTranslation(["bank", "common"]);
  const words = useWords();
  const { limit, outstanding, arrears } = of.exposure;
  const room = BigInt(limit) - BigInt(outstanding);
  return (
    <>
      <Tiles
        of={[
          [t("fields.limit"), <Money key="limit" fen={limit} />, t("customer.limitWhy")],
          [t("columns.outstanding"), <Money key="owed" fen={outstanding} />, t("customer.outstandingWhy")],
          [
            t("customer.room"),
            <Money key="room" fen={room > 0n && !arrears ? room : 0n} />,
            t(arrears ? "customer.roomArrears" : "customer.roomWhy"),
          ],
          [t("columns.arrears"), arrears, t("customer.arrearsWhy")],
        ]}
      />
      <Section title={t("customer.identity")} about={t("customer.identityWhy")}>
        <Figures
          of={[
            [t("fields.roles"), of.roles.map(words.role).join(t("listed"))],
            [
              t("columns.state"),
              of.frozen
                ? t("customer.frozenFor", { reason: of.freezeReason ? textOf(of.freezeReason) : t("none") })
                : t("customer.free"),
            ],
            [t("customer.validUntil"), of.validUntil ? time(of.validUntil) : "–", t("customer.validUntilWhy")],
            [t("customer.admitted"), of.admittedAt ? time(of.admittedAt) : "–"],
            [t("fields.kycHash"), <Copyable key="kyc" text={of.kycHash} />, t("customer.kycHashWhy")],
          ]}
        />
        <Table
          label={t("customer.wallets")}
          rows={of.wallets}
          rowKey={({ wallet }) => wallet}
          columns={[
            { title: t("columns.wallet"), show: ({ wallet }) => <AddressLink address={wallet} /> },
            { title: t("customer.bound"), show: ({ boundAt }) => (boundAt ? time(boundAt) : "–") },
            {
              title: t("customer.successor"),
              show: ({ successor }) => (successor ? <AddressLink address={successor} /> : t("customer.inUse")),
            },
          ]}
        />
      </Section>
      {of.facility && (
        <Section title={t("policy.facility")} about={t("policy.facilityWhy")}>
          <FacilityFigures of={of.facility} />
        </Section>
      )}
    </>
  );
}

export function FacilityFigures({ of }: { of: NonNullable<PartyDetail["facility"]> }) {
  const { t } = useTranslation(["bank", "common"]);
  const days = (count: number) => t("common:unit.days", { count });
  const figures: Figure[] = [
    [t("fields.open"), t(of.open ? "common:yes" : "common:no")],
    [t("fields.recourse"), t(of.recourse ? "common:yes" : "common:no")],
    [t("fields.registrationRequired"), t(of.registrationRequired ? "common:yes" : "common:no")],
    [t("fields.maxTermDays"), days(of.maxTermDays)],
    [t("fields.basis"), of.basis],
    [t("fields.graceDays"), days(of.graceDays)],
    [t("fields.cureDays"), days(of.cureDays)],
    [t("fields.lateRateBps"), percent(of.lateRateBps)],
    [t("fields.lateCapBps"), percent(of.lateCapBps)],
    [t("fields.overdueImpairmentBps"), percent(of.overdueImpairmentBps)],
  ];
  return <Figures of={figures} />;
}
