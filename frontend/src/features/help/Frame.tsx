/** A page of help, with the way to its neighbours. */

import type { PropsWithChildren } from "react";
import { useTranslation } from "react-i18next";
import { Local } from "../../ui/Local";
import { Page } from "../../ui/Page";

export function Frame({ title, children }: PropsWithChildren<{ title: string }>) {
  const { t } = useTranslation("help");
  const pages = [
    ["/help", t("nav.guide")],
    ["/help/glossary", t("nav.glossary")],
    ["/help/errors", t("nav.errors")],
    ["/help/privacy", t("nav.privacy")],
  ] as const;
  return (
    <>
      <Local label={t("nav.label")} pages={pages} />
      <Page title={title}>{children}</Page>
    </>
  );
}
