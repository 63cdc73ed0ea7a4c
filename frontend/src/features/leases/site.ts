/** Where a machine may be, and where it was, for the map. */

import type { Fix, LeaseAnnex } from "../../api/schema";
import type { Place } from "../../ui/Map";

const DEGREE = 10_000_000;

/** Rings of the region that an annex names, in degrees; none when the machine may be anywhere. */
export function regionOf(annex: LeaseAnnex | undefined): readonly (readonly Place[])[] {
  return regionIn(annex?.document);
}

/** The same of the annex's document. */
export function regionIn(document: unknown): readonly (readonly Place[])[] {
  if (typeof document !== "object" || document === null || !("region" in document)) return [];
  const { region } = document;
  if (typeof region !== "object" || region === null || !("polygon" in region)) return [];
  return Array.isArray(region.polygon) ? ringsOf(region.polygon) : [];
}

function ringsOf(polygon: readonly unknown[]): Place[][] {
  return polygon.flatMap((ring) => (Array.isArray(ring) ? [ring.flatMap(placeOf)] : []));
}

function placeOf(point: unknown): Place[] {
  if (!Array.isArray(point)) return [];
  const [longitude, latitude] = point;
  return typeof longitude === "number" && typeof latitude === "number" ? [[longitude / DEGREE, latitude / DEGREE]] : [];
}

export function placesOf(fixes: readonly Fix[]): Place[] {
  return fixes.map(({ geometry }) => pointOf(geometry.coordinates));
}

export function pointOf(coordinates: readonly unknown[]): Place {
  return [Number(coordinates[0]), Number(coordinates[1])];
}

/** "39.90420° N, 116.40740° E" */
export function spoken([longitude, latitude]: Place): string {
  const of = (value: number, [plus, minus]: readonly [string, string]) =>
    `${Math.abs(value).toFixed(5)}° ${value < 0 ? minus : plus}`;
  return `${of(latitude, ["N", "S"])}, ${of(longitude, ["E", "W"])}`;
}
