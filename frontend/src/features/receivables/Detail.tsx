/** A receivable: where it stands, what can be done now, its tree, its papers, and all that happened to it. */

import { Card } from "antd";
import { useApi } from "../../api/query";
import type { ReceivableDetail } from "../../api/schema";
import { Figures, Tiles } from "../../ui/Figures";
import { Money } from "../../ui/Money";
import { Page } from "../../ui/Page";
import { Shown } from "../../ui/Shown";
import { time } from "../../ui/format";
import { AddressLink, Copyable, PartyLink } from "../../ui/links";
import { useNumber } from "../../ui/routes";
import { DocumentCheck, ReasonCheck } from "./DocumentCheck";
import { FinancingCard } from "./FinancingCard";
import { Offer } from "./Offer";
import { Pages, ReceivableLink, StateTag } from "./parts";
import { SplitTree } from "./SplitTree";
import { Steps } from "./Steps";
import { Timeline } from "./Timeline";
import { WhatNow } from "./WhatNow";
import { useWords } from "./words";

export default function Detail() {
  const t = useWords();
  const id = useNumber("id");
  const found = useApi("/v1/receivables/{receivable}", { receivable: Number.isNaN(id) ? 0 : id });
  return (
    <Page title={t("receivables:number", { id: Number.isNaN(id) ? "?" : id })}>
      <Pages />
      <Shown of={found}>{(receivable) => <Everything of={receivable} />}</Shown>
    </Page>
  );
}

function Everything({ of }: { of: ReceivableDetail }) {
  const t = useWords();
  return (
    <>
      <Steps of={of} />
      <Overview of={of} />
      <div className="halves">
        <WhatNow of={of} />
        <Offer of={of} />
      </div>
      {of.financings > 0 && <FinancingCard of={of} />}
      {(of.tree.parts.length > 0 || of.parent !== null) && <SplitTree of={of.tree} current={of.id} />}
      <DocumentCheck of={of} />
      <ReasonCheck of={of} />
      <Card title={<h2>{t("receivables:timeline")}</h2>}>
        <Timeline label={t("receivables:timeline")} of={of.timeline} />
      </Card>
    </>
  );
}

function Overview({ of }: { of: ReceivableDetail }) {
  const t = useWords();
  const today = useApi("/v1/status").data?.today.day;
  const left = today === undefined ? undefined : of.due.day - today;
  return (
    <Card title={<h2>{t("receivables:overview")}</h2>}>
      <div className="stack">
        <Tiles
          of={[
            [t("receivables:stateName"), <StateTag state={of.state} />],
            [t("receivables:face"), <Money fen={of.face} />],
            [t("receivables:outstanding"), <Money fen={of.outstanding} />],
            // What was paid on a financed claim goes to the bank first.
            [
              t(of.state === "Financed" ? "receivables:financing.collectable" : "receivables:claimable"),
              <Money fen={of.claimable} />,
            ],
            [
              t("receivables:due"),
              <>
                {of.due.date}
                {left !== undefined && of.state !== "Settled" && (
                  <span className="tile-note">
                    {left >= 0 ? t("receivables:daysLeft", { days: left }) : t("receivables:daysOver", { days: -left })}
                  </span>
                )}
              </>,
            ],
          ]}
        />
        <Figures
          of={[
            [t("receivables:debtor"), <PartyLink party={of.debtor} />],
            [t("receivables:creditor"), <PartyLink party={of.creditor} />],
            [
              t("receivables:holder"),
              <>
                <PartyLink party={of.holderParty} /> {of.holder && <AddressLink address={of.holder} />}
              </>,
            ],
            [t("receivables:tier"), of.tier, t("receivables:tierWhy")],
            [t("receivables:pool"), <ReceivableLink id={of.pool} />, t("receivables:poolWhy")],
            [t("receivables:fingerprint"), <Copyable text={of.fingerprint} />, t("receivables:fingerprintWhy")],
            [t("receivables:documentHash"), <Copyable text={of.documentHash} />],
            [t("receivables:registeredAt"), <Moment at={of.registeredAt} />],
            [t("receivables:confirmedAt"), <Moment at={of.confirmedAt} />],
          ]}
        />
      </div>
    </Card>
  );
}

function Moment({ at }: { at: string | null }) {
  return <span className="figure">{at ? time(at) : "–"}</span>;
}
