/** The next page of a list that goes on. */

import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { Pages } from "../api/pages";

export function More({ of }: { of: Pages }) {
  const { t } = useTranslation();
  if (!of.hasNextPage) return null;
  return (
    <div className="no-print">
      <Button loading={of.isFetchingNextPage} onClick={() => void of.fetchNextPage()}>
        {t("query.more")}
      </Button>
    </div>
  );
}
