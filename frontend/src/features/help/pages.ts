import type { PageRoute } from "../../ui/routes";

export const pages: readonly PageRoute[] = [
  { path: "/help", load: () => import("./Guide") },
  { path: "/help/glossary", load: () => import("./Glossary") },
  { path: "/help/errors", load: () => import("./Errors") },
  { path: "/help/privacy", load: () => import("./Privacy") },
];
