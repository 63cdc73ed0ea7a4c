/** Leases whose rent is overdue, and the loans that live on that rent. */

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useApi } from "../../../api/query";
import type { Lease, Loan } from "../../../api/schema";
import { call } from "../../../chain/call";
import type { Figure } from "../../../ui/Figures";
import { Money } from "../../../ui/Money";
import { Shown } from "../../../ui/Shown";
import { dateOfDay } from "../../../ui/format";
import { PartyLink } from "../../../ui/links";
import { Section } from "../BankPage";
import { DocumentDuty } from "../duties/DocumentDuty";
import { DutyButton } from "../duties/DutyButton";
import { AnyoneStep, Case } from "./Case";
import { type NextStep, ofLease } from "./steps";

const MOST = 200;

export function Leases({ today }: { today: number }) {
  const { t } = useTranslation("bank");
  const found = useApi("/v1/leases", { limit: MOST });
  return (
    <Section title={t("products.Lease")} about={t("collections.leasesWhy")}>
      <Shown of={found}>
        {({ items }) => {
          const cases = items.flatMap((one) => {
            const next = one.financed ? ofLease(one, today) : undefined;
            return next ? [{ one, next }] : [];
          });
          if (!cases.length) return <p className="muted">{t("collections.none")}</p>;
          return cases.map(({ one, next }) => <LeaseCase key={one.lease} of={one} next={next} today={today} />);
        }}
      </Shown>
    </Section>
  );
}

function LeaseCase({ of, next, today }: { of: Lease; next: NextStep; today: number }) {
  const { t } = useTranslation("bank");
  const detail = useApi("/v1/leases/{lease}", { lease: of.lease });
  const loan = detail.data?.loan;
  const id = BigInt(of.lease);
  return (
    <Case
      of={of}
      title={<Link to={`/leases/${of.lease}` as string}>{t("review.lease", { lease: of.lease })}</Link>}
      today={today}
      next={next}
      figures={[
        [t("columns.state"), `${t(`states.${of.status}`)}${of.disputed ? ` · ${t("states.Disputed")}` : ""}`],
        [t("partyRoles.lessee"), <PartyLink key="lessee" party={of.lessee} />],
        [t("partyRoles.manufacturer"), <PartyLink key="lessor" party={of.lessor} />],
        [t("customer.overdue"), <Money key="overdue" fen={of.overdue} />],
        ...(of.due ? ([[t("columns.due"), dateOfDay(of.due.day)]] as const) : []),
        ...(loan ? loanFigures(loan, t("collections.loan"), t(`states.${loan.status}`)) : []),
      ]}
    >
      {next.step === "giveNotice" && (
        <DocumentDuty
          office="risk_officer"
          document={t("collections.letter")}
          button={t("calls.giveNotice.name")}
          call={(document) => call("EquipmentLease", "giveNotice", [id, document])}
        />
      )}
      {of.notice && of.status === "Overdue" && (
        <DutyButton
          office="risk_officer"
          danger
          call={() => call("EquipmentLease", of.lockedSince ? "unlock" : "lock", [id])}
        />
      )}
      {next.step === "declareDefault" && (
        <DutyButton office="risk_officer" danger call={() => call("EquipmentLease", "declareDefault", [id])} />
      )}
      {of.status === "Defaulted" && (
        <>
          <DutyButton office="risk_officer" danger call={() => call("EquipmentLease", "accelerate", [id])} />
          <DutyButton office="risk_officer" danger call={() => call("EquipmentLease", "rescind", [id])} />
        </>
      )}
      {loan && <LoanSteps lease={of} loan={loan} />}
    </Case>
  );
}

function loanFigures(loan: Loan, label: string, state: string): Figure[] {
  return [[label, <Money key="loan" fen={loan.outstanding} />, state]];
}

/** Anyone may mark a loan as its lease stands; writing it off is the risk officer's. */
function LoanSteps({ lease, loan }: { lease: Lease; loan: Loan }) {
  const { t } = useTranslation("bank");
  const id = BigInt(lease.lease);
  const over = lease.status !== "Active" && lease.status !== "Overdue";
  return (
    <>
      {loan.status === "Active" && (
        <AnyoneStep label={t("collections.markLoan")} call={() => call("LeaseFinance", "markOverdue", [id])} />
      )}
      {over && (loan.status === "Active" || loan.status === "Overdue") && (
        <AnyoneStep call={() => call("LeaseFinance", "markDefaulted", [id])} />
      )}
      {loan.status === "Defaulted" && (
        <DutyButton
          office="risk_officer"
          danger
          label={t("collections.writeLoanOff")}
          call={() => call("LeaseFinance", "writeOff", [id])}
        />
      )}
    </>
  );
}
