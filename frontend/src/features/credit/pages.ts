import type { PageRoute } from "../../ui/routes";

export const pages: readonly PageRoute[] = [
  { path: "/credit", load: () => import("./Overview") },
  { path: "/credit/limit", load: () => import("./MyLimit") },
  { path: "/credit/score", load: () => import("./Score") },
  { path: "/credit/consents", load: () => import("./Consents") },
  { path: "/credit/data", load: () => import("./Data") },
  { path: "/credit/lines", load: () => import("./Lines") },
  { path: "/credit/lines/$party", load: () => import("./Line") },
];
