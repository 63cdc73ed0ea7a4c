/** A map without tiles: land alone, drawn from a file of our own. Beside it stands a list that says the same. */

import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { open } from "./leaflet";

/** Longitude and latitude in degrees, as GeoJSON has them. */
export type Place = readonly [longitude: number, latitude: number];

export interface Marked {
  name: string;
  at: Place;
  /** Metres. */
  accuracy: number;
  /** Something is wrong with it. */
  grave: boolean;
}

export interface MapContent {
  /** Outer ring and holes of each region. */
  regions: readonly (readonly (readonly Place[])[])[];
  /** Oldest first. */
  track: readonly Place[];
  marks: readonly Marked[];
}

type Opened = ReturnType<typeof open>;

export function MapView({ label, content }: { label: string; content: MapContent }) {
  const { t } = useTranslation("leases");
  const at = useRef<HTMLDivElement>(null);
  const [opened, setOpened] = useState<Opened>();
  const zoomIn = t("map.zoomIn");
  const zoomOut = t("map.zoomOut");
  useEffect(() => {
    let gone = false;
    let end = () => {};
    import("./leaflet").then(
      ({ open }) => {
        if (gone || !at.current) return;
        const map = open(at.current, { zoomIn, zoomOut });
        end = map.end;
        setOpened(map);
      },
      () => {}, // the service may be gone, and the places are there as text
    );
    return () => {
      gone = true;
      end();
      setOpened(undefined);
    };
  }, [zoomIn, zoomOut]);
  useEffect(() => opened?.draw(content), [opened, content]);
  return <div className="map" ref={at} role="region" aria-label={label} />;
}
