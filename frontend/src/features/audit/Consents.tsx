/** Who consented to what, and when it ended. */

import { useTranslation } from "react-i18next";
import { usePages } from "../../api/pages";
import type { ConsentEvent } from "../../api/schema";
import { Listed } from "../../ui/Listed";
import { type Column, Table } from "../../ui/Table";
import { shortHash, time } from "../../ui/format";
import { PartyLink, TransactionLink } from "../../ui/links";
import { Frame } from "./Frame";

export default function Consents() {
  const { t } = useTranslation(["audit", "common"]);
  const consents = usePages("/v1/audit/consents");
  const columns: readonly Column<ConsentEvent>[] = [
    {
      title: t("audit:consents.at"),
      show: ({ at }) => (at ? time(at) : "–"),
      plain: ({ at }) => at ?? "",
    },
    {
      title: t("audit:consents.party"),
      show: ({ party }) => <PartyLink party={party} />,
      plain: ({ party }) => party,
    },
    {
      title: t("audit:consents.purpose"),
      show: ({ purpose }) => t(`audit:consents.purposes.${purpose}`),
      plain: ({ purpose }) => purpose,
    },
    {
      title: t("audit:consents.what"),
      show: ({ granted }) => t(granted ? "audit:consents.granted" : "audit:consents.revoked"),
      plain: ({ granted }) => (granted ? "granted" : "revoked"),
    },
    { title: t("audit:consents.epoch"), show: ({ epoch }) => epoch, plain: ({ epoch }) => epoch, numeric: true },
    {
      title: t("audit:consents.text"),
      show: ({ textHash }) => <span className="mono">{textHash ? shortHash(textHash) : "–"}</span>,
      plain: ({ textHash }) => textHash ?? "",
    },
    {
      title: t("common:send.transaction"),
      show: ({ transactionHash }) => <TransactionLink hash={transactionHash} />,
      plain: ({ transactionHash }) => transactionHash,
    },
  ];
  return (
    <Frame title={t("audit:consents.title")}>
      <Listed of={consents} whenEmpty={<p>{t("audit:consents.none")}</p>}>
        {(rows) => (
          <Table
            label={t("audit:consents.title")}
            columns={columns}
            rows={rows}
            rowKey={({ block, logIndex }) => `${block} ${logIndex}`}
            file="heqi-consents"
          />
        )}
      </Listed>
    </Frame>
  );
}
