/** What a query found, where not having it is no failure. */

import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ApiProblem } from "../../api/client";
import { Shown } from "../../ui/Shown";

interface Props<T> {
  of: UseQueryResult<T>;
  /** Said when there is none. */
  none: string;
  children: (found: T) => ReactNode;
}

export function Known<T>({ of, none, children }: Props<T>) {
  if (of.error instanceof ApiProblem && of.error.problem.status === 404) return <p className="muted">{none}</p>;
  return <Shown of={of}>{children}</Shown>;
}
