/** A transaction in words: who called what, what happened, and why it failed. */

import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import { formatEther } from "viem";
import { useApi } from "../../api/query";
import type { ChainTransaction } from "../../api/schema";
import { useLanguage } from "../../text";
import { Figures } from "../../ui/Figures";
import { Page } from "../../ui/Page";
import { Shown } from "../../ui/Shown";
import { Arguments, Call, Who } from "../../ui/decoded";
import { grouped, time } from "../../ui/format";
import { AddressLink, BlockLink, Copyable } from "../../ui/links";
import { useText } from "../../ui/routes";

export default function Transaction() {
  const { t } = useTranslation("explorer");
  const transaction = useApi("/v1/explorer/transactions/{transaction}", { transaction: useText("hash") });
  return (
    <Page title={t("transaction")}>
      <Shown of={transaction}>{(found) => <Told of={found} />}</Shown>
    </Page>
  );
}

function Told({ of }: { of: ChainTransaction }) {
  const { t } = useTranslation("explorer");
  const language = useLanguage();
  return (
    <>
      <Figures
        of={[
          [t("hash"), <Copyable key="hash" text={of.hash} />],
          [t("status"), t(`statuses.${of.status}`)],
          [t("number"), of.block ? <BlockLink key="block" block={of.block.number} /> : "–"],
          [t("time"), of.at ? time(of.at) : "–"],
          [t("confirmations"), `${of.confirmations}${of.final ? ` · ${t("final")}` : ""}`],
          [t("sender"), <Who key="sender" who={of.sender} />],
          [t("to"), <Who key="to" who={of.to ?? of.created} />],
          [t("gasUsed"), `${of.gasUsed ? grouped(BigInt(of.gasUsed)) : "–"} / ${grouped(BigInt(of.gasLimit))}`],
          [t("fee"), of.fee ? `${formatEther(BigInt(of.fee))} ETH` : "–"],
        ]}
      />
      {of.failure && (
        <Alert
          type="error"
          showIcon
          title={`${t("failure")}: ${of.failure.code}`}
          description={of.failure.notices[language]}
        />
      )}
      <h2>{t("call")}</h2>
      {of.call ? <Call call={of.call} /> : <p className="mono">{of.selector ?? "–"}</p>}
      <h2>{t("events")}</h2>
      {of.logs.length === 0 && <p>{t("noEvents")}</p>}
      {of.logs.map((log) => (
        <section className="tile stack" key={log.logIndex}>
          <h3 className="mono">
            {log.contract ?? <AddressLink address={log.address} />} · {log.event ?? log.topics[0]}
          </h3>
          <Arguments of={log.arguments} />
        </section>
      ))}
      <details>
        <summary>{t("input")}</summary>
        <p className="mono">{of.input}</p>
      </details>
    </>
  );
}
