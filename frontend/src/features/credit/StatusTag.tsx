import { Tag } from "antd";
import { useTranslation } from "react-i18next";
import type { Status } from "./chain";

const COLOURS = {
  None: "default",
  Open: "success",
  Delinquent: "warning",
  Defaulted: "error",
  WrittenOff: "error",
  Closed: "default",
  Recovered: "default",
} as const;

export function StatusTag({ status, frozen }: { status: Status; frozen: boolean }) {
  const { t } = useTranslation("credit");
  return (
    <>
      <Tag color={COLOURS[status]}>{t(`status.${status}`)}</Tag>
      {frozen && <Tag color="error">{t("status.frozen")}</Tag>}
    </>
  );
}
