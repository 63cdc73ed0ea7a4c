/** What waits for the debtor's word: one by one, in batch, or by a signature that somebody else brings to the chain. */

import { Alert, Button, Card, Checkbox, Empty } from "antd";
import { useState } from "react";
import { useMe } from "../../api/me";
import type { Receivable } from "../../api/schema";
import { useAct } from "../../ui/Actions";
import { Listed } from "../../ui/Listed";
import { Page } from "../../ui/Page";
import { Table } from "../../ui/Table";
import { money } from "../../ui/format";
import { MOST_IN_ONE, confirm, relay } from "./origination";
import { Field, Pages, PartyField, columns } from "./parts";
import { SignDialog } from "./SignDialog";
import { readSigned } from "./signature";
import { useReceivables } from "./usePages";
import { useWords } from "./words";

export default function Confirm() {
  const t = useWords();
  const me = useMe();
  const mine = me?.roles.includes("core_enterprise") ? me.party : undefined;
  const [chosen, setChosen] = useState<number>();
  const debtor = mine ?? chosen;
  return (
    <Page title={t("receivables:pages.confirm")}>
      <Pages />
      <p>{t("receivables:confirm.intro")}</p>
      {mine === undefined && (
        <PartyField
          label={t("receivables:debtor")}
          who="core_enterprise"
          value={chosen}
          choose={setChosen}
          any={t("common:table.all")}
        />
      )}
      <Queue debtor={debtor} mine={mine !== undefined} />
      <Relay />
    </Page>
  );
}

function Queue({ debtor, mine }: { debtor: number | undefined; mine: boolean }) {
  const t = useWords();
  const found = useReceivables({ state: "Registered", debtor });
  return (
    <Listed
      of={found}
      whenEmpty={<Empty description={t("receivables:confirm.none")} image={Empty.PRESENTED_IMAGE_SIMPLE} />}
    >
      {(rows) => <Waiting rows={rows} mine={mine} />}
    </Listed>
  );
}

function Waiting({ rows, mine }: { rows: readonly Receivable[]; mine: boolean }) {
  const t = useWords();
  const act = useAct();
  const [picked, setPicked] = useState<ReadonlySet<number>>(new Set());
  const [signing, setSigning] = useState<Receivable>();
  const taken = rows.filter(({ id }) => picked.has(id)).slice(0, MOST_IN_ONE);
  const total = taken.reduce((sum, { face }) => sum + BigInt(face), 0n);
  const toggle = (id: number) => {
    const next = new Set(picked);
    if (!next.delete(id)) next.add(id);
    setPicked(next);
  };
  const pick = {
    title: t("receivables:confirm.pick"),
    show: ({ id }: Receivable) => (
      <Checkbox
        aria-label={t("receivables:number", { id })}
        checked={picked.has(id)}
        disabled={!mine}
        onChange={() => toggle(id)}
      />
    ),
  };
  const steps = {
    title: t("common:table.actions"),
    show: (one: Receivable) => (
      <span className="row">
        <Button size="small" type="primary" disabled={!mine} onClick={() => act(confirm(t, [one]))}>
          {t("receivables:now.confirm")}
        </Button>
        <Button size="small" disabled={!mine} onClick={() => setSigning(one)}>
          {t("receivables:confirm.sign")}
        </Button>
      </span>
    ),
  };
  return (
    <div className="stack">
      {!mine && <p className="muted">{t("receivables:confirm.debtorOnly")}</p>}
      <Table
        label={t("receivables:pages.confirm")}
        columns={[pick, ...columns(t), steps]}
        rows={rows}
        rowKey={({ id }) => id}
        file="receivables-to-confirm"
      />
      {mine && (
        <div className="row">
          <Button onClick={() => setPicked(new Set(rows.slice(0, MOST_IN_ONE).map(({ id }) => id)))}>
            {t("receivables:confirm.all")}
          </Button>
          <Button type="primary" disabled={taken.length === 0} onClick={() => act(confirm(t, taken))}>
            {t("receivables:confirm.picked", { count: taken.length, amount: money(total) })}
          </Button>
        </div>
      )}
      {signing && <SignDialog of={signing} close={() => setSigning(undefined)} />}
    </div>
  );
}

/** Anybody may bring a signed confirmation to the chain. */
function Relay() {
  const t = useWords();
  const act = useAct();
  const [text, setText] = useState("");
  const signed = text.trim() === "" ? undefined : readSigned(text);
  return (
    <Card title={<h2>{t("receivables:relay.heading")}</h2>}>
      <div className="stack">
        <p>{t("receivables:relay.intro")}</p>
        <Field label={t("receivables:relay.text")}>
          <textarea className="mono" rows={5} value={text} onChange={({ target }) => setText(target.value)} />
        </Field>
        {text.trim() !== "" && !signed && <Alert type="error" showIcon title={t("receivables:relay.unreadable")} />}
        <div>
          <Button disabled={!signed} onClick={() => signed && act(relay(t, signed))}>
            {t("receivables:relay.button")}
          </Button>
        </div>
      </div>
    </Card>
  );
}
