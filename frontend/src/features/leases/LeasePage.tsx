/** One lease, from signature to end: how it stands, what can be done, what it costs, and what happened. */

import { Card, Tabs } from "antd";
import { useTranslation } from "react-i18next";
import { useApi } from "../../api/query";
import type { LeaseDetail } from "../../api/schema";
import { Figures, Tiles } from "../../ui/Figures";
import { Money } from "../../ui/Money";
import { Page } from "../../ui/Page";
import { Shown } from "../../ui/Shown";
import { time } from "../../ui/format";
import { Copyable, PartyLink } from "../../ui/links";
import { useNumber } from "../../ui/routes";
import { LeaseNav } from "./LeaseNav";
import { LeaseAccountPart } from "./LeaseAccountPart";
import { LeaseEvents } from "./LeaseEvents";
import { LeaseSteps } from "./LeaseSteps";
import { LifeOf } from "./LifeOf";
import { LoanPart } from "./LoanPart";
import { RentPart } from "./RentPart";
import { TermsTable } from "./TermsTable";
import { LeaseTag, MachineLink } from "./links";
import { useRoom } from "./live";

export default function LeasePage() {
  const { t } = useTranslation("leases");
  const id = useNumber("id");
  const lease = useApi("/v1/leases/{lease}", { lease: id });
  useRoom(`lease:${id}`);
  return (
    <Page title={t("lease", { lease: id })}>
      <LeaseNav />
      <Shown of={lease}>{(found) => <LeaseView lease={found} />}</Shown>
    </Page>
  );
}

function LeaseView({ lease }: { lease: LeaseDetail }) {
  const { t } = useTranslation("leases");
  const { today } = lease;
  return (
    <>
      <div className="row">
        <LeaseTag status={today.status} disputed={lease.disputed} />
        <MachineLink machine={lease.machine} />
        <span>
          {t("column.lessor")}: <PartyLink party={lease.lessor} />
        </span>
        <span>
          {t("column.lessee")}: <PartyLink party={lease.lessee} />
        </span>
      </div>
      <Tiles
        of={[
          [t("owed.rent"), <Money key="rent" fen={today.rent} />, t("owed.rentWhy")],
          [t("owed.overdue"), <Money key="overdue" fen={today.overdue} />, t("owed.overdueWhy")],
          [t("owed.late"), <Money key="late" fen={today.late} />, t("owed.lateWhy")],
          [t("owed.payBy"), (today.rent !== "0" && today.pay?.date) || "–", t("owed.payByWhy")],
          [t("owed.buyOut"), today.buyOut ? <Money key="buyOut" fen={today.buyOut} /> : "–", t("owed.buyOutWhy")],
        ]}
      />
      <p className="muted">{t("owed.asOf", { date: today.day.date, block: today.block.number })}</p>
      <LifeOf lease={lease} />
      <Tabs
        items={[
          { key: "steps", label: t("tab.steps"), children: <LeaseSteps lease={lease} /> },
          { key: "rent", label: t("tab.rent"), children: <RentPart lease={lease} /> },
          { key: "account", label: t("tab.account"), children: <LeaseAccountPart lease={lease} /> },
          { key: "loan", label: t("tab.loan"), children: <LoanPart lease={lease} /> },
          { key: "terms", label: t("tab.terms"), children: <Terms lease={lease} /> },
          { key: "events", label: t("tab.events"), children: <LeaseEvents events={lease.timeline} /> },
        ]}
      />
    </>
  );
}

function Terms({ lease }: { lease: LeaseDetail }) {
  const { t } = useTranslation("leases");
  return (
    <div className="grid wide">
      <Card size="small" title={t("terms.title")}>
        <TermsTable terms={lease} />
      </Card>
      <Card size="small" title={t("terms.record")}>
        <Figures
          of={[
            [t("terms.signedAt"), lease.signedAt ? time(lease.signedAt) : "–"],
            [t("terms.deliveredAt"), lease.deliveredAt ? time(lease.deliveredAt) : "–"],
            [t("terms.end"), lease.end?.date ?? "–"],
            [t("terms.depositHeld"), <Money key="held" fen={lease.depositHeld} />],
            [t("terms.termsHash"), <Copyable key="terms" text={lease.termsHash} />, t("terms.termsHashWhy")],
            [t("terms.documentHash"), <Copyable key="document" text={lease.documentHash} />],
            [t("terms.rulesHash"), <Copyable key="rules" text={lease.rulesHash} />, t("terms.rulesHashWhy")],
          ]}
        />
      </Card>
    </div>
  );
}
