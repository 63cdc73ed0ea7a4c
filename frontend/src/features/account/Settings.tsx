/** Language, appearance, and how amounts are written. */

import { useTranslation } from "react-i18next";
import { speak, useLanguage } from "../../text";
import { Choice } from "../../ui/Choice";
import { chooseScale, useScale } from "../../ui/settings";
import { APPEARANCES, useAppearance } from "../../ui/theme";
import { Frame } from "./Frame";

export default function Settings() {
  const { t } = useTranslation(["account", "common"]);
  const language = useLanguage();
  const scale = useScale();
  const { appearance, choose } = useAppearance();
  return (
    <Frame title={t("account:settings.title")}>
      <dl className="settings">
        <dt>{t("account:settings.language")}</dt>
        <dd>
          <Choice
            label={t("account:settings.language")}
            value={language}
            choose={(next) => void speak(next)}
            of={[
              ["zh", "中文"],
              ["en", "English"],
            ]}
          />
        </dd>
        <dt>{t("account:settings.appearance")}</dt>
        <dd>
          <Choice
            label={t("account:settings.appearance")}
            value={appearance}
            choose={choose}
            of={APPEARANCES.map((one) => [one, t(`common:theme.${one}`)] as const)}
          />
        </dd>
        <dt>{t("account:settings.amounts")}</dt>
        <dd>
          <Choice
            label={t("account:settings.amounts")}
            value={scale}
            choose={chooseScale}
            of={[
              ["plain", t("account:settings.plain")],
              ["short", t("account:settings.short")],
            ]}
          />
        </dd>
      </dl>
      <p className="muted">
        {t("account:settings.zone")} {t("account:settings.kept")}
      </p>
    </Frame>
  );
}
