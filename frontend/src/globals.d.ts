/** True only in the build that the local demo serves. */
declare const __DEMO__: boolean;

declare module "world-atlas/land-110m.json" {
  const topology: import("topojson-specification").Topology;
  export default topology;
}
