/** What the bank offers: grades, terms by product, facilities, conditions; and how they are changed. */

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { usePages } from "../../api/pages";
import { useApi } from "../../api/query";
import type { LineConditions, LoanConditions, Terms } from "../../api/schema";
import { call } from "../../chain/call";
import { Figures } from "../../ui/Figures";
import { Money } from "../../ui/Money";
import { More } from "../../ui/More";
import { Shown } from "../../ui/Shown";
import { Table } from "../../ui/Table";
import { percent } from "../../ui/format";
import { Copyable } from "../../ui/links";
import { BankPage, Section } from "./BankPage";
import { DutyButton } from "./duties/DutyButton";
import { ALARMS, GRADES, PRODUCTS, SEVERITIES, useWords } from "./duties/words";
import { useFloors } from "./policy/floors";
import { FacilityEditor, LeaseConditionsEditor, LineConditionsEditor, TermsEditor } from "./policy/editors";

export default function PolicyPage() {
  const { t } = useTranslation("bank");
  const policy = useApi("/v1/policy");
  return (
    <BankPage title={t("policy.title")} actions={<Link to={"/bank/review" as string}>{t("policy.waiting")}</Link>}>
      <p>{t("policy.about")}</p>
      <Grades />
      <Shown of={policy}>
        {({ items }) => PRODUCTS.map((product) => <TermsTable key={product} product={product} of={items} />)}
      </Shown>
      <Facilities />
      <Lines />
      <Leases />
    </BankPage>
  );
}

function Grades() {
  const { t } = useTranslation("bank");
  const floors = useFloors();
  return (
    <Section title={t("policy.grades")} about={t("policy.gradesWhy")}>
      {floors ? (
        <Table
          label={t("policy.grades")}
          rows={floors}
          rowKey={(floor) => floor}
          columns={[
            { title: t("fields.grade"), show: (floor) => GRADES[floors.indexOf(floor)] },
            { title: t("policy.floor"), show: (floor) => floor, numeric: true },
          ]}
        />
      ) : (
        <p className="muted">{t("policy.floorsOnChain")}</p>
      )}
    </Section>
  );
}

function TermsTable({ product, of }: { product: (typeof PRODUCTS)[number]; of: readonly Terms[] }) {
  const { t } = useTranslation(["bank", "common"]);
  const words = useWords();
  const set = of.filter((one) => one.product === product);
  const count = useFloors()?.length ?? set.length;
  const rows = Array.from({ length: count }, (_, grade) => ({
    grade,
    terms: set.find((one) => one.grade === GRADES[grade]),
  }));
  const title = t("policy.terms", { product: t(`products.${product}`) });
  return (
    <Section title={title} about={t(`policy.termsOf.${product}`)}>
      <Table
        label={title}
        file={`terms-${product}`}
        rows={rows}
        rowKey={({ grade }) => grade}
        columns={[
          { title: t("fields.grade"), show: ({ grade }) => GRADES[grade], plain: ({ grade }) => GRADES[grade] ?? "" },
          {
            title: t("fields.open"),
            show: ({ terms }) => t(terms?.open ? "common:yes" : "common:no"),
            plain: ({ terms }) => String(terms?.open ?? false),
          },
          {
            title: t("fields.advanceBps"),
            show: ({ terms }) => (terms ? percent(terms.advanceBps) : "–"),
            plain: ({ terms }) => terms?.advanceBps ?? "",
            numeric: true,
          },
          {
            title: t("fields.annualRateBps"),
            show: ({ terms }) => (terms ? percent(terms.annualRateBps) : "–"),
            plain: ({ terms }) => terms?.annualRateBps ?? "",
            numeric: true,
          },
          {
            title: t("fields.feeBps"),
            show: ({ terms }) => (terms ? percent(terms.feeBps) : "–"),
            plain: ({ terms }) => terms?.feeBps ?? "",
            numeric: true,
          },
          {
            title: t("fields.limitCap"),
            show: ({ terms }) => (terms ? <Money fen={terms.limitCap} /> : "–"),
            plain: ({ terms }) => terms?.limitCap ?? "",
            numeric: true,
          },
          {
            title: t("fields.maxAge"),
            show: ({ terms }) => (terms ? words.duration(terms.maxAge) : "–"),
            plain: ({ terms }) => terms?.maxAge ?? "",
          },
          {
            title: t("fields.blockingFlags"),
            show: ({ terms }) => (terms ? words.flags(terms.blockingFlags) : "–"),
            plain: ({ terms }) => terms?.blockingFlags ?? "",
          },
          {
            title: t("common:table.actions"),
            show: ({ grade }) => (
              <TermsEditor
                product={PRODUCTS.indexOf(product)}
                grade={grade}
                title={`${title} · ${t("fields.grade")} ${GRADES[grade]}`}
              />
            ),
          },
        ]}
      />
    </Section>
  );
}

function Facilities() {
  const { t } = useTranslation("bank");
  const debtors = usePages("/v1/parties", { role: "core_enterprise" });
  return (
    <Section title={t("policy.facilities")} about={t("policy.facilityWhy")}>
      <Shown of={debtors} empty={({ length }) => length === 0}>
        {(rows) => (
          <div className="stack">
            {rows.map(({ party }) => (
              <Facility key={party} debtor={party} />
            ))}
            <More of={debtors} />
          </div>
        )}
      </Shown>
    </Section>
  );
}

function Facility({ debtor }: { debtor: number }) {
  const { t } = useTranslation(["bank", "common"]);
  const found = useApi("/v1/parties/{party}", { party: debtor });
  return (
    <div className="tile stack">
      <FacilityEditor debtor={debtor} open={found.data?.facility?.open ?? false} />
      <Shown of={found}>
        {({ facility }) =>
          facility ? (
            <p>
              {t(facility.open ? "policy.facilityOpen" : "policy.facilityClosed")} ·{" "}
              {t(facility.recourse ? "policy.recourse" : "policy.noRecourse")} ·{" "}
              {t("policy.term", { days: facility.maxTermDays })} · {t("policy.grace", { days: facility.graceDays })} ·{" "}
              {t("policy.cure", { days: facility.cureDays })} ·{" "}
              {t("policy.late", { rate: percent(facility.lateRateBps), cap: percent(facility.lateCapBps) })} ·{" "}
              {t("policy.basis", { basis: facility.basis })}
            </p>
          ) : (
            <p className="muted">{t("policy.noFacility")}</p>
          )
        }
      </Shown>
    </div>
  );
}

function Lines() {
  const { t } = useTranslation("bank");
  const found = useApi("/v1/conditions/lines");
  return (
    <Section title={t("policy.lines")} about={t("policy.linesWhy")}>
      <Shown of={found} empty={({ inForce }) => !inForce}>
        {({ inForce }) => <LineFigures of={inForce!} />}
      </Shown>
      <div className="row">
        <LineConditionsEditor />
        {found.data?.inForce?.open && (
          <DutyButton office="risk_officer" danger call={() => call("CreditLine", "closeOffer", [])} />
        )}
      </div>
    </Section>
  );
}

function LineFigures({ of }: { of: LineConditions }) {
  const { t } = useTranslation(["bank", "common"]);
  const days = (count: number) => t("common:unit.days", { count });
  return (
    <Figures
      of={[
        [t("fields.open"), t(of.open ? "common:yes" : "common:no")],
        [t("fields.termDays"), days(of.termDays)],
        [t("fields.cycleDays"), days(of.cycleDays)],
        [t("fields.dueDays"), days(of.dueDays)],
        [t("fields.instalmentBps"), percent(of.instalmentBps)],
        [t("fields.lateRateBps"), percent(of.lateRateBps)],
        [t("fields.cureDays"), days(of.cureDays)],
        [t("fields.overdueImpairmentBps"), percent(of.overdueImpairmentBps)],
        [t("fields.lineCap"), <Money key="line" fen={of.lineCap} />],
        [t("fields.portfolioCap"), <Money key="portfolio" fen={of.portfolioCap} />],
        [t("fields.agreementHash"), <Copyable key="agreement" text={of.agreementHash} />],
      ]}
    />
  );
}

function Leases() {
  const { t } = useTranslation("bank");
  const found = useApi("/v1/conditions/leases");
  return (
    <Section title={t("policy.leases")} about={t("policy.leasesWhy")}>
      <Shown of={found} empty={({ inForce }) => !inForce}>
        {({ inForce }) => <LeaseFigures of={inForce!} />}
      </Shown>
      <div className="row">
        <LeaseConditionsEditor />
        {found.data?.inForce?.open && (
          <DutyButton office="risk_officer" danger call={() => call("LeaseFinance", "closeOffer", [])} />
        )}
      </div>
    </Section>
  );
}

function LeaseFigures({ of }: { of: LoanConditions }) {
  const { t } = useTranslation(["bank", "common"]);
  const words = useWords();
  const severity = (name: string) => SEVERITIES.find((one) => one === name) ?? "clear";
  const gates = ALARMS.flatMap((alarm) => {
    const least = of.gates[alarm];
    return least ? [`${t(`alarms.${alarm}`)} ≥ ${t(`severities.${severity(least)}`)}`] : [];
  });
  return (
    <Figures
      of={[
        [t("fields.open"), t(of.open ? "common:yes" : "common:no")],
        [t("fields.maxReadingAge"), words.duration(of.maxReadingAge)],
        [t("fields.gates"), gates.join(t("listed"))],
        [t("fields.overdueImpairmentBps"), percent(of.overdueImpairmentBps)],
        [t("fields.portfolioCap"), <Money key="portfolio" fen={of.portfolioCap} />],
      ]}
    />
  );
}
