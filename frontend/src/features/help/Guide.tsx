/** How everybody does their work here. */

import { useTranslation } from "react-i18next";
import { Frame } from "./Frame";

const ROLES = ["supplier", "core", "merchant", "lessee", "bank", "auditor"] as const;

export default function Guide() {
  const { t } = useTranslation("help");
  return (
    <Frame title={t("guide.title")}>
      <p>{t("guide.intro")}</p>
      <h2>{t("guide.how")}</h2>
      <ol>
        <li>{t("guide.howSteps.check")}</li>
        <li>{t("guide.howSteps.sign")}</li>
        <li>{t("guide.howSteps.after")}</li>
      </ol>
      <h2>{t("guide.roles")}</h2>
      <div className="grid">
        {ROLES.map((role) => (
          <section key={role} className="tile">
            <h3>{t(`guide.${role}`)}</h3>
            <p>{t(`guide.${role}Text`)}</p>
          </section>
        ))}
      </div>
    </Frame>
  );
}
