/** Anybody's line, as the chain tells everybody; anybody may pay for it. */

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Past } from "./Past";
import type { LineDetail } from "../../api/schema";
import { useApi } from "../../api/query";
import { Figures, Tiles } from "../../ui/Figures";
import { Money } from "../../ui/Money";
import { Shown } from "../../ui/Shown";
import { Table } from "../../ui/Table";
import { PartyLink, TransactionLink } from "../../ui/links";
import { percent, time } from "../../ui/format";
import { useNumber } from "../../ui/routes";
import { RepayForm } from "./Forms";
import { CreditPage, Section } from "./Frame";
import { LimitArithmetic } from "./LimitArithmetic";
import { StatusTag } from "./StatusTag";

export default function LinePage() {
  const { t } = useTranslation("credit");
  const party = useNumber("party");
  const known = Number.isFinite(party);
  const line = useApi("/v1/lines/{party}", { party }, known);
  return (
    <CreditPage title={t("line.title", { party: known ? party : "–" })}>
      {known ? <Shown of={line}>{(found) => <Everything line={found} />}</Shown> : <p>{t("line.unknown")}</p>}
      <p>
        <Link to={"/credit/lines" as string}>{t("line.back")}</Link>
      </p>
    </CreditPage>
  );
}

const EVENTS = [
  "LineOpened",
  "LineFrozen",
  "LineUnfrozen",
  "LineDelinquent",
  "LineCured",
  "LineNoticeGiven",
  "LineDefaulted",
  "LineWrittenOff",
  "LineClosed",
] as const;

function Everything({ line }: { line: LineDetail }) {
  const { t } = useTranslation("credit");
  const { party, owed } = line;
  const happened = (event: string) => {
    const known = EVENTS.find((name) => name === event);
    return known ? t(`line.happened.${known}`) : event;
  };
  return (
    <>
      <Tiles
        of={[
          [t("figure.limit"), <Money fen={line.limit} />],
          [t("figure.drawn"), <Money fen={line.drawn} />],
          [t("figure.owed"), <Money fen={owed.total} />],
          [t("statement.overdue"), <Money fen={owed.overdue} />],
          [t("figure.status"), <StatusTag status={line.status} frozen={line.frozen} />],
        ]}
      />
      <Figures
        of={[
          [t("table.party"), <PartyLink party={party} />],
          [t("figure.average"), line.averageRateBps === null ? "–" : percent(line.averageRateBps)],
          [
            t("line.nextClose"),
            line.nextClose.date,
            t("why.cycle", { share: percent(line.instalmentBps), days: line.dueDays }),
          ],
          [t("figure.lateRate"), percent(line.lateRateBps), t("why.lateRate", { days: line.cureDays })],
          [t("table.opened"), line.opened.date],
          [t("figure.maturity"), line.maturity.date, t("why.maturity")],
          ...(line.cureThrough ? [[t("line.cureThrough"), line.cureThrough.date] as const] : []),
        ]}
      />
      {BigInt(owed.total) > 0n && (
        <>
          <p>{t("line.anybody")}</p>
          <RepayForm party={party} total={BigInt(owed.total)} billed={BigInt(owed.billed)} said={owed} />
        </>
      )}
      <Past party={party} />
      <Section title={t("limit.title")}>
        <LimitArithmetic party={party} />
      </Section>
      <Section title={t("line.changes")}>
        <Table
          label={t("line.changes")}
          rows={line.changes}
          rowKey={({ block, logIndex }) => `${block}-${logIndex}`}
          file={`line-${party}-changes`}
          columns={[
            { title: t("table.at"), show: ({ at }) => at && time(at), plain: ({ at }) => (at ? time(at) : "") },
            { title: t("line.event"), show: ({ event }) => happened(event), plain: ({ event }) => happened(event) },
            {
              title: t("figure.status"),
              show: ({ status, frozen }) => <StatusTag status={status} frozen={frozen} />,
              plain: ({ status }) => t(`status.${status}`),
            },
            {
              title: t("table.transaction"),
              show: ({ transactionHash }) => <TransactionLink hash={transactionHash} />,
              plain: ({ transactionHash }) => transactionHash,
            },
          ]}
        />
      </Section>
    </>
  );
}
