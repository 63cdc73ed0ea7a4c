/** What a number, an address or a hash may mean. */

import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useApi } from "../../api/query";
import type { SearchHit } from "../../api/schema";
import { Page } from "../../ui/Page";
import { Shown } from "../../ui/Shown";
import { Who } from "../../ui/decoded";
import { SearchBox } from "./SearchBox";

export default function Search() {
  const { t } = useTranslation("explorer");
  const asked: Record<string, unknown> = useSearch({ strict: false });
  const q = String(asked["q"] ?? "");
  const found = useApi("/v1/search", { q }, q !== "");
  return (
    <Page title={t("found")}>
      <SearchBox key={q} start={q} />
      {q !== "" && (
        <Shown of={found} empty={({ items }) => items.length === 0} whenEmpty={<p>{t("nothing", { query: q })}</p>}>
          {({ items }) => (
            <ul className="todo">
              {items.map((hit) => (
                <li className="tile" key={`${hit.kind} ${hit.id} ${hit.note}`}>
                  <span>
                    <strong>{t(`kinds.${hit.kind}`)}</strong>{" "}
                    <Link className="mono" to={pathOf(hit)}>
                      {hit.id}
                    </Link>
                  </span>
                  {hit.who && (
                    <span>
                      <Who who={hit.who} />
                    </span>
                  )}
                </li>
              ))}
            </ul>
          )}
        </Shown>
      )}
    </Page>
  );
}

function pathOf({ kind, id, belongsTo }: SearchHit): string {
  switch (kind) {
    case "party":
      return `/parties/${id}`;
    case "receivable":
      return `/receivables/${id}`;
    case "lease":
      return `/leases/${id}`;
    case "machine":
      return `/leases/machines/${id}`;
    case "block":
      return `/block/${id}`;
    case "transaction":
      return `/tx/${id}`;
    case "address":
      return `/address/${id}`;
    case "fingerprint":
    case "document":
      return belongsTo && /^\d+$/.test(belongsTo) ? `/audit/receivables/${belongsTo}` : "/audit";
    case "model":
      return "/audit/oracle";
  }
}
