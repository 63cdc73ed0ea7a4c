import type { PageRoute } from "../../ui/routes";

export const pages: readonly PageRoute[] = [];
