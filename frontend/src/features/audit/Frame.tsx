/** A page of the auditor's, with the way to its neighbours. */

import type { PropsWithChildren } from "react";
import { useTranslation } from "react-i18next";
import { Local } from "../../ui/Local";
import { Page } from "../../ui/Page";

export function Frame({ title, children }: PropsWithChildren<{ title: string }>) {
  const { t } = useTranslation("audit");
  const pages = [
    ["/audit", t("nav.start")],
    ["/audit/oracle", t("nav.oracle")],
    ["/audit/changes", t("nav.changes")],
    ["/audit/consents", t("nav.consents")],
    ["/audit/export", t("nav.export")],
    ["/audit/verify", t("nav.verify")],
  ] as const;
  return (
    <>
      <Local label={t("nav.label")} pages={pages} />
      <Page title={title}>{children}</Page>
    </>
  );
}
