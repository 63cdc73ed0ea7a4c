/** The loan against a receivable: what is owed today, and on what conditions. */

import { Card } from "antd";
import { useApi } from "../../api/query";
import type { FinancingDetail, Receivable } from "../../api/schema";
import { Figures, Tiles } from "../../ui/Figures";
import { Money } from "../../ui/Money";
import { Shown } from "../../ui/Shown";
import { percent } from "../../ui/format";
import { Timeline } from "./Timeline";
import { useWords } from "./words";

export function FinancingCard({ of }: { of: Receivable }) {
  const t = useWords();
  const found = useApi("/v1/financings/{receivable}", { receivable: of.id });
  return (
    <Card title={<h2>{t("receivables:financing.title")}</h2>}>
      <Shown of={found}>{(financing) => <Loan of={financing} />}</Shown>
    </Card>
  );
}

function Loan({ of }: { of: FinancingDetail }) {
  const t = useWords();
  return (
    <div className="stack">
      <Tiles
        of={[
          [t("receivables:stateName"), t(`receivables:financing.status.${of.status}`)],
          [t("receivables:financing.owed"), <Money fen={of.owed.principal} />],
          [t("receivables:repay.late"), <Money fen={of.owed.late} />],
          [t("receivables:financing.collectable"), <Money fen={of.owed.collectable} />],
        ]}
      />
      <Figures
        of={[
          [t("receivables:quote.advance"), <Money fen={of.advance} />],
          [t("receivables:quote.discount"), <Money fen={of.discount} />, percent(of.annualRateBps)],
          [t("receivables:quote.fee"), <Money fen={of.fee} />],
          [t("receivables:quote.net"), <Money fen={of.net} />],
          [t("receivables:financing.start"), of.start.date],
          [t("receivables:due"), of.due.date],
          [t("receivables:quote.recourse"), t(of.recourse ? "common:yes" : "common:no")],
          [
            t("receivables:quote.late"),
            percent(of.lateRateBps),
            t("receivables:quote.lateWhy", { grace: of.graceDays, cap: percent(of.lateCapBps) }),
          ],
          ...(of.notice && of.cureThrough
            ? ([
                [t("receivables:financing.notice"), of.notice.date],
                [t("receivables:financing.cure"), of.cureThrough.date],
              ] as const)
            : []),
        ]}
      />
      <Timeline label={t("receivables:financing.timeline")} of={of.timeline} />
    </div>
  );
}
