/** Leaflet over the world's land. No borders of countries, no tiles, no request off this site. */

import * as L from "leaflet";
import "leaflet/dist/leaflet.css";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import land from "world-atlas/land-110m.json?url";
import type { MapContent, Place } from "./Map";
import { unrolled } from "./longitudes";

interface Words {
  zoomIn: string;
  zoomOut: string;
}

const CLOSEST = 17;
const WORLD: L.LatLngBoundsExpression = [
  [-55, -170],
  [75, 179],
];

/** Draws what is given, all of it in view until the user moves or zooms. */
export function open(at: HTMLElement, { zoomIn, zoomOut }: Words) {
  const map = L.map(at, { attributionControl: false, zoomControl: false, minZoom: 1, maxZoom: CLOSEST, zoomSnap: 0.5 });
  map.fitBounds(WORLD);
  L.control.zoom({ zoomInTitle: zoomIn, zoomOutTitle: zoomOut }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  const content = L.featureGroup().addTo(map);
  void layLand(map);
  const watcher = new ResizeObserver(() => map.invalidateSize());
  watcher.observe(at);
  let isUsers = false;
  let isOver = false;
  for (const event of ["pointerdown", "wheel", "keydown"])
    at.addEventListener(event, () => (isUsers = true), { passive: true });
  return {
    draw: (next: MapContent) => {
      if (isOver) return;
      content.clearLayers();
      for (const layer of layersOf(next)) content.addLayer(layer);
      const bounds = content.getBounds();
      if (!isUsers && bounds.isValid()) map.fitBounds(bounds.pad(0.1), { maxZoom: 15, animate: false });
    },
    end: () => {
      isOver = true;
      watcher.disconnect();
      map.remove();
    },
  };
}

async function layLand(map: L.Map): Promise<void> {
  const answer = await fetch(land);
  const topology: Topology<{ land: GeometryCollection }> = await answer.json();
  const style = { className: "map-land", weight: 1 };
  L.geoJSON(feature(topology, topology.objects.land), { style, interactive: false }).addTo(map).bringToBack();
}

function layersOf({ regions, track, marks }: MapContent): L.Layer[] {
  const from = (regions[0]?.[0]?.[0] ?? track[0] ?? marks[0]?.at ?? [0, 0])[0];
  const line = (places: readonly Place[]) =>
    unrolled(places, from).map(([longitude, latitude]) => L.latLng(latitude, longitude));
  return [
    ...regions.map((rings) => L.polygon(rings.map(line), { className: "map-region", interactive: false })),
    ...(track.length > 1 ? [L.polyline(line(track), { className: "map-track", interactive: false })] : []),
    ...marks.flatMap(({ name, at, accuracy, grave }) => {
      const [centre] = line([at]);
      const className = grave ? "map-mark grave" : "map-mark";
      return [
        L.circle(centre!, { radius: accuracy, className: "map-accuracy", interactive: false }),
        L.circleMarker(centre!, { radius: 7, className }).bindTooltip(name, { permanent: true, direction: "top" }),
      ];
    }),
  ];
}
