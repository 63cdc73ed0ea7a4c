/** The lease as an account: statements, payments, and every entry with the balance after it. */

import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { urlOf } from "../../api/client";
import { usePages } from "../../api/pages";
import { useApi } from "../../api/query";
import type { Lease, LeaseAccount, LeaseEntry, LeasePayment, LeaseStatement } from "../../api/schema";
import { useInLanguage, useLanguage } from "../../text";
import { DateField } from "../../ui/DateField";
import { Figures } from "../../ui/Figures";
import { Listed } from "../../ui/Listed";
import { Money } from "../../ui/Money";
import { Shown } from "../../ui/Shown";
import { type Column, Table } from "../../ui/Table";
import { download } from "../../ui/csv";
import { time } from "../../ui/format";
import { AddressLink, TransactionLink } from "../../ui/links";
import { amount } from "./LeasesPage";
import { hoursOfTenths } from "./meter";

export function LeaseAccountPart({ lease }: { lease: Lease }) {
  const { t } = useTranslation("leases");
  const statements = usePages("/v1/leases/{lease}/statements", { lease: lease.lease });
  const payments = usePages("/v1/leases/{lease}/payments", { lease: lease.lease });
  return (
    <div className="stack">
      <section>
        <h2>{t("account.statements")}</h2>
        <p>{t("account.statementsWhy")}</p>
        <Listed of={statements} whenEmpty={<p>{t("account.noStatements")}</p>}>
          {(rows) => <Statements rows={rows} lease={lease.lease} />}
        </Listed>
      </section>
      <section>
        <h2>{t("account.payments")}</h2>
        <Listed of={payments} whenEmpty={<p>{t("account.noPayments")}</p>}>
          {(rows) => <Payments rows={rows} lease={lease.lease} />}
        </Listed>
      </section>
      <Entries lease={lease.lease} />
    </div>
  );
}

function Statements({ rows, lease }: { rows: readonly LeaseStatement[]; lease: number }) {
  const { t } = useTranslation("leases");
  const columns: Column<LeaseStatement>[] = [
    { title: t("account.period"), show: ({ period }) => period, plain: ({ period }) => period },
    { title: t("account.close"), show: ({ close }) => close.date, plain: ({ close }) => close.date },
    amount(t("account.fixed"), ({ fixedPart }) => fixedPart),
    amount(t("account.variable"), ({ variablePart }) => variablePart),
    amount(t("account.sum"), ({ fixedPart, variablePart }) => String(BigInt(fixedPart) + BigInt(variablePart))),
    {
      title: t("account.hours"),
      show: ({ tenths }) => hoursOfTenths(tenths),
      plain: ({ tenths }) => hoursOfTenths(tenths),
      numeric: true,
    },
    { title: t("account.due"), show: ({ due }) => due.date, plain: ({ due }) => due.date },
    {
      title: t("account.paidAt"),
      show: ({ paidAt }) => (paidAt ? time(paidAt) : t("account.unpaid")),
      plain: ({ paidAt }) => paidAt ?? "",
    },
    { title: t("account.transaction"), show: ({ transactionHash }) => <TransactionLink hash={transactionHash} /> },
  ];
  return (
    <Table
      label={t("account.statements")}
      columns={columns}
      rows={rows}
      rowKey={({ period }) => period}
      file={`lease-${lease}-statements`}
    />
  );
}

function Payments({ rows, lease }: { rows: readonly LeasePayment[]; lease: number }) {
  const { t } = useTranslation("leases");
  const columns: Column<LeasePayment>[] = [
    { title: t("account.at"), show: ({ at }) => (at ? time(at) : "–"), plain: ({ at }) => at ?? "" },
    { title: t("account.payer"), show: ({ payer }) => <AddressLink address={payer} />, plain: ({ payer }) => payer },
    amount(t("account.rent"), ({ rent }) => rent),
    amount(t("account.late"), ({ late }) => late),
    amount(t("account.overdueAfter"), ({ overdue }) => overdue),
    { title: t("account.transaction"), show: ({ transactionHash }) => <TransactionLink hash={transactionHash} /> },
  ];
  return (
    <Table
      label={t("account.payments")}
      columns={columns}
      rows={rows}
      rowKey={({ block, logIndex }) => `${block}-${logIndex}`}
      file={`lease-${lease}-payments`}
    />
  );
}

function Entries({ lease }: { lease: number }) {
  const { t } = useTranslation("leases");
  const language = useLanguage();
  const [span, setSpan] = useState({ from: "", to: "" });
  const save = async () => {
    const url = urlOf("/v1/leases/{lease}/account.csv", { lease, ...span });
    const answer = await fetch(url, { headers: { "Accept-Language": language } });
    if (answer.ok) download(`lease-${lease}-account.csv`, await answer.text());
  };
  const account = useApi("/v1/leases/{lease}/account", { lease, ...span });
  return (
    <section className="stack">
      <h2>{t("account.title")}</h2>
      <div className="row">
        {(["from", "to"] as const).map((end) => (
          <DateField
            key={end}
            label={t(`account.${end}`)}
            value={span[end]}
            change={(date) => setSpan({ ...span, [end]: date })}
          />
        ))}
        <Button onClick={() => void save()}>{t("account.csv")}</Button>
      </div>
      <Shown of={account}>{(found) => <AccountTable account={found} />}</Shown>
    </section>
  );
}

function AccountTable({ account }: { account: LeaseAccount }) {
  const { t } = useTranslation("leases");
  const inLanguage = useInLanguage();
  const columns: Column<LeaseEntry>[] = [
    { title: t("account.day"), show: ({ day }) => day.date },
    { title: t("account.what"), show: ({ name }) => inLanguage(name) },
    { title: t("account.charge"), show: (entry) => !takes(entry) && <Money fen={entry.amount} />, numeric: true },
    { title: t("account.payment"), show: (entry) => takes(entry) && <Money fen={entry.amount} />, numeric: true },
    { title: t("account.balance"), show: ({ balance }) => <Money fen={balance} />, numeric: true },
    { title: t("account.transaction"), show: ({ transactionHash }) => <TransactionLink hash={transactionHash} /> },
  ];
  const { opening, charged, paid, closing, unbilled } = account;
  return (
    <>
      <Table
        label={t("account.title")}
        columns={columns}
        rows={account.entries}
        rowKey={({ transactionHash, kind, day }) => `${transactionHash}-${kind}-${day.day}`}
      />
      <Figures
        of={[
          [t("account.opening"), <Money key="opening" fen={opening} />],
          [t("account.charged"), <Money key="charged" fen={charged} />],
          [t("account.paid"), <Money key="paid" fen={paid} />],
          [t("account.closing"), <Money key="closing" fen={closing} />, t("account.closingWhy")],
          ...(unbilled
            ? [
                [
                  t("account.unbilled"),
                  <Money key="unbilled" fen={BigInt(unbilled.rent) + BigInt(unbilled.late)} />,
                  t("account.unbilledWhy"),
                ] as const,
                [t("account.owed"), <Money key="owed" fen={unbilled.owed} />, t("account.owedWhy")] as const,
              ]
            : []),
        ]}
      />
    </>
  );
}

const takes = ({ kind }: LeaseEntry) => kind === "payment" || kind === "credit";
