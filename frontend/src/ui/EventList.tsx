/** Events of the contracts in their order, with who sent them and in which transaction. */

import { useTranslation } from "react-i18next";
import type { ChainEvent } from "../api/schema";
import { useInLanguage } from "../text";
import { Arguments, Who } from "./decoded";
import { time } from "./format";
import { BlockLink, TransactionLink } from "./links";

export function EventList({ of }: { of: readonly ChainEvent[] }) {
  const { t } = useTranslation("explorer");
  const inLanguage = useInLanguage();
  return (
    <ol className="events">
      {of.map((event) => (
        <li className="tile" key={`${event.block} ${event.logIndex}`}>
          {event.sentence && <strong>{inLanguage(event.sentence)}</strong>}
          <div className="row">
            <span className="mono">
              {event.contract} · {event.event}
            </span>
            <span className="muted">
              {event.at && time(event.at)} · {t("number")} <BlockLink block={event.block} /> ·{" "}
              <TransactionLink hash={event.transactionHash} />
            </span>
          </div>
          <p>
            {t("sender")}: <Who who={event.sender} />
          </p>
          <details>
            <summary>{t("arguments")}</summary>
            <Arguments of={event.arguments} />
          </details>
        </li>
      ))}
    </ol>
  );
}
