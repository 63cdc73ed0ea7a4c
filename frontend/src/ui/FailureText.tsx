/** A failure in the reader's language: the sentence, what to do, and its name for whoever is asked for help. */

import { useTranslation } from "react-i18next";
import type { Failure } from "../chain/failures";
import { useLanguage } from "../text";

export function FailureText({ failure }: { failure: Failure }) {
  const { t } = useTranslation(["common", "next"]);
  const language = useLanguage();
  return (
    <div className="failure" data-code={failure.code}>
      <p>{failure.notice?.[language] ?? ownText(failure, t)}</p>
      {failure.code !== "rejected" && (
        <p>
          <strong>{t("send.next")}: </strong>
          {t(`next:${failure.next}`)}
        </p>
      )}
      <p className="muted mono">{failure.code}</p>
    </div>
  );
}

type Translate = ReturnType<typeof useTranslation<["common", "next"]>>["t"];

function ownText(failure: Failure, t: Translate): string {
  switch (failure.code) {
    case "rejected":
      return t("send.rejected");
    case "noFunds":
      return t("send.noFunds");
    case "unanswered":
      return t("send.unanswered");
    case "signInElsewhere":
      return t("wallet.signInElsewhere");
    case "figuresDiffer": {
      const [what = "", said = "", found = ""] = failure.detail.split("\n");
      return t("send.lying", { what, said, found });
    }
    default:
      return t("send.unknown", { detail: failure.detail });
  }
}
