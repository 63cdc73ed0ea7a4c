/** One machine: what it measured, what is wrong with it, whether that stops money, where it was, what it costs. */

import { Link } from "@tanstack/react-router";
import { Alert, Tabs } from "antd";
import { useTranslation } from "react-i18next";
import { useMe } from "../../api/me";
import { useApi } from "../../api/query";
import { useSession } from "../../api/session";
import type { MachineDetail } from "../../api/schema";
import { Tiles } from "../../ui/Figures";
import { Page } from "../../ui/Page";
import { Shown } from "../../ui/Shown";
import { grouped, time } from "../../ui/format";
import { PartyLink } from "../../ui/links";
import { useNumber } from "../../ui/routes";
import { Gate } from "./Gate";
import { LeaseNav } from "./LeaseNav";
import { MachineAlarms } from "./MachineAlarms";
import { MachineMeters } from "./MachineMeters";
import { MachineTitle } from "./MachineTitle";
import { MachineTrack } from "./MachineTrack";
import { RentPart } from "./RentPart";
import { LeaseLink } from "./links";
import { useRoom } from "./live";
import { hoursOfTenths } from "./meter";

export default function MachinePage() {
  const { t } = useTranslation("leases");
  const id = useNumber("id");
  const machine = useApi("/v1/machines/{machine}", { machine: id });
  useConcerned(id);
  return (
    <Page title={t("machine", { machine: id })}>
      <LeaseNav />
      <Shown of={machine}>{(found) => <MachineView machine={found} />}</Shown>
    </Page>
  );
}

/** Everything that is told of a machine to whom it concerns: on chain, and what its alarms come to before. */
function useConcerned(machine: number) {
  const session = useSession();
  const me = useMe();
  useRoom(`machine:${machine}`);
  useRoom(session.data && me?.party ? `party:${me.party}:private` : undefined);
  useRoom(session.data?.officer ? "bank:private" : undefined);
}

function MachineView({ machine }: { machine: MachineDetail }) {
  const { t } = useTranslation("leases");
  const { reading } = machine;
  const items = [
    { key: "alarms", label: t("tab.alarms"), children: <MachineAlarms machine={machine} /> },
    { key: "rent", label: t("tab.rent"), children: <MachineRent machine={machine} /> },
    { key: "track", label: t("tab.track"), children: <MachineTrack machine={machine} /> },
    { key: "meters", label: t("tab.meters"), children: <MachineMeters machine={machine} /> },
    { key: "title", label: t("tab.title"), children: <TitlePart machine={machine} /> },
  ];
  return (
    <>
      <div className="row">
        <span>
          {t("column.holder")}: <PartyLink party={machine.holder} />
        </span>
        <span>
          {t("column.lessee")}: <PartyLink party={machine.lessee} />
        </span>
        <LeaseLink lease={machine.lease} />
      </div>
      <Gate machine={machine} />
      <Tiles
        of={[
          [t("meters.hours"), reading ? hoursOfTenths(reading.tenths) : "–", t("meters.hoursWhy")],
          [t("meters.fuel"), reading ? t("litres", { litres: grouped(reading.litres) }) : "–"],
          [t("meters.at"), reading?.at ? time(reading.at) : "–", t("meters.atWhy")],
          [t("meters.reportedAt"), reading?.reportedAt ? time(reading.reportedAt) : "–", t("meters.reportedAtWhy")],
        ]}
      />
      <Tabs items={items} />
    </>
  );
}

function TitlePart({ machine }: { machine: MachineDetail }) {
  const { t } = useTranslation("leases");
  return (
    <div className="stack">
      <MachineTitle machine={machine} />
      <Link to={"/leases/onboard" as string}>{t("nav.onboard")}</Link>
    </div>
  );
}

function MachineRent({ machine }: { machine: MachineDetail }) {
  const { t } = useTranslation("leases");
  const lease = useApi("/v1/leases/{lease}", { lease: machine.lease ?? 0 }, !!machine.lease);
  if (!machine.lease) return <Alert type="info" title={t("rent.noLease")} />;
  return <Shown of={lease}>{(found) => <RentPart lease={found} />}</Shown>;
}
