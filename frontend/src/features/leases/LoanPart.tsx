/** The bank's loan: every figure before it is paid, the reason when it is not, and what has repaid it. */

import { Alert, Button } from "antd";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "../../api/client";
import { useMe } from "../../api/me";
import { usePages } from "../../api/pages";
import { useApi } from "../../api/query";
import type { LeaseDetail, Loan, LoanPayment, LoanQuote } from "../../api/schema";
import { call } from "../../chain/call";
import type { Action } from "../../chain/send";
import { contract } from "../../chain/suite";
import { useAct } from "../../ui/Actions";
import { FailureText } from "../../ui/FailureText";
import { Figures } from "../../ui/Figures";
import { Listed } from "../../ui/Listed";
import { Money } from "../../ui/Money";
import { Shown } from "../../ui/Shown";
import { type Column, Table } from "../../ui/Table";
import { money, percent, plainYuan, time } from "../../ui/format";
import { AddressLink, TransactionLink } from "../../ui/links";
import { useFailure } from "../../ui/useFailure";
import { StepForm } from "./StepForm";
import { amount } from "./LeasesPage";
import { type Translate, financing } from "./steps";

export function LoanPart({ lease }: { lease: LeaseDetail }) {
  return lease.loan ? <TakenLoan lease={lease} loan={lease.loan} /> : <OfferedLoan lease={lease} />;
}

/** Before it is taken: a quote, or the refusal with what to do about it. */
function OfferedLoan({ lease }: { lease: LeaseDetail }) {
  const { t } = useTranslation("leases");
  const quote = useApi("/v1/leases/{lease}/quote", { lease: lease.lease });
  const refused = quote.error instanceof ApiProblem && quote.error.problem.status === 409 ? quote.error : undefined;
  const failure = useFailure(refused);
  return (
    <section className="stack">
      <h2>{t("loan.title")}</h2>
      <p>{t("loan.intro")}</p>
      {refused ? (
        <Alert
          type="warning"
          showIcon
          title={t("loan.refused")}
          description={failure && <FailureText failure={failure} />}
          action={<Button onClick={() => void quote.refetch()}>{t("loan.again")}</Button>}
        />
      ) : (
        <Shown of={quote}>{(found) => <Offer lease={lease} quote={found} />}</Shown>
      )}
    </section>
  );
}

function Offer({ lease, quote }: { lease: LeaseDetail; quote: LoanQuote }) {
  const { t } = useTranslation(["leases", "common"]);
  const act = useAct();
  const me = useMe();
  const whole = (fen: string) => <Money fen={fen} scale="plain" />;
  return (
    <>
      <Figures
        of={[
          [t("leases:loan.fixedRentLeft"), whole(quote.fixedRentLeft), t("leases:loan.fixedRentLeftWhy")],
          [t("leases:terms.price"), whole(lease.price)],
          [t("leases:loan.base"), whole(quote.base), t("leases:loan.baseWhy")],
          [t("leases:loan.principal"), whole(quote.principal), t("leases:loan.principalWhy")],
          [t("leases:loan.fee"), whole(quote.fee)],
          [t("leases:loan.net"), whole(quote.net), t("leases:loan.netWhy")],
          [t("leases:loan.rate"), percent(quote.annualRateBps), t("leases:loan.rateWhy")],
          [t("leases:loan.perDay"), whole(quote.interestPerDay)],
          [t("leases:loan.grade"), `${quote.grade} · ${quote.score}`, t("leases:loan.gradeWhy")],
          [t("leases:loan.gradeCap"), whole(quote.gradeCap)],
          [t("leases:loan.readAt"), quote.readAt ? time(quote.readAt) : "–", t("leases:loan.readAtWhy")],
        ]}
      />
      {me?.party === lease.lessor ? (
        <div>
          <Button type="primary" onClick={() => act(financing(lease, quote, t))}>
            {t("leases:loan.action")}
          </Button>
        </div>
      ) : (
        <p className="muted">{t("leases:loan.lessorOnly")}</p>
      )}
    </>
  );
}

function TakenLoan({ lease, loan }: { lease: LeaseDetail; loan: Loan }) {
  const { t } = useTranslation(["leases", "common"]);
  const payments = usePages("/v1/leases/{lease}/loan/payments", { lease: lease.lease });
  const isOpen = BigInt(loan.owed) > 0n;
  return (
    <div className="stack">
      <h2>{t("leases:loan.title")}</h2>
      <Figures
        of={[
          [t("leases:column.status"), t(`leases:loanStatus.${loan.status}`)],
          [t("leases:loan.net"), <Money key="net" fen={loan.net} />],
          [t("leases:loan.principal"), <Money key="principal" fen={loan.principal} />],
          [t("leases:loan.fee"), <Money key="fee" fen={loan.fee} />],
          [t("leases:loan.rate"), percent(loan.annualRateBps)],
          [t("leases:loan.owed"), <Money key="owed" fen={loan.owed} />, t("leases:loan.owedWhy")],
          [t("leases:loan.interestPaid"), <Money key="interest" fen={loan.interestPaid} />],
          [t("leases:loan.impaired"), <Money key="impaired" fen={loan.impaired} />],
          [t("leases:loan.paidTo"), <AddressLink key="wallet" address={loan.wallet} />],
          [t("leases:loan.financedAt"), loan.financedAt ? time(loan.financedAt) : "–"],
          [t("leases:loan.readAt"), loan.readAt ? time(loan.readAt) : "–", t("leases:loan.readAtWhy")],
        ]}
      />
      {isOpen && (
        <StepForm
          key={loan.owed}
          step={{
            name: "repayLoan",
            title: t("leases:loan.repay"),
            why: t("leases:loan.repayWhy"),
            fields: ["amount"],
            begin: { amount: plainYuan(BigInt(loan.owed)) },
            action: ({ amount }) => repaying(lease.lease, amount, t),
          }}
        />
      )}
      <h2>{t("leases:loan.payments")}</h2>
      <Listed of={payments} whenEmpty={<p className="muted">{t("leases:account.noPayments")}</p>}>
        {(rows) => <LoanPayments rows={rows} />}
      </Listed>
    </div>
  );
}

function repaying(lease: number, given: bigint, t: Translate): Action {
  const id = BigInt(lease);
  return {
    title: `${t("leases:loan.repay")} · ${t("leases:lease", { lease })}`,
    prepare: async (reader) => {
      const [owed, { principal }] = await Promise.all([
        reader.readContract({ ...contract("LeaseFinance"), functionName: "owedOf", args: [id] }),
        reader.readContract({ ...contract("LeaseFinance"), functionName: "loanOf", args: [id] }),
      ]);
      const amount = given < owed ? given : owed;
      const interest = owed - principal < amount ? owed - principal : amount;
      return {
        effects: [
          {
            label: t("leases:effect.youPay"),
            value: money(amount),
            direction: "out",
            ...(amount < given ? { why: t("leases:why.noMoreThanOwed") } : {}),
          },
          { label: t("leases:loan.interest"), value: money(interest), why: t("leases:loan.interestFirst") },
          { label: t("leases:loan.ofPrincipal"), value: money(amount - interest) },
          {
            label: t("leases:effect.leftOwed"),
            value: money(owed - amount),
            ...(amount === owed ? { why: t("leases:loan.endsWhy") } : {}),
          },
        ],
        pays: { spender: "LeaseFinance", amount, by: "permit" },
        call: ({ deadline, v, r, s }) =>
          call("LeaseFinance", "repayWithPermit", [id, amount, { value: amount, deadline, v, r, s }]),
      };
    },
  };
}

function LoanPayments({ rows }: { rows: readonly LoanPayment[] }) {
  const { t } = useTranslation("leases");
  const columns: Column<LoanPayment>[] = [
    { title: t("account.at"), show: ({ at }) => (at ? time(at) : "–"), plain: ({ at }) => at ?? "" },
    amount(t("loan.interest"), ({ interest }) => interest),
    amount(t("loan.ofPrincipal"), ({ principal }) => principal),
    amount(t("loan.outstanding"), ({ outstanding }) => outstanding),
    { title: t("account.transaction"), show: ({ transactionHash }) => <TransactionLink hash={transactionHash} /> },
  ];
  return (
    <Table
      label={t("loan.payments")}
      columns={columns}
      rows={rows}
      rowKey={({ block, logIndex }) => `${block}-${logIndex}`}
      file="loan-payments"
    />
  );
}
