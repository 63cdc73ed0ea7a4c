/** The pages of leases and machines, beside each other. */

import { useTranslation } from "react-i18next";
import { Local } from "../../ui/Local";

export function LeaseNav() {
  const { t } = useTranslation("leases");
  const pages = [
    ["/leases", t("nav.leases")],
    ["/leases/fleet", t("nav.fleet")],
    ["/leases/sign", t("nav.sign")],
    ["/leases/onboard", t("nav.onboard")],
  ] as const;
  return <Local label={t("nav.label")} pages={pages} />;
}
