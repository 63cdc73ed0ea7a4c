/** A list that goes on: what was found of it so far, and below that the next page. */

import type { ReactNode } from "react";
import type { Pages } from "../api/pages";
import { More } from "./More";
import { type Asked, Shown } from "./Shown";

interface Props<Row> {
  of: Asked<readonly Row[]> & Pages;
  children: (rows: readonly Row[]) => ReactNode;
  whenEmpty?: ReactNode;
}

export function Listed<Row>({ of, children, whenEmpty }: Props<Row>) {
  return (
    <Shown of={of} empty={({ length }) => length === 0} whenEmpty={whenEmpty}>
      {(rows) => (
        <>
          {children(rows)}
          <More of={of} />
        </>
      )}
    </Shown>
  );
}
