/** One word for one thing: the project's glossary. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import glossary from "../../../../docs/glossary.md?raw";
import { Table } from "../../ui/Table";
import { Frame } from "./Frame";
import { type Term, termsIn } from "./terms";

const TERMS = termsIn(glossary);

export default function Glossary() {
  const { t } = useTranslation("help");
  const [wanted, setWanted] = useState("");
  const found = TERMS.filter((term) => Object.values(term).some((text) => matches(text, wanted)));
  return (
    <Frame title={t("glossary.title")}>
      <label className="row">
        {t("glossary.search")}
        <input className="choice" type="search" value={wanted} onChange={({ target }) => setWanted(target.value)} />
      </label>
      {found.length === 0 ? (
        <p>{t("glossary.none")}</p>
      ) : (
        <Table<Term>
          label={t("glossary.title")}
          columns={[
            { title: t("glossary.zh"), show: ({ zh }) => <span lang="zh-CN">{zh}</span> },
            { title: t("glossary.en"), show: ({ en }) => <span lang="en">{en}</span> },
            { title: t("glossary.identifier"), show: ({ identifier }) => <span className="mono">{identifier}</span> },
          ]}
          rows={found}
          rowKey={({ zh, en }) => `${zh} ${en}`}
        />
      )}
    </Frame>
  );
}

function matches(text: string, wanted: string): boolean {
  return text.toLowerCase().includes(wanted.trim().toLowerCase());
}
