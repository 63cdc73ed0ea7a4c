/** What parties say, for the bank's officers. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "../../api/me";
import { usePages } from "../../api/pages";
import { useSession } from "../../api/session";
import type { Feedback } from "../../api/schema";
import { useInLanguage } from "../../text";
import { Listed } from "../../ui/Listed";
import { SignIn } from "../../ui/SignIn";
import { Table } from "../../ui/Table";
import { time } from "../../ui/format";
import { PartyLink } from "../../ui/links";
import { BankPage } from "./BankPage";

const TOPICS = ["receivables", "lines", "leases", "machines", "service"] as const;
/** Scores as the net promoter score counts them. */
const GROUPS = { all: [0, 10], promoters: [9, 10], passives: [7, 8], detractors: [0, 6] } as const;

export default function FeedbackPage() {
  const { t } = useTranslation("bank");
  const session = useSession();
  const me = useMe();
  return (
    <BankPage title={t("feedback.title")}>
      <p>{t("feedback.about")}</p>
      {!session.data ? (
        <SignIn />
      ) : me?.offices.length ? (
        <Answers />
      ) : (
        <p className="muted">{t("feedback.onlyOfficers")}</p>
      )}
    </BankPage>
  );
}

function Answers() {
  const { t } = useTranslation(["bank", "common"]);
  const [topic, setTopic] = useState("");
  const [group, setGroup] = useState<keyof typeof GROUPS>("all");
  const [least, most] = GROUPS[group];
  const found = usePages("/v1/feedback", { topic, least, most });
  return (
    <>
      <div className="row">
        <label className="row">
          {t("feedback.topic")}
          <select value={topic} onChange={({ target }) => setTopic(target.value)}>
            <option value="">{t("common:table.all")}</option>
            {TOPICS.map((one) => (
              <option key={one} value={one}>
                {t(`feedback.topics.${one}`)}
              </option>
            ))}
          </select>
        </label>
        <label className="row">
          {t("feedback.group")}
          <select value={group} onChange={({ target }) => setGroup(target.value as keyof typeof GROUPS)}>
            {(Object.keys(GROUPS) as (keyof typeof GROUPS)[]).map((one) => (
              <option key={one} value={one}>
                {one === "all" ? t("common:table.all") : t(`operations.${one}`)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Listed of={found} whenEmpty={<p className="muted">{t("feedback.none")}</p>}>
        {(rows) => <List of={rows} />}
      </Listed>
    </>
  );
}

function List({ of }: { of: readonly Feedback[] }) {
  const { t } = useTranslation("bank");
  const inLanguage = useInLanguage();
  return (
    <Table
      label={t("feedback.title")}
      file="feedback"
      rows={of}
      rowKey={({ id }) => id}
      columns={[
        {
          title: t("feedback.at"),
          show: ({ givenAt }) => (givenAt ? time(givenAt) : "–"),
          plain: ({ givenAt }) => givenAt ?? "",
        },
        { title: t("columns.party"), show: ({ party }) => <PartyLink party={party} />, plain: ({ party }) => party },
        { title: t("feedback.topic"), show: ({ topicName }) => inLanguage(topicName), plain: ({ topic }) => topic },
        { title: t("feedback.score"), show: ({ score }) => score, plain: ({ score }) => score, numeric: true },
        { title: t("feedback.text"), show: ({ text }) => text || "–", plain: ({ text }) => text },
      ]}
    />
  );
}
