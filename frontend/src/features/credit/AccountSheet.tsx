/** The line as an account: every charge and payment with the balance after it. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Account } from "../../api/schema";
import { useApi } from "../../api/query";
import { useInLanguage } from "../../text";
import { DateField } from "../../ui/DateField";
import { Money } from "../../ui/Money";
import { Shown } from "../../ui/Shown";
import { type Column, Table } from "../../ui/Table";
import { TransactionLink } from "../../ui/links";
import { money, plainYuan } from "../../ui/format";

interface Row {
  key: string;
  date: string;
  name: string;
  charged: string | undefined;
  paid: string | undefined;
  balance: string;
  transactionHash: string | undefined;
}

export function AccountSheet({ party }: { party: number }) {
  const { t } = useTranslation("credit");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const account = useApi("/v1/lines/{party}/account", { party, from, to }, !from || !to || from <= to);
  return (
    <>
      <div className="row">
        <DateField label={t("account.from")} value={from} change={setFrom} />
        <DateField label={t("account.to")} value={to} change={setTo} />
      </div>
      {from && to && from > to ? (
        <p role="alert">{t("account.order")}</p>
      ) : (
        <Shown of={account}>{(found) => <Sheet account={found} />}</Shown>
      )}
    </>
  );
}

function Sheet({ account }: { account: Account }) {
  const { t } = useTranslation("credit");
  const inLanguage = useInLanguage();
  const amount = (title: string, of: (row: Row) => string | undefined): Column<Row> => ({
    title,
    numeric: true,
    show: (row) => (of(row) === undefined ? "" : <Money fen={of(row)!} />),
    plain: (row) => (of(row) === undefined ? "" : plainYuan(BigInt(of(row)!))),
  });
  const columns: Column<Row>[] = [
    { title: t("table.date"), show: ({ date }) => date, plain: ({ date }) => date },
    { title: t("table.what"), show: ({ name }) => name, plain: ({ name }) => name },
    amount(t("account.charged"), ({ charged }) => charged),
    amount(t("account.paid"), ({ paid }) => paid),
    amount(t("account.balance"), ({ balance }) => balance),
    {
      title: t("table.transaction"),
      show: ({ transactionHash }) => transactionHash && <TransactionLink hash={transactionHash} />,
      plain: ({ transactionHash }) => transactionHash ?? "",
    },
  ];
  const rows: Row[] = [
    { ...BARE, key: "opening", date: account.from.date, name: t("account.opening"), balance: account.opening },
    ...account.entries.map((entry, at) => ({
      key: String(at),
      date: entry.day.date,
      name: inLanguage(entry.name),
      charged: entry.kind === "payment" ? undefined : entry.amount,
      paid: entry.kind === "payment" ? entry.amount : undefined,
      balance: entry.balance,
      transactionHash: entry.transactionHash,
    })),
    {
      ...BARE,
      key: "closing",
      date: account.to.date,
      name: t("account.closing"),
      charged: account.charged,
      paid: account.paid,
      balance: account.closing,
    },
  ];
  const { unbilled } = account;
  return (
    <>
      <Table
        label={t("account.title")}
        columns={columns}
        rows={rows}
        rowKey={({ key }) => key}
        file={`line-${account.party}-${account.from.date}-${account.to.date}`}
      />
      {unbilled && (
        <p>
          {t("account.unbilled", {
            interest: money(unbilled.interest),
            late: money(unbilled.late),
            owed: money(unbilled.owed),
            day: unbilled.day.date,
            block: unbilled.block.number,
          })}
        </p>
      )}
    </>
  );
}

const BARE = { charged: undefined, paid: undefined, transactionHash: undefined };
