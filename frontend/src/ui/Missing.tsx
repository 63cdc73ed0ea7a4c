/** No such page, and a page that failed. */

import { type ErrorComponentProps, Link } from "@tanstack/react-router";
import { Button, Result } from "antd";
import { useTranslation } from "react-i18next";

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Result status="404" title={t("notFound.title")} extra={<Link to={"/" as string}>{t("notFound.back")}</Link>} />
  );
}

export function Broken({ error }: ErrorComponentProps) {
  const { t } = useTranslation();
  return (
    <Result
      status="error"
      title={t("broken.title")}
      subTitle={error instanceof Error ? error.message : String(error)}
      extra={<Button onClick={() => location.reload()}>{t("broken.reload")}</Button>}
    />
  );
}
