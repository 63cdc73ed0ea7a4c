/** Claims in dispute, and how they end. */

import { Button, Empty } from "antd";
import { useMe } from "../../api/me";
import type { Receivable } from "../../api/schema";
import { useAct } from "../../ui/Actions";
import { Listed } from "../../ui/Listed";
import { Page } from "../../ui/Page";
import { Table } from "../../ui/Table";
import { withdrawDispute } from "./circulation";
import { Pages, ReceivableLink, columns } from "./parts";
import { useReceivables } from "./usePages";
import { useWords } from "./words";

export default function Disputes() {
  const t = useWords();
  const me = useMe();
  const act = useAct();
  const found = useReceivables({ state: "Disputed" });
  const steps = {
    title: t("common:table.actions"),
    show: ({ id, debtor, holderParty }: Receivable) => {
      if (me?.party && debtor === me.party)
        return (
          <Button size="small" onClick={() => act(withdrawDispute(t, id))}>
            {t("receivables:now.withdraw")}
          </Button>
        );
      if (me?.party && holderParty === me.party) return <ReceivableLink id={id} />;
      return <span className="muted">–</span>;
    },
  };
  return (
    <Page title={t("receivables:pages.disputes")}>
      <Pages />
      <p>{t("receivables:disputes.intro")}</p>
      <ul>
        <li>{t("receivables:disputes.debtor")}</li>
        <li>{t("receivables:disputes.holder")}</li>
        <li>{t("receivables:disputes.court")}</li>
      </ul>
      <Listed
        of={found}
        whenEmpty={<Empty description={t("receivables:disputes.none")} image={Empty.PRESENTED_IMAGE_SIMPLE} />}
      >
        {(rows) => (
          <Table
            label={t("receivables:pages.disputes")}
            columns={[...columns(t), steps]}
            rows={rows}
            rowKey={({ id }) => id}
            file="disputes"
          />
        )}
      </Listed>
    </Page>
  );
}
