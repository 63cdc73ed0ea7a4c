import type { PageRoute } from "../../ui/routes";

export const pages: readonly PageRoute[] = [
  { path: "/audit", load: () => import("./Start") },
  { path: "/audit/receivables/$id", load: () => import("./Provenance") },
  { path: "/audit/oracle", load: () => import("./Oracle") },
  { path: "/audit/changes", load: () => import("./Changes") },
  { path: "/audit/consents", load: () => import("./Consents") },
  { path: "/audit/export", load: () => import("./Export") },
  { path: "/audit/verify", load: () => import("./Verify") },
];
