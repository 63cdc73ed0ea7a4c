import type { Place } from "./Map";

/** The places with longitudes that never jump: each the short way round from the one before, so that what crosses the
 * antimeridian is drawn in one piece. */
export function unrolled(places: readonly Place[], from: number): Place[] {
  let before = from;
  return places.map(([longitude, latitude]) => {
    before = longitude + 360 * Math.round((before - longitude) / 360);
    return [before, latitude];
  });
}
