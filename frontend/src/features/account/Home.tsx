/** Home: what needs me now, and what there is to do. */

import { Link } from "@tanstack/react-router";
import { Suspense, lazy } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "../../api/query";
import type { InboxItem } from "../../api/schema";
import { useSession } from "../../api/session";
import { useLanguage } from "../../text";
import { Money } from "../../ui/Money";
import { Page } from "../../ui/Page";
import { Shown } from "../../ui/Shown";
import { SignIn } from "../../ui/SignIn";
import { pathOf } from "./subjects";

const Tour = __DEMO__ ? lazy(() => import("../../demo/Tour")) : undefined;
const PRODUCTS = ["receivables", "credit", "leases"] as const;

export default function Home() {
  const { t } = useTranslation(["account", "common"]);
  const session = useSession();
  return (
    <Page title={t("common:nav.home")}>
      {Tour && (
        <Suspense>
          <Tour />
        </Suspense>
      )}
      <section className="stack" aria-labelledby="todo">
        <h2 id="todo">{t("account:home.todo")}</h2>
        <Shown of={session}>{(found) => (found ? <Inbox /> : <SignIn />)}</Shown>
      </section>
      <section className="stack" aria-labelledby="products">
        <h2 id="products">{t("account:home.products")}</h2>
        <div className="grid">
          {PRODUCTS.map((product) => (
            <Link key={product} className="tile" to={`/${product}` as string}>
              <strong>{t(`common:nav.${product}`)}</strong>
              <span className="block">{t(`account:home.${product}`)}</span>
            </Link>
          ))}
        </div>
      </section>
      <Today />
    </Page>
  );
}

function Inbox() {
  const { t } = useTranslation("account");
  const inbox = useApi("/v1/inbox");
  return (
    <Shown of={inbox} empty={({ items }) => items.length === 0} whenEmpty={<p>{t("home.nothing")}</p>}>
      {({ items }) => (
        <ul className="todo">
          {items.map((item) => (
            <Todo key={`${item.kind} ${item.subject.type} ${item.subject.id}`} item={item} />
          ))}
        </ul>
      )}
    </Shown>
  );
}

function Todo({ item: { severity, subject, text, due, amount } }: { item: InboxItem }) {
  const { t } = useTranslation("account");
  const language = useLanguage();
  return (
    <li className={`tile ${severity}`}>
      <Link to={pathOf(subject)}>
        <strong>{t(`home.severity.${severity}`)}</strong> {text[language]}
      </Link>
      <span className="muted">
        {amount && <Money fen={amount} />} {due && t("home.due", { date: due.date })}
      </span>
    </li>
  );
}

function Today() {
  const { t } = useTranslation("account");
  const status = useApi("/v1/status");
  return (
    <Shown of={status}>
      {({ today, indexed }) => (
        <p className="muted">
          {t("home.chainDay")} <span className="figure">{today.date}</span> · {t("home.block")}{" "}
          <span className="figure">{indexed.number}</span>
        </p>
      )}
    </Shown>
  );
}
