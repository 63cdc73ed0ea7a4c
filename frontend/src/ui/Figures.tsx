/** Names and values, and tiles of the few that matter most. */

import type { ReactNode } from "react";

export type Figure = readonly [label: string, value: ReactNode, why?: string];

export function Figures({ of }: { of: readonly Figure[] }) {
  return (
    <table className="effects">
      <tbody>
        {of.map(([label, value, why]) => (
          <tr key={label}>
            <th scope="row">
              {label}
              {why && <span className="why">{why}</span>}
            </th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Tiles({ of }: { of: readonly Figure[] }) {
  return (
    <div className="tiles">
      {of.map(([label, value, why]) => (
        <div className="tile" key={label} title={why}>
          <div className="label">{label}</div>
          <div className="value">{value}</div>
        </div>
      ))}
    </div>
  );
}
