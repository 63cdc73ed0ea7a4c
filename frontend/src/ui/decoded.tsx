/** What the API decoded from the chain: who, calls, events and their values, in units that people read. */

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ChainArgument, ChainCall, Who as Someone } from "../api/schema";
import { Money } from "./Money";
import { dateOfDay, percent, time } from "./format";
import { AddressLink, PartyLink } from "./links";

export function Who({ who }: { who: Someone | null }) {
  const { t } = useTranslation("explorer");
  if (!who) return <span className="muted">–</span>;
  return (
    <>
      <AddressLink address={who.address} />
      {who.party !== null && (
        <>
          {" · "}
          <PartyLink party={who.party} />
        </>
      )}
      {who.duty && ` · ${t(`duty.${who.duty}`)}`}
    </>
  );
}

/** `settle(id 13, amount ¥880,000.00)`, and the calls inside it. */
export function Call({ call }: { call: ChainCall }) {
  return (
    <div className="stack">
      <strong className="mono">
        {call.contract}.{call.function}
      </strong>
      <Arguments of={call.arguments} />
      {call.inner.map((inner, at) => (
        // Calls inside a call have no names of their own.
        // oxlint-disable-next-line react/no-array-index-key
        <blockquote key={at}>
          <Call call={inner} />
        </blockquote>
      ))}
    </div>
  );
}

export function Arguments({ of }: { of: readonly ChainArgument[] }) {
  if (of.length === 0) return null;
  return (
    <table className="effects arguments">
      <tbody>
        {of.map((argument) => (
          <tr key={argument.name}>
            <th scope="row" className="mono">
              {argument.name}
            </th>
            <td>
              <Value of={argument} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Value({ of }: { of: ChainArgument }): ReactNode {
  if (of.who) return <Who who={of.who} />;
  if (of.parts) return <Arguments of={of.parts} />;
  if (of.member) return of.member;
  if (typeof of.value !== "string") return String(of.value);
  return valueOf(of.unit, of.value);
}

function valueOf(unit: ChainArgument["unit"], value: string): ReactNode {
  switch (unit) {
    case "amount":
      return <Money fen={value} scale="plain" />;
    case "bps":
      return percent(BigInt(value));
    case "day":
      return dateOfDay(BigInt(value));
    case "time":
      return time(BigInt(value));
    case "party":
      return <PartyLink party={Number(value)} />;
    case "receivable":
      return <Link to={`/receivables/${value}` as string}>{value}</Link>;
    case "lease":
      return <Link to={`/leases/${value}` as string}>{value}</Link>;
    case "machine":
      return <Link to={`/leases/machines/${value}` as string}>{value}</Link>;
    default:
      return <span className="mono">{value}</span>;
  }
}
