/** A block and its transactions. */

import { useTranslation } from "react-i18next";
import { useApi } from "../../api/query";
import type { TransactionRow } from "../../api/schema";
import { Figures } from "../../ui/Figures";
import { Page } from "../../ui/Page";
import { Shown } from "../../ui/Shown";
import { type Column, Table } from "../../ui/Table";
import { Who } from "../../ui/decoded";
import { grouped, time } from "../../ui/format";
import { BlockLink, Copyable, TransactionLink } from "../../ui/links";
import { useNumber } from "../../ui/routes";

export default function Block() {
  const { t } = useTranslation("explorer");
  const number = useNumber("number");
  const block = useApi("/v1/explorer/blocks/{number}", { number });
  const columns: readonly Column<TransactionRow>[] = [
    { title: t("transaction"), show: ({ hash }) => <TransactionLink hash={hash} /> },
    { title: t("call"), show: ({ call }) => <span className="mono">{call ?? "–"}</span> },
    { title: t("sender"), show: ({ sender }) => <Who who={sender} /> },
    {
      title: t("status"),
      show: ({ succeeded }) => t(`statuses.${succeeded === null ? "pending" : succeeded ? "succeeded" : "failed"}`),
    },
    { title: t("gasUsed"), show: ({ gasUsed }) => (gasUsed ? grouped(BigInt(gasUsed)) : "–"), numeric: true },
  ];
  return (
    <Page title={t("block", { number })}>
      <Shown of={block}>
        {(found) => (
          <>
            <Figures
              of={[
                [t("hash"), <Copyable key="hash" text={found.hash} />],
                [t("parent"), number ? <BlockLink key="parent" block={number - 1} /> : "–"],
                [t("time"), found.at ? time(found.at) : "–"],
                [t("gasUsed"), `${grouped(BigInt(found.gasUsed))} / ${grouped(BigInt(found.gasLimit))}`],
              ]}
            />
            <h2>{t("transactionsOf")}</h2>
            {found.items.length === 0 ? (
              <p>{t("none")}</p>
            ) : (
              <Table label={t("transactionsOf")} columns={columns} rows={found.items} rowKey={({ hash }) => hash} />
            )}
          </>
        )}
      </Shown>
    </Page>
  );
}
