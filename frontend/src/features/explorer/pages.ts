import type { PageRoute } from "../../ui/routes";

export const pages: readonly PageRoute[] = [
  { path: "/explorer", load: () => import("./Blocks") },
  { path: "/search", load: () => import("./Search") },
  { path: "/block/$number", load: () => import("./Block") },
  { path: "/tx/$hash", load: () => import("./Transaction") },
  { path: "/address/$address", load: () => import("./Address") },
];
