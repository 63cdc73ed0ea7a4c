import { useTranslation } from "react-i18next";
import { Badge } from "./Badge";
import type { Status } from "./chain";

const TONES = {
  None: "plain",
  Open: "good",
  Delinquent: "warning",
  Defaulted: "bad",
  WrittenOff: "bad",
  Closed: "plain",
  Recovered: "plain",
} as const;

export function StatusTag({ status, frozen }: { status: Status; frozen: boolean }) {
  const { t } = useTranslation("credit");
  return (
    <span className="row">
      <Badge tone={TONES[status]}>{t(`status.${status}`)}</Badge>
      {frozen && <Badge tone="bad">{t("status.frozen")}</Badge>}
    </span>
  );
}
