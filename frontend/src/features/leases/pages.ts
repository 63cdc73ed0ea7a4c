import type { PageRoute } from "../../ui/routes";

export const pages: readonly PageRoute[] = [
  { path: "/leases", load: () => import("./LeasesPage") },
  { path: "/leases/fleet", load: () => import("./FleetPage") },
  { path: "/leases/sign", load: () => import("./SignPage") },
  { path: "/leases/onboard", load: () => import("./OnboardPage") },
  { path: "/leases/machines/$id", load: () => import("./MachinePage") },
  { path: "/leases/$id", load: () => import("./LeasePage") },
];
