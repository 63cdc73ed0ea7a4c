/** Every text of the dApp by part of it: the shape of keys that the compiler checks; nothing else imports this. */

import { account } from "./account";
import { audit } from "./audit";
import { bank } from "./bank";
import { common } from "./common";
import { credit } from "./credit";
import { explorer } from "./explorer";
import { help } from "./help";
import { leases } from "./leases";
import { next } from "./next";
import { receivables } from "./receivables";

export const zh = { account, audit, bank, common, credit, explorer, help, leases, next, receivables } as const;
