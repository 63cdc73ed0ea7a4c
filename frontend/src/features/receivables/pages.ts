import type { PageRoute } from "../../ui/routes";

export const pages: readonly PageRoute[] = [
  { path: "/receivables", load: () => import("./List") },
  { path: "/receivables/register", load: () => import("./Register") },
  { path: "/receivables/import", load: () => import("./Import") },
  { path: "/receivables/confirm", load: () => import("./Confirm") },
  { path: "/receivables/obligations", load: () => import("./Obligations") },
  { path: "/receivables/disputes", load: () => import("./Disputes") },
  { path: "/receivables/calendar", load: () => import("./Calendar") },
  { path: "/receivables/$id", load: () => import("./Detail") },
];
