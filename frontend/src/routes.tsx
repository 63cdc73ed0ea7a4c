/** Every page, loaded when somebody goes there. */

import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { pages as account } from "./features/account/pages";
import { pages as audit } from "./features/audit/pages";
import { pages as bank } from "./features/bank/pages";
import { pages as credit } from "./features/credit/pages";
import { pages as explorer } from "./features/explorer/pages";
import { pages as help } from "./features/help/pages";
import { pages as leases } from "./features/leases/pages";
import { pages as receivables } from "./features/receivables/pages";
import { Broken, NotFound } from "./ui/Missing";
import { Shell } from "./ui/Shell";

export const pages = [account, receivables, credit, leases, bank, audit, explorer, help].flat();

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: Broken });
const children = pages.map(({ path, load }) =>
  createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load) }),
);

export const router = createRouter({ routeTree: root.addChildren(children), defaultPreload: "intent" });
