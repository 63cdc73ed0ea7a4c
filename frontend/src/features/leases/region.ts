/** The region of a lease's annex from what people give: a circle, or a polygon as GeoJSON. In 1e-7 degrees. */

export type Ring = readonly (readonly [longitude: number, latitude: number])[];

const DEGREE = 10_000_000;
/** Metres of a degree of latitude on the sphere that the rules measure on. */
const METRES = 111_195;
const CORNERS = 24;

/** A ring of that radius in metres around a place in degrees. */
export function circle(longitude: number, latitude: number, radius: number): Ring[] {
  const high = radius / METRES;
  const wide = high / Math.cos((latitude * Math.PI) / 180);
  const corners = Array.from({ length: CORNERS }, (_, at) => {
    const angle = (2 * Math.PI * at) / CORNERS;
    return unitsOf(longitude + wide * Math.cos(angle), latitude + high * Math.sin(angle));
  });
  return [[...corners, corners[0]!]];
}

/** Outer ring and holes of a Polygon, or of the first Feature; undefined for anything else. */
export function fromGeoJson(text: string): Ring[] | undefined {
  try {
    return ringsIn(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function ringsIn(given: unknown): Ring[] | undefined {
  if (typeof given !== "object" || given === null) return undefined;
  if ("features" in given && Array.isArray(given.features)) return ringsIn(given.features[0]);
  if ("geometry" in given) return ringsIn(given.geometry);
  if (!("type" in given) || given.type !== "Polygon" || !("coordinates" in given)) return undefined;
  const { coordinates } = given;
  if (!Array.isArray(coordinates) || !coordinates.every(isRing)) return undefined;
  return coordinates.map((ring) => ring.map(([longitude, latitude]) => unitsOf(longitude, latitude)));
}

function isRing(ring: unknown): ring is [number, number][] {
  return Array.isArray(ring) && ring.length >= 4 && ring.every(isPoint);
}

function isPoint(point: unknown): point is [number, number] {
  if (!Array.isArray(point)) return false;
  const [longitude, latitude] = point;
  return Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90;
}

const unitsOf = (longitude: number, latitude: number) =>
  [Math.round(longitude * DEGREE), Math.round(latitude * DEGREE)] as const;
