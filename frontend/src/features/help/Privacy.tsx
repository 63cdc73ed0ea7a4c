/** What is public, what is not, and how to stay safe. */

import { useTranslation } from "react-i18next";
import { Frame } from "./Frame";

const POINTS = ["chain", "local", "computing", "erase", "keys", "page"] as const;

export default function Privacy() {
  const { t } = useTranslation("help");
  return (
    <Frame title={t("privacy.title")}>
      <ul className="stack">
        {POINTS.map((point) => (
          <li key={point}>{t(`privacy.${point}`)}</li>
        ))}
      </ul>
    </Frame>
  );
}
