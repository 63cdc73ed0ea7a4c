/** A page of the account, with the way to its neighbours. */

import type { PropsWithChildren } from "react";
import { useTranslation } from "react-i18next";
import { Local } from "../../ui/Local";
import { Page } from "../../ui/Page";

export function Frame({ title, children }: PropsWithChildren<{ title: string }>) {
  const { t } = useTranslation("account");
  const pages = [
    ["/account", t("nav.me")],
    ["/account/transactions", t("nav.transactions")],
    ["/account/notifications", t("nav.notifications")],
    ["/account/settings", t("nav.settings")],
    ["/account/feedback", t("nav.feedback")],
  ] as const;
  return (
    <>
      <Local label={t("nav.label")} pages={pages} />
      <Page title={title}>{children}</Page>
    </>
  );
}
