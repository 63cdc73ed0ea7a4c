/** What only those see whom a machine concerns: title holder, lessee, and the bank's officers. */

import { Alert } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "../../api/client";
import { useSession } from "../../api/session";
import { type Asked, Shown } from "../../ui/Shown";
import { SignIn } from "../../ui/SignIn";

interface Props<T> {
  /** Asked only when somebody is signed in. */
  of: Asked<T>;
  children: (found: T) => ReactNode;
  empty?: (found: T) => boolean;
  whenEmpty?: ReactNode;
}

export function Private<T>(props: Props<T>) {
  const { t } = useTranslation("leases");
  const session = useSession();
  if (session.data === null) return <SignIn />;
  const { error } = props.of;
  // Whom a machine does not concern hears that there is none.
  if (error instanceof ApiProblem && error.problem.status === 404)
    return <Alert type="info" showIcon title={t("concerned")} />;
  return <Shown {...props} />;
}
