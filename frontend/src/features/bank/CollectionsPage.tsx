/** What is not paid: by product, with the next legal step and the day from which it is possible. */

import { useTranslation } from "react-i18next";
import { useApi } from "../../api/query";
import { Shown } from "../../ui/Shown";
import { dateOfDay } from "../../ui/format";
import { BankPage } from "./BankPage";
import { Financings } from "./collections/Financings";
import { Leases } from "./collections/Leases";
import { Lines } from "./collections/Lines";

export default function CollectionsPage() {
  const { t } = useTranslation("bank");
  const status = useApi("/v1/status");
  return (
    <BankPage title={t("collections.title")}>
      <p>{t("collections.about")}</p>
      <Shown of={status}>
        {({ today }) => (
          <>
            <p className="muted">{t("collections.today", { day: dateOfDay(today.day) })}</p>
            <Financings today={today.day} />
            <Lines today={today.day} />
            <Leases today={today.day} />
          </>
        )}
      </Shown>
    </BankPage>
  );
}
