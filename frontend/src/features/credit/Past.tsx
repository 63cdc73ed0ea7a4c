/** What became of a line so far: its course, its statements, its account. */

import { useTranslation } from "react-i18next";
import { AccountSheet } from "./AccountSheet";
import { Section } from "./Frame";
import { History, Statements } from "./History";

export function Past({ party }: { party: number }) {
  const { t } = useTranslation("credit");
  return (
    <>
      <Section title={t("history.title")}>
        <History party={party} />
      </Section>
      <Section title={t("statement.title")}>
        <Statements party={party} />
      </Section>
      <Section title={t("account.title")}>
        <AccountSheet party={party} />
      </Section>
    </>
  );
}
