/** Where the machine was, with the region it may be in; the same as text below. */

import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "../../api/query";
import type { Fix, MachineDetail, Telemetry } from "../../api/schema";
import { Choice } from "../../ui/Choice";
import { MapView } from "../../ui/Map";
import { Shown } from "../../ui/Shown";
import { type Column, Table } from "../../ui/Table";
import { time } from "../../ui/format";
import { Private } from "./Private";
import { usePrivate } from "./live";
import { placesOf, pointOf, regionOf, spoken } from "./site";
import { secondsOf } from "./times";

const HOUR_S = 3_600;
const SPANS = { hour: HOUR_S, day: 24 * HOUR_S, week: 168 * HOUR_S, month: 31 * 24 * HOUR_S } as const;
type Span = keyof typeof SPANS;
const POINTS = 300;
const SHOWN = 20;

export function MachineTrack({ machine }: { machine: MachineDetail }) {
  const telemetry = usePrivate("/v1/machines/{machine}/telemetry", { machine: machine.machine });
  return <Private of={telemetry}>{(found) => <Track machine={machine} telemetry={found} />}</Private>;
}

function Track({ machine, telemetry }: { machine: MachineDetail; telemetry: Telemetry }) {
  const { t } = useTranslation("leases");
  const [span, setSpan] = useState<Span>("day");
  const until = telemetry.at ? secondsOf(telemetry.at) + 1 : 0;
  const window = { machine: machine.machine, since: until - SPANS[span], until, points: POINTS };
  const track = useApi("/v1/machines/{machine}/track", window, until > 0);
  const annex = useApi("/v1/leases/{lease}/annex", { lease: machine.lease ?? 0 }, !!machine.lease);
  const fixes = track.data?.features;
  const outside = machine.alarms.some(({ alarm }) => alarm === "region");
  const content = useMemo(() => {
    const rings = regionOf(annex.data);
    const last = telemetry.position;
    return {
      regions: rings.length > 0 ? [rings] : [],
      track: placesOf(fixes ?? []),
      marks: last
        ? [
            {
              name: t("machine", { machine: telemetry.machine }),
              at: pointOf(last.geometry.coordinates),
              accuracy: last.properties.accuracy,
              grave: outside,
            },
          ]
        : [],
    };
  }, [annex.data, fixes, telemetry, outside, t]);
  const spans = (Object.keys(SPANS) as Span[]).map((one) => [one, t(`track.${one}`)] as const);
  return (
    <div className="stack">
      <p>{t("track.intro")}</p>
      <div className="row">
        <Choice label={t("track.span")} value={span} choose={setSpan} of={spans} />
      </div>
      <MapView label={t("track.map")} content={content} />
      <p className="muted">{t("map.source")}</p>
      <p>{t(content.regions.length > 0 ? (outside ? "track.outside" : "track.inside") : "track.anywhere")}</p>
      <Shown of={track} empty={({ features }) => features.length === 0}>
        {({ features }) => <Positions fixes={features} machine={machine.machine} />}
      </Shown>
    </div>
  );
}

function Positions({ fixes, machine }: { fixes: readonly Fix[]; machine: number }) {
  const { t } = useTranslation(["leases", "common"]);
  const where = ({ geometry }: Fix) => spoken(pointOf(geometry.coordinates));
  const columns: Column<Fix>[] = [
    {
      title: t("leases:track.at"),
      show: ({ properties }) => (properties.at ? time(properties.at) : "–"),
      plain: ({ properties }) => properties.at ?? "",
    },
    { title: t("leases:column.position"), show: where, plain: where },
    {
      title: t("leases:track.accuracy"),
      show: ({ properties }) => `±${properties.accuracy} m`,
      plain: ({ properties }) => properties.accuracy,
      numeric: true,
    },
    {
      title: t("leases:track.speed"),
      show: ({ properties }) => `${properties.speed} km/h`,
      plain: ({ properties }) => properties.speed,
      numeric: true,
    },
    {
      title: t("leases:track.engine"),
      show: ({ properties }) => t(properties.engine ? "common:yes" : "common:no"),
      plain: ({ properties }) => t(properties.engine ? "common:yes" : "common:no"),
    },
    {
      title: t("leases:track.late"),
      show: ({ properties }) => t(properties.late ? "common:yes" : "common:no"),
      plain: ({ properties }) => t(properties.late ? "common:yes" : "common:no"),
    },
  ];
  return (
    <details>
      <summary>{t("leases:track.list", { count: Math.min(fixes.length, SHOWN) })}</summary>
      <Table
        label={t("leases:track.positions")}
        columns={columns}
        rows={fixes.slice(-SHOWN).toReversed()}
        rowKey={({ properties }) => properties.at ?? ""}
        file={`machine-${machine}-track`}
      />
    </details>
  );
}
