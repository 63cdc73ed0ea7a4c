/** What a query found: a skeleton while it asks, the reason and a next step when it failed, and what is there. */

import { Alert, Button, Empty, Skeleton } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "../api/client";
import { useSession } from "../api/session";
import { FailureText } from "./FailureText";
import { SignIn } from "./SignIn";
import { useFailure } from "./useFailure";

/** What a query has to say of itself. */
export interface Asked<T> {
  data: T | undefined;
  error: unknown;
  refetch: () => unknown;
}

interface Props<T> {
  of: Asked<T>;
  children: (found: T) => ReactNode;
  /** Whether there is nothing to show, and what to do then. */
  empty?: (found: T) => boolean;
  whenEmpty?: ReactNode;
}

export function Shown<T>({ of, children, empty, whenEmpty }: Props<T>) {
  const { t } = useTranslation();
  const session = useSession();
  if (of.data !== undefined) {
    if (!empty?.(of.data)) return children(of.data);
    return whenEmpty ?? <Empty description={t("query.empty")} image={Empty.PRESENTED_IMAGE_SIMPLE} />;
  }
  if (of.error instanceof ApiProblem && of.error.problem.status === 401 && !session.data) return <SignIn />;
  if (of.error) return <Failed error={of.error} retry={() => void of.refetch()} />;
  return <Skeleton active title={false} aria-label={t("query.loading")} />;
}

function Failed({ error, retry }: { error: unknown; retry: () => void }) {
  const { t } = useTranslation();
  const failure = useFailure(error);
  return (
    <Alert
      type="error"
      showIcon
      title={t("query.failed")}
      description={failure && <FailureText failure={failure} />}
      action={<Button onClick={retry}>{t("query.retry")}</Button>}
    />
  );
}
