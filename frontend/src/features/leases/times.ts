/** Seconds since 1970 of an ISO time of the API. */
export function secondsOf(at: string): number {
  return Math.floor(Date.parse(at) / 1000);
}
