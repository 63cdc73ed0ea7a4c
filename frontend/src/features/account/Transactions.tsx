/** What this browser sent, and what became of it. */

import { useTranslation } from "react-i18next";
import { type Sent, useTransactions } from "../../chain/transactions";
import { FailureText } from "../../ui/FailureText";
import { type Column, Table } from "../../ui/Table";
import { time } from "../../ui/format";
import { BlockLink, TransactionLink } from "../../ui/links";
import { Frame } from "./Frame";

export default function Transactions() {
  const { t } = useTranslation(["account", "common"]);
  const sent = useTransactions();
  const columns: readonly Column<Sent>[] = [
    {
      title: t("account:transactions.what"),
      show: ({ title, failure }) => (
        <>
          {title}
          {failure && <FailureText failure={failure} />}
        </>
      ),
      plain: ({ title }) => title,
    },
    {
      title: t("account:transactions.state"),
      show: ({ state }) => t(`account:transactions.states.${state}`),
      plain: ({ state }) => t(`account:transactions.states.${state}`),
    },
    {
      title: t("account:transactions.when"),
      show: ({ sentAt }) => time(Math.floor(sentAt / 1000)),
      plain: ({ sentAt }) => time(Math.floor(sentAt / 1000)),
    },
    {
      title: t("common:send.transaction"),
      show: ({ hash }) => <TransactionLink hash={hash} />,
      plain: ({ hash }) => hash,
    },
    {
      title: t("common:send.block"),
      show: ({ block }) => (block ? <BlockLink block={block} /> : "–"),
      plain: ({ block }) => block ?? "",
      numeric: true,
    },
    {
      title: t("account:transactions.gas"),
      show: ({ gas }) => gas ?? "–",
      plain: ({ gas }) => gas ?? "",
      numeric: true,
    },
  ];
  return (
    <Frame title={t("account:transactions.title")}>
      <p className="muted">{t("account:transactions.intro")}</p>
      {sent.length === 0 ? (
        <p>{t("account:transactions.none")}</p>
      ) : (
        <Table
          label={t("account:transactions.title")}
          columns={columns}
          rows={sent}
          rowKey={({ hash }) => hash}
          file="heqi-transactions"
        />
      )}
    </Frame>
  );
}
