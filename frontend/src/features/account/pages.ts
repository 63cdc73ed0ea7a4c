import type { PageRoute } from "../../ui/routes";

export const pages: readonly PageRoute[] = [
  { path: "/", load: () => import("./Home") },
  { path: "/account", load: () => import("./Me") },
  { path: "/account/transactions", load: () => import("./Transactions") },
  { path: "/account/notifications", load: () => import("./Notifications") },
  { path: "/account/settings", load: () => import("./Settings") },
  { path: "/account/feedback", load: () => import("./Feedback") },
];
