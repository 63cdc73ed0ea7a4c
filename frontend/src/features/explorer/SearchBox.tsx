/** Where to look for anything: a number, an address, a hash. */

import { useNavigate } from "@tanstack/react-router";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

export function SearchBox({ start = "" }: { start?: string }) {
  const { t } = useTranslation("explorer");
  const navigate = useNavigate();
  const [query, setQuery] = useState(start);
  return (
    <search>
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (query.trim()) void navigate({ to: "/search" as string, search: { q: query.trim() } as never });
        }}
      >
        <input
          className="choice wide"
          type="search"
          aria-label={t("searchLabel")}
          placeholder={t("search")}
          value={query}
          onChange={({ target }) => setQuery(target.value)}
        />
        <Button type="primary" htmlType="submit">
          {t("find")}
        </Button>
      </form>
    </search>
  );
}
