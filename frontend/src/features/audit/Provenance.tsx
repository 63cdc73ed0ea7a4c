/** The whole story of a receivable: parts, documents, financings with what they read and paid, and every event. */

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useApi } from "../../api/query";
import type { ClaimNode, FinancedTurn, GateScore } from "../../api/schema";
import { useInLanguage } from "../../text";
import { EventList } from "../../ui/EventList";
import { Figures } from "../../ui/Figures";
import { Money } from "../../ui/Money";
import { Shown } from "../../ui/Shown";
import { Who } from "../../ui/decoded";
import { money, time } from "../../ui/format";
import { AddressLink, BlockLink, Copyable, PartyLink, TransactionLink } from "../../ui/links";
import { useNumber } from "../../ui/routes";
import { Frame } from "./Frame";

export default function Provenance() {
  const { t } = useTranslation("audit");
  const receivable = useNumber("id");
  const inLanguage = useInLanguage();
  const story = useApi("/v1/audit/receivables/{receivable}/provenance", { receivable });
  /** What the event says that named a document. */
  const nameOf = (event: string, transaction: string) => {
    const found = story.data?.events.find((one) => one.event === event && one.transactionHash === transaction);
    return found?.sentence ? inLanguage(found.sentence) : event;
  };
  return (
    <Frame title={t("provenance.title", { id: receivable })}>
      <Shown of={story}>
        {({ tree, documents, financings, events, fingerprint, due, block }) => (
          <>
            <Figures
              of={[
                [t("provenance.fingerprint"), <Copyable key="fingerprint" text={fingerprint} />],
                [t("provenance.due"), due.date],
                [t("provenance.block"), <BlockLink key="block" block={block.number} />],
              ]}
            />
            <h2>{t("provenance.tree")}</h2>
            <ul className="tree">
              <Claim of={tree} />
            </ul>
            <h2>{t("provenance.documents")}</h2>
            {documents.length === 0 && <p>{t("provenance.noDocuments")}</p>}
            {documents.map(({ hash, transactionHash, event }) => (
              <div className="row" key={`${hash} ${transactionHash}`}>
                <span className="muted">{nameOf(event, transactionHash)}</span>
                <Copyable text={hash} />
                <TransactionLink hash={transactionHash} />
              </div>
            ))}
            <h2>{t("provenance.financings")}</h2>
            {financings.length === 0 && <p>{t("provenance.none")}</p>}
            {financings.map((turn) => (
              <Turn key={`${turn.receivable} ${turn.turn}`} of={turn} />
            ))}
            <h2>{t("provenance.events")}</h2>
            <EventList of={events} />
          </>
        )}
      </Shown>
    </Frame>
  );
}

function Claim({ of }: { of: ClaimNode }) {
  const { t } = useTranslation("audit");
  return (
    <li>
      <Link to={`/receivables/${of.id}` as string}>{of.id}</Link> · {t(`provenance.state.${of.state}`)} ·{" "}
      <Money fen={of.face} /> · {t("provenance.outstanding", { amount: money(of.outstanding) })} ·{" "}
      <Who who={of.holder} />
      {of.parts.length > 0 && (
        <ul>
          {of.parts.map((part) => (
            <Claim key={part.id} of={part} />
          ))}
        </ul>
      )}
    </li>
  );
}

function Turn({ of }: { of: FinancedTurn }) {
  const { t } = useTranslation("audit");
  return (
    <section className="tile stack">
      <h3>
        {t("provenance.turn", { turn: of.turn })} · {of.receivable} · {t(`provenance.status.${of.status}`)}
      </h3>
      <Figures
        of={[
          [t("provenance.claim"), <Money key="claim" fen={of.claim} />],
          [t("provenance.advance"), <Money key="advance" fen={of.advance} />],
          [t("provenance.discount"), <Money key="discount" fen={of.discount} />],
          [t("provenance.fee"), <Money key="fee" fen={of.fee} />],
          [t("provenance.net"), <Money key="net" fen={of.net} />],
          ...of.payouts.map(
            ({ to, net, transactionHash }) =>
              [
                t("provenance.payout"),
                <span key={transactionHash}>
                  <Who who={to} /> · <Money fen={net} /> · <TransactionLink hash={transactionHash} />
                </span>,
              ] as const,
          ),
        ]}
      />
      {of.score && <Score of={of.score} />}
    </section>
  );
}

function Score({ of }: { of: GateScore }) {
  const { t } = useTranslation("audit");
  return (
    <Figures
      of={[
        [
          t("provenance.score"),
          <span key="score">
            {of.value} · <PartyLink party={of.party} />
          </span>,
        ],
        [t("provenance.pd"), `${(of.pdPpm / 10_000).toFixed(2)}%`],
        [
          t("provenance.round"),
          <span key="round">
            {of.round} · {of.reportedAt && time(of.reportedAt)} · <TransactionLink hash={of.transactionHash} />
          </span>,
        ],
        [t("provenance.model"), of.model],
        [t("provenance.modelHash"), of.modelHash ? <Copyable key="model" text={of.modelHash} /> : "–"],
        [
          t("provenance.signers"),
          <span key="signers">
            {of.signers?.map(({ address }) => (
              <span key={address}>
                <AddressLink address={address} />{" "}
              </span>
            )) ?? "–"}
          </span>,
        ],
      ]}
    />
  );
}
