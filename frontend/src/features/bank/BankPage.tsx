/** The frame of the bank's pages. */

import type { PropsWithChildren, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Local } from "../../ui/Local";
import { Page } from "../../ui/Page";

export function BankPage({ title, actions, children }: PropsWithChildren<{ title: string; actions?: ReactNode }>) {
  const { t } = useTranslation("bank");
  return (
    <>
      <Local
        label={t("title")}
        pages={[
          ["/bank", t("nav.operations")],
          ["/bank/customers", t("nav.customers")],
          ["/bank/policy", t("nav.policy")],
          ["/bank/review", t("nav.review")],
          ["/bank/collections", t("nav.collections")],
          ["/bank/treasury", t("nav.treasury")],
          ["/bank/roles", t("nav.roles")],
          ["/bank/feedback", t("nav.feedback")],
        ]}
      />
      <Page title={title} actions={actions}>
        {children}
      </Page>
    </>
  );
}

/** A part of a page under its name, with what it means. */
export function Section({ title, about, children }: PropsWithChildren<{ title: string; about?: string }>) {
  return (
    <section className="stack" aria-label={title}>
      <h2>{title}</h2>
      {about && <p className="muted">{about}</p>}
      {children}
    </section>
  );
}
