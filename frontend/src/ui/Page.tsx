/** The frame of a page: its name, what can be done on it, and what it shows. */

import { type PropsWithChildren, type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";

export function Page({ title, actions, children }: PropsWithChildren<{ title: string; actions?: ReactNode }>) {
  const { t } = useTranslation();
  useEffect(() => void (document.title = `${title} · ${t("name")}`), [title, t]);
  return (
    <>
      <div className="page-head">
        <h1>{title}</h1>
        {actions && <div className="actions">{actions}</div>}
      </div>
      <div className="stack">{children}</div>
    </>
  );
}
