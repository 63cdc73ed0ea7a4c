/** What the pages of merchant credit have in common: their names beside each other, and whose data they show. */

import { Alert, Skeleton } from "antd";
import { Link } from "@tanstack/react-router";
import type { PropsWithChildren, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useEvents } from "../../api/live";
import { useMe } from "../../api/me";
import { useSession } from "../../api/session";
import { useWallet } from "../../chain/reader";
import { ConnectButton } from "../../ui/Connect";
import { Local } from "../../ui/Local";
import { Page } from "../../ui/Page";
import { SignIn } from "../../ui/SignIn";

const PAGES = [
  ["/credit", "overview"],
  ["/credit/limit", "limit"],
  ["/credit/score", "score"],
  ["/credit/consents", "consents"],
  ["/credit/data", "data"],
  ["/credit/lines", "lines"],
] as const;

export function CreditPage({ title, actions, children }: PropsWithChildren<{ title: string; actions?: ReactNode }>) {
  const { t } = useTranslation("credit");
  return (
    <>
      <Local label={t("nav.label")} pages={PAGES.map(([path, name]) => [path, t(`nav.${name}`)] as const)} />
      <Page title={title} actions={actions}>
        {children}
      </Page>
    </>
  );
}

/** For the merchant that the wallet belongs to; others hear what they need. */
export function Mine({ children }: { children: (party: number) => ReactNode }) {
  const { t } = useTranslation(["credit", "common"]);
  const { standing } = useWallet();
  const me = useMe();
  if (standing === "disconnected")
    return (
      <Alert
        type="info"
        showIcon
        title={t("mine.connect")}
        description={
          <div className="stack">
            <p>
              {t("mine.public")} <Link to={"/credit/lines" as string}>{t("nav.lines")}</Link>
            </p>
            <div>
              <ConnectButton />
            </div>
          </div>
        }
      />
    );
  if (standing === "wrong" || standing === "restarted")
    return <Alert type="warning" showIcon title={t("common:send.needChain")} />;
  if (!me) return <Skeleton active title={false} aria-label={t("common:query.loading")} />;
  if (!me.party) return <Alert type="info" showIcon title={t("mine.noParty")} description={t("mine.admission")} />;
  if (!me.roles.includes("merchant"))
    return <Alert type="info" showIcon title={t("mine.noMerchant")} description={t("mine.admission")} />;
  return children(me.party);
}

const nothing = () => {};

/** Nothing private is asked for before the wallet that is connected has signed in. */
export function Private({ children }: PropsWithChildren) {
  const { t } = useTranslation();
  const session = useSession();
  const { account } = useWallet();
  const party = useMe()?.party;
  const signedIn = account && session.data?.wallet.toLowerCase() === account.toLowerCase();
  // What platforms bring and the oracle finds is told in the party's own room alone.
  useEvents(nothing, signedIn && party ? `party:${party}:private` : undefined);
  if (session.isPending) return <Skeleton active title={false} aria-label={t("query.loading")} />;
  return signedIn ? children : <SignIn />;
}

/** A part of a page under its heading. */
export function Section({ title, children }: PropsWithChildren<{ title: string }>) {
  return (
    <section className="stack">
      <h2>{title}</h2>
      {children}
    </section>
  );
}
