import type { PageRoute } from "../../ui/routes";

export const pages: readonly PageRoute[] = [
  { path: "/bank", load: () => import("./OperationsPage") },
  { path: "/bank/customers", load: () => import("./CustomersPage") },
  { path: "/bank/customers/$party", load: () => import("./CustomerPage") },
  { path: "/bank/policy", load: () => import("./PolicyPage") },
  { path: "/bank/review", load: () => import("./ReviewPage") },
  { path: "/bank/collections", load: () => import("./CollectionsPage") },
  { path: "/bank/treasury", load: () => import("./TreasuryPage") },
  { path: "/bank/roles", load: () => import("./RolesPage") },
  { path: "/bank/feedback", load: () => import("./FeedbackPage") },
  { path: "/parties/$party", load: () => import("./PartyPage") },
];
