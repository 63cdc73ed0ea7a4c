/** Leases whose rent is overdue, and the loans that live on that rent. */

import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { usePages } from "../../../api/pages";
import { useApi } from "../../../api/query";
import type { Lease, LeaseDetail, Loan } from "../../../api/schema";
import { call } from "../../../chain/call";
import type { Figure } from "../../../ui/Figures";
import { Money } from "../../../ui/Money";
import { dateOfDay, shortHash } from "../../../ui/format";
import { PartyLink } from "../../../ui/links";
import { StepForm } from "../../leases/StepForm";
import { saleOf, stepsOf } from "../../leases/steps";
import { Section } from "../BankPage";
import { DutyButton } from "../duties/DutyButton";
import { useOffice } from "../duties/useDuty";
import { AnyoneStep, Case, Cases } from "./Case";
import { leaseLoan, stakesOf } from "./stakes";
import { type NextStep, ofLease } from "./steps";

export function Leases({ today }: { today: number }) {
  const { t } = useTranslation("bank");
  const found = usePages("/v1/leases");
  return (
    <Section title={t("products.Lease")} about={t("collections.leasesWhy")}>
      <Cases of={found} next={(one) => (one.financed ? ofLease(one, today) : undefined)}>
        {(one, next) => <LeaseCase key={one.lease} of={one} next={next} today={today} />}
      </Cases>
    </Section>
  );
}

function LeaseCase({ of, next, today }: { of: Lease; next: NextStep; today: number }) {
  const { t } = useTranslation("bank");
  const detail = useApi("/v1/leases/{lease}", { lease: of.lease });
  const loan = detail.data?.loan;
  const offered = detail.data && saleOf(detail.data);
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
        ...(offered
          ? ([
              [
                t("collections.offered"),
                <Money key="offered" fen={offered.price} />,
                t("collections.offeredTo", { buyer: shortHash(offered.buyer) }),
              ],
            ] as const)
          : []),
        ...(loan ? loanFigures(loan, t("collections.loan"), t(`states.${loan.status}`)) : []),
      ]}
    >
      {detail.data && <CreditorSteps lease={detail.data} />}
      {loan && <LoanSteps lease={of} loan={loan} />}
    </Case>
  );
}

/** While rent is assigned the creditor is the bank: the steps of the lease's own page, with the same figures. */
function CreditorSteps({ lease }: { lease: LeaseDetail }) {
  const { t } = useTranslation(["leases", "common"]);
  const { t: ofBank } = useTranslation("bank");
  const mine = useOffice("risk_officer");
  const steps = stepsOf(lease, t).filter(({ by }) => by === "creditor");
  if (mine)
    return (
      <div className="grid wide">
        {steps.map((step) => (
          <StepForm key={step.name} step={step} />
        ))}
      </div>
    );
  return steps.map(({ name, title }) => (
    <Button key={name} size="small" disabled title={ofBank("duty.whose", { office: ofBank("offices.risk_officer") })}>
      {title}
    </Button>
  ));
}

function loanFigures(loan: Loan, label: string, state: string): Figure[] {
  return [[label, <Money key="loan" fen={loan.outstanding} />, state]];
}

/** Anyone may mark a loan as its lease stands; writing it off is the risk officer's. */
function LoanSteps({ lease, loan }: { lease: Lease; loan: Loan }) {
  const { t } = useTranslation("bank");
  const id = BigInt(lease.lease);
  const stakes = stakesOf(t, leaseLoan(id));
  const over = lease.status !== "Active" && lease.status !== "Overdue";
  return (
    <>
      {loan.status === "Active" && (
        <AnyoneStep
          label={t("collections.markLoan")}
          call={() => call("LeaseFinance", "markOverdue", [id])}
          stakes={stakes.mark}
        />
      )}
      {over && (loan.status === "Active" || loan.status === "Overdue") && (
        <AnyoneStep call={() => call("LeaseFinance", "markDefaulted", [id])} stakes={stakes.declareDefault} />
      )}
      {loan.status === "Defaulted" && (
        <DutyButton
          office="risk_officer"
          danger
          label={t("collections.writeLoanOff")}
          call={() => call("LeaseFinance", "writeOff", [id])}
          stakes={stakes.writeOff}
        />
      )}
    </>
  );
}
