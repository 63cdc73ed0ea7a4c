/** The fleet on a map, and the same as a list. */

import { useQueries } from "@tanstack/react-query";
import { Empty, Tag } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import { useMe } from "../../api/me";
import { usePages } from "../../api/pages";
import { useSession } from "../../api/session";
import type { FleetMachine, LeaseAnnex, Machine } from "../../api/schema";
import { useInLanguage } from "../../text";
import { MapView } from "../../ui/Map";
import { Listed } from "../../ui/Listed";
import { Page } from "../../ui/Page";
import { type Column, Table } from "../../ui/Table";
import { time } from "../../ui/format";
import { PartyLink } from "../../ui/links";
import { LeaseNav } from "./LeaseNav";
import { Private } from "./Private";
import { LeaseLink, MachineLink } from "./links";
import { usePrivatePages, useRoom } from "./live";
import { hoursOfTenths } from "./meter";
import { pointOf, regionOf, spoken } from "./site";

export default function FleetPage() {
  const { t } = useTranslation("leases");
  const session = useSession();
  const me = useMe();
  const machines = usePages("/v1/machines", { party: me?.party || undefined });
  // A machine that is missing on the map would be taken for lost.
  const fleet = usePrivatePages("/v1/fleet", {}, { whole: true });
  useRoom(session.data?.officer ? "bank:private" : undefined);
  return (
    <Page title={t("fleet.title")}>
      <LeaseNav />
      <p>{t("fleet.intro")}</p>
      <Private of={fleet}>{(found) => <FleetMap fleet={found} machines={machines.data ?? []} />}</Private>
      <h2>{t("fleet.list")}</h2>
      <Listed of={machines} whenEmpty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("fleet.none")} />}>
        {(rows) => <FleetTable machines={rows} fleet={fleet.data ?? []} />}
      </Listed>
    </Page>
  );
}

function FleetMap({ fleet, machines }: { fleet: readonly FleetMachine[]; machines: readonly Machine[] }) {
  const { t } = useTranslation("leases");
  const shown = new Set(fleet.map(({ machine }) => machine));
  const leases = machines.flatMap(({ machine, lease }) => (lease && shown.has(machine) ? [lease] : []));
  const annexes = useAnnexes(leases);
  const content = useMemo(
    () => ({
      regions: annexes.map(regionOf).filter((rings) => rings.length > 0),
      track: [],
      marks: fleet.flatMap(({ machine, telemetry, alarms }) => {
        const fix = telemetry?.position;
        if (!fix) return [];
        const { accuracy } = fix.properties;
        const grave = alarms.some(({ severity }) => severity !== "warn");
        return [{ name: t("machine", { machine }), at: pointOf(fix.geometry.coordinates), accuracy, grave }];
      }),
    }),
    [fleet, annexes, t],
  );
  return (
    <>
      <MapView label={t("fleet.map")} content={content} />
      <p className="muted">{t("map.source")}</p>
    </>
  );
}

const found = (results: readonly { data: LeaseAnnex | undefined }[]) =>
  results.flatMap(({ data }) => (data ? [data] : []));

function useAnnexes(leases: readonly number[]): readonly LeaseAnnex[] {
  return useQueries({
    queries: leases.map((lease) => ({
      queryKey: ["api", "/v1/leases/{lease}/annex", { lease }],
      queryFn: () => get("/v1/leases/{lease}/annex", { lease }),
      // It is signed: it never changes.
      staleTime: Number.POSITIVE_INFINITY,
    })),
    combine: found,
  });
}

function FleetTable({ machines, fleet }: { machines: readonly Machine[]; fleet: readonly FleetMachine[] }) {
  const { t } = useTranslation("leases");
  const inLanguage = useInLanguage();
  const privately = (machine: number) => fleet.find((one) => one.machine === machine);
  const alarmsOf = (machine: Machine) => privately(machine.machine)?.alarms ?? machine.alarms;
  const whereOf = ({ machine }: Machine) => {
    const fix = privately(machine)?.telemetry?.position;
    return fix ? spoken(pointOf(fix.geometry.coordinates)) : undefined;
  };
  const columns: Column<Machine>[] = [
    {
      title: t("column.machine"),
      show: ({ machine }) => <MachineLink machine={machine} />,
      plain: ({ machine }) => machine,
    },
    {
      title: t("column.holder"),
      show: ({ holder }) => <PartyLink party={holder} />,
      plain: ({ holder }) => holder ?? "",
    },
    {
      title: t("column.lessee"),
      show: ({ lessee }) => <PartyLink party={lessee} />,
      plain: ({ lessee }) => lessee ?? "",
    },
    {
      title: t("column.lease"),
      show: ({ lease }) => <LeaseLink lease={lease} />,
      plain: ({ lease }) => lease ?? "",
    },
    {
      title: t("column.hours"),
      show: ({ reading }) => (reading ? hoursOfTenths(reading.tenths) : "–"),
      plain: ({ reading }) => (reading ? hoursOfTenths(reading.tenths) : ""),
      numeric: true,
    },
    {
      title: t("column.heard"),
      show: ({ reading }) => (reading?.at ? time(reading.at) : "–"),
      plain: ({ reading }) => reading?.at ?? "",
    },
    {
      title: t("column.position"),
      show: (machine) => whereOf(machine) ?? "–",
      plain: (machine) => whereOf(machine) ?? "",
    },
    {
      title: t("column.alarms"),
      show: (machine) =>
        alarmsOf(machine).length === 0
          ? t("alarms.none")
          : alarmsOf(machine).map(({ alarm, name, severity, severityName }) => (
              <Tag key={alarm} color={severity === "warn" ? "warning" : "error"}>
                {inLanguage(name)} · {inLanguage(severityName)}
              </Tag>
            )),
      plain: (machine) =>
        alarmsOf(machine)
          .map(({ name, severityName }) => `${inLanguage(name)} (${inLanguage(severityName)})`)
          .join("; "),
    },
    {
      title: t("column.money"),
      show: ({ alarms, held }) => t(held || alarms.some(({ gates }) => gates) ? "gate.stopped" : "gate.notStopped"),
      plain: ({ alarms, held }) => t(held || alarms.some(({ gates }) => gates) ? "gate.stopped" : "gate.notStopped"),
    },
  ];
  return (
    <Table label={t("fleet.list")} columns={columns} rows={machines} rowKey={({ machine }) => machine} file="fleet" />
  );
}
