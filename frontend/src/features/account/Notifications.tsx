/** What happened that concerns my party, the newest first. */

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { usePages } from "../../api/pages";
import type { Notification } from "../../api/schema";
import { useLanguage } from "../../text";
import { useSession } from "../../api/session";
import { Listed } from "../../ui/Listed";
import { Shown } from "../../ui/Shown";
import { SignIn } from "../../ui/SignIn";
import { type Column, Table } from "../../ui/Table";
import { time } from "../../ui/format";
import { TransactionLink } from "../../ui/links";
import { Frame } from "./Frame";
import { pathOf } from "./subjects";

export default function Notifications() {
  const { t } = useTranslation("account");
  const session = useSession();
  return (
    <Frame title={t("notifications.title")}>
      <Shown of={session}>{(found) => (found ? <News /> : <SignIn />)}</Shown>
    </Frame>
  );
}

function News() {
  const { t } = useTranslation(["account", "common"]);
  const language = useLanguage();
  const news = usePages("/v1/notifications");
  const columns: readonly Column<Notification>[] = [
    {
      title: t("account:notifications.when"),
      show: ({ at }) => (at ? time(at) : "–"),
      plain: ({ at }) => (at ? time(at) : ""),
    },
    {
      title: t("account:notifications.what"),
      show: ({ text, subject }) => (subject ? <Link to={pathOf(subject)}>{text[language]}</Link> : text[language]),
      plain: ({ text }) => text[language],
    },
    {
      title: t("common:send.transaction"),
      show: ({ transactionHash }) => (transactionHash ? <TransactionLink hash={transactionHash} /> : "–"),
      plain: ({ transactionHash }) => transactionHash ?? "",
    },
  ];
  return (
    <Listed of={news} whenEmpty={<p>{t("account:notifications.none")}</p>}>
      {(rows) => (
        <Table
          label={t("account:notifications.title")}
          columns={columns}
          rows={rows}
          rowKey={({ cursor }) => cursor}
          file="heqi-notifications"
        />
      )}
    </Listed>
  );
}
