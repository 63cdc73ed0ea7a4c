/** Receivables: what there is, and what is mine. */

import { Alert, Button, Checkbox, Empty } from "antd";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMe } from "../../api/me";
import { useApi } from "../../api/query";
import type { Receivable } from "../../api/schema";
import { useAct } from "../../ui/Actions";
import { DateField } from "../../ui/DateField";
import { Tiles } from "../../ui/Figures";
import { Money } from "../../ui/Money";
import { Listed } from "../../ui/Listed";
import { Page } from "../../ui/Page";
import { Table } from "../../ui/Table";
import { money } from "../../ui/format";
import { type State, STATES } from "./facts";
import { Field, Pages, PartyField, columns } from "./parts";
import { releaseCredit } from "./payment";
import { useReceivables } from "./usePages";
import { useWords } from "./words";

const FILTERED = STATES.filter((state) => state !== "None");

interface Filter {
  state: State | "";
  debtor: number | undefined;
  from: string;
  to: string;
  mine: boolean;
}

export default function List() {
  const t = useWords();
  const me = useMe();
  const navigate = useNavigate();
  const filter = filterOf(useSearch({ strict: false }));
  const change = (next: Partial<Filter>) =>
    void navigate({ to: ".", search: given({ ...filter, ...next }) as never, replace: true });
  const found = useReceivables({
    state: filter.state,
    debtor: filter.debtor,
    dueFrom: filter.from,
    dueTo: filter.to,
    holder: filter.mine ? me?.party : undefined,
  });
  return (
    <Page title={t("receivables:title")}>
      <Pages />
      <Credits />
      <Filters of={filter} change={change} party={me?.party ?? 0} />
      <Listed of={found} whenEmpty={<Nothing />}>
        {(rows) => (
          <>
            <Totals of={rows} />
            <Table
              label={t("receivables:title")}
              columns={columns(t)}
              rows={rows}
              rowKey={({ id }) => id}
              file="receivables"
            />
          </>
        )}
      </Listed>
    </Page>
  );
}

function Filters({ of, change, party }: { of: Filter; change: (next: Partial<Filter>) => void; party: number }) {
  const t = useWords();
  return (
    <div className="entries" role="group" aria-label={t("common:table.filter")}>
      <Field label={t("receivables:stateName")}>
        <select value={of.state} onChange={({ target }) => change({ state: stateOf(target.value) })}>
          <option value="">{t("common:table.all")}</option>
          {FILTERED.map((state) => (
            <option key={state} value={state}>
              {t(`receivables:state.${state}`)}
            </option>
          ))}
        </select>
      </Field>
      <PartyField
        label={t("receivables:debtor")}
        who="core_enterprise"
        value={of.debtor}
        choose={(debtor) => change({ debtor })}
        any={t("common:table.all")}
      />
      <DateField label={t("receivables:dueFrom")} value={of.from} change={(from) => change({ from })} />
      <DateField label={t("receivables:dueTo")} value={of.to} change={(to) => change({ to })} />
      <Checkbox
        className="entry-check"
        checked={of.mine}
        disabled={!party}
        onChange={({ target }) => change({ mine: target.checked })}
      >
        {party ? t("receivables:mine") : t("receivables:mineNeedsWallet")}
      </Checkbox>
    </div>
  );
}

/** The filter stands in the page's address, so that it can be passed on and is there again after going back. */
function filterOf(asked: Record<string, unknown>): Filter {
  const { state, debtor, from, to, mine } = asked;
  return {
    state: stateOf(String(state ?? "")),
    debtor: typeof debtor === "number" ? debtor : undefined,
    from: dateOf(from),
    to: dateOf(to),
    mine: mine === true,
  };
}

const given = (filter: Filter) => Object.fromEntries(Object.entries(filter).filter(([, value]) => value));

const dateOf = (value: unknown) => (typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value) ? value : "");

const stateOf = (value: string): Filter["state"] => FILTERED.find((state) => state === value) ?? "";

function Totals({ of }: { of: readonly Receivable[] }) {
  const t = useWords();
  // A split claim lives on in its parts.
  const open = of.filter(({ state }) => state !== "Split" && state !== "Rejected" && state !== "Cancelled");
  const sum = (pick: (row: Receivable) => string) => open.reduce((total, row) => total + BigInt(pick(row)), 0n);
  return (
    <Tiles
      of={[
        [t("receivables:totals.count"), of.length],
        [t("receivables:totals.outstanding"), <Money fen={sum(({ outstanding }) => outstanding)} />],
        [t("receivables:totals.claimable"), <Money fen={sum(({ claimable }) => claimable)} />],
      ]}
    />
  );
}

function Nothing() {
  const t = useWords();
  return (
    <Empty description={t("receivables:none")} image={Empty.PRESENTED_IMAGE_SIMPLE}>
      <Link to={"/receivables/register" as string}>{t("receivables:pages.register")}</Link>
    </Empty>
  );
}

/** Money of mine that waits: paid on claims before I passed them on. */
function Credits() {
  const t = useWords();
  const me = useMe();
  const act = useAct();
  const credits = useApi("/v1/parties/{party}/credits", { party: me?.party }, !!me?.party);
  return credits.data?.items.map(({ holder, currency, amount }) => (
    <Alert
      key={`${holder} ${currency.token}`}
      type="info"
      showIcon
      title={t("receivables:credits.waiting", { amount: money(amount) })}
      action={
        currency.number !== null && (
          <Button type="primary" onClick={() => act(releaseCredit(t, holder as `0x${string}`, currency.number ?? 0))}>
            {t("receivables:credits.claim")}
          </Button>
        )
      }
    />
  ));
}
