/** The newest blocks, and the way to any other. */

import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "../../api/query";
import type { BlockRow } from "../../api/schema";
import { Page } from "../../ui/Page";
import { Shown } from "../../ui/Shown";
import { type Column, Table } from "../../ui/Table";
import { grouped, time } from "../../ui/format";
import { BlockLink } from "../../ui/links";
import { SearchBox } from "./SearchBox";

export default function Blocks() {
  const { t } = useTranslation("explorer");
  const [before, setBefore] = useState<number>();
  const blocks = useApi("/v1/explorer/blocks", { before, limit: 20 });
  const columns: readonly Column<BlockRow>[] = [
    { title: t("number"), show: ({ number }) => <BlockLink block={number} /> },
    { title: t("time"), show: ({ at }) => (at ? time(at) : "–") },
    { title: t("transactions"), show: ({ transactions }) => transactions, numeric: true },
    { title: t("gasUsed"), show: ({ gasUsed }) => grouped(BigInt(gasUsed)), numeric: true },
  ];
  return (
    <Page title={t("title")}>
      <SearchBox />
      <h2>{t("blocks")}</h2>
      <Shown of={blocks}>
        {({ items, next }) => (
          <>
            <Table label={t("blocks")} columns={columns} rows={items} rowKey={({ number }) => number} />
            <div className="row">
              {before !== undefined && <Button onClick={() => setBefore(undefined)}>{t("newer")}</Button>}
              {next !== null && <Button onClick={() => setBefore(next)}>{t("older")}</Button>}
            </div>
          </>
        )}
      </Shown>
    </Page>
  );
}
