/** What a query found, where not having it is no failure. */

import type { ReactNode } from "react";
import { ApiProblem } from "../../api/client";
import { type Asked, Shown } from "../../ui/Shown";

interface Props<T> {
  of: Asked<T>;
  /** Said when there is none. */
  none: string;
  children: (found: T) => ReactNode;
}

export function Known<T>({ of, none, children }: Props<T>) {
  if (of.error instanceof ApiProblem && of.error.problem.status === 404) return <p className="muted">{none}</p>;
  return <Shown of={of}>{children}</Shown>;
}
