/** Home: what needs me now. */

import { useTranslation } from "react-i18next";
import { useApi } from "../../api/query";
import { Page } from "../../ui/Page";
import { Shown } from "../../ui/Shown";
import { dateOfDay } from "../../ui/format";

export default function Home() {
  const { t } = useTranslation();
  const status = useApi("/v1/status");
  return (
    <Page title={t("nav.home")}>
      <p>{t("claim")}</p>
      <Shown of={status}>{(found) => <p className="figure">{dateOfDay(found.today.day)}</p>}</Shown>
    </Page>
  );
}
