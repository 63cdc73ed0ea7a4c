/** How likely somebody is to recommend Heqi, and why. */

import { useMutation } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import type { FeedbackGiven } from "../../api/schema";
import { useSession } from "../../api/session";
import { Choice } from "../../ui/Choice";
import { FailureText } from "../../ui/FailureText";
import { Shown } from "../../ui/Shown";
import { SignIn } from "../../ui/SignIn";
import { useFailure } from "../../ui/useFailure";
import { Frame } from "./Frame";

const TOPICS = ["service", "receivables", "lines", "leases", "machines"] as const;
const SCORES = Array.from({ length: 11 }, (_, score) => score);
const MOST_CHARACTERS = 1000;

export default function Feedback() {
  const { t } = useTranslation("account");
  const session = useSession();
  return (
    <Frame title={t("feedback.title")}>
      <Shown of={session}>{(found) => (found ? <Form /> : <SignIn />)}</Shown>
    </Frame>
  );
}

function Form() {
  const { t } = useTranslation("account");
  const [topic, setTopic] = useState<(typeof TOPICS)[number]>("service");
  const [score, setScore] = useState<number>();
  const [text, setText] = useState("");
  const give = useMutation({ mutationFn: (given: FeedbackGiven) => post("/v1/feedback", given) });
  const failure = useFailure(give.error);
  if (give.isSuccess) return <Alert type="success" showIcon title={t("feedback.thanks")} />;
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (score !== undefined) give.mutate({ topic, score, text });
      }}
    >
      <div className="row">
        <span>{t("feedback.topic")}</span>
        <Choice
          label={t("feedback.topic")}
          value={topic}
          choose={setTopic}
          of={TOPICS.map((one) => [one, t(`feedback.topics.${one}`)] as const)}
        />
      </div>
      <fieldset className="scale">
        <legend>{t("feedback.question")}</legend>
        {SCORES.map((one) => (
          <label key={one}>
            <input type="radio" name="score" value={one} checked={score === one} onChange={() => setScore(one)} /> {one}
          </label>
        ))}
        <p className="muted">
          {t("feedback.least")} · {t("feedback.most")}
        </p>
      </fieldset>
      <label className="stack">
        {t("feedback.text")}
        <textarea rows={4} maxLength={MOST_CHARACTERS} value={text} onChange={({ target }) => setText(target.value)} />
      </label>
      <p className="muted">{t("feedback.private")}</p>
      <div>
        <Button type="primary" htmlType="submit" disabled={score === undefined} loading={give.isPending}>
          {t("feedback.send")}
        </Button>
      </div>
      {failure && <FailureText failure={failure} />}
    </form>
  );
}
