/** The queue of delayed operations: what they change, how long they wait, and who may do what about them. */

import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useMe } from "../../../api/me";
import { usePages } from "../../../api/pages";
import type { Call } from "../../../chain/call";
import { useChain, useWallet } from "../../../chain/reader";
import { contract } from "../../../chain/suite";
import { Effects } from "../../../ui/Effects";
import { Shown } from "../../../ui/Shown";
import { Table } from "../../../ui/Table";
import { time } from "../../../ui/format";
import { AddressLink } from "../../../ui/links";
import { Section } from "../BankPage";
import { argumentsOf, effectsOf } from "../duties/plan";
import { useCancel, useDuty } from "../duties/useDuty";
import { useWords } from "../duties/words";
import { type Operation, operationsOf } from "./operations";

export function Operations() {
  const { t } = useTranslation("bank");
  // What waits longest is on the last page.
  const changes = usePages("/v1/audit/changes", { matter: "operation" }, { whole: true });
  return (
    <Shown of={changes}>
      {(rows) => {
        const all = operationsOf(rows);
        const waiting = all.filter(({ state }) => state === "scheduled");
        return (
          <>
            <Section title={t("review.operations")} about={t("review.operationsWhy")}>
              {waiting.length ? (
                waiting.map((one) => <Waiting key={one.id} of={one} />)
              ) : (
                <p className="muted">{t("review.noOperations")}</p>
              )}
            </Section>
            <History of={all.filter(({ state }) => state !== "scheduled")} />
          </>
        );
      }}
    </Shown>
  );
}

/** Seconds of the newest block, and for how long an operation may be executed once it is ready. */
function useClock() {
  return useChain(["clock"], async (reader) => {
    const [{ timestamp }, good] = await Promise.all([
      reader.getBlock(),
      reader.readContract({ ...contract("Authority"), functionName: "expiration" }),
    ]);
    return { now: Number(timestamp), good };
  }).data;
}

function Waiting({ of }: { of: Operation }) {
  const { t } = useTranslation("bank");
  const words = useWords();
  const clock = useClock();
  const ready = of.readyAt ? Date.parse(of.readyAt) / 1000 : 0;
  const left = clock && ready - clock.now;
  const expired = clock && clock.now >= ready + clock.good;
  return (
    <article className="tile stack" data-operation={of.id}>
      <h3>{of.call ? words.name(of.call.contract, of.call.functionName) : t("review.unreadable")}</h3>
      {of.call && <Changes of={of.call} />}
      <p>
        {t("review.by")} <AddressLink address={of.caller} />
        {of.scheduledAt && ` · ${t("review.scheduledAt", { at: time(of.scheduledAt) })}`} ·{" "}
        {t("review.readyAt", { at: time(ready) })} ·{" "}
        <strong>
          {left === undefined
            ? t("review.connect")
            : expired
              ? t("review.expired")
              : left > 0
                ? t("review.left", { time: words.duration(Math.ceil(left / 60) * 60) })
                : t("review.ready")}
        </strong>
      </p>
      {of.call && <Steps of={of} call={of.call} ready={left !== undefined && left <= 0 && !expired} />}
    </article>
  );
}

/** Beside what is in force now where a wallet can tell it. */
function Changes({ of }: { of: Call }) {
  const words = useWords();
  const { t } = useTranslation("bank");
  const found = useChain(["effects", of.address, of.functionName, String(of.args)], (reader) =>
    effectsOf(reader, of, words),
  );
  const plain = argumentsOf(of).map((argument) => words.change(of, argument));
  return (
    <>
      <Effects of={found.data ?? [words.what(of), ...plain]} fee={undefined} />
      {!found.data && <p className="muted">{t("review.presentNeedsWallet")}</p>}
    </>
  );
}

function Steps({ of, call, ready }: { of: Operation; call: Call; ready: boolean }) {
  const { t } = useTranslation("bank");
  const { account } = useWallet();
  const offices = useMe()?.offices ?? [];
  const duty = useDuty();
  const cancel = useCancel();
  const mine = account?.toLowerCase() === of.caller.toLowerCase();
  const may = mine || offices.includes("guardian") || offices.includes("admin");
  return (
    <div className="row">
      <Button
        type="primary"
        disabled={!mine || !ready}
        title={mine ? undefined : t("review.onlyCaller")}
        onClick={() => duty(call)}
      >
        {t("duty.execute")}
      </Button>
      <Button
        danger
        disabled={!may}
        title={may ? undefined : t("review.onlyGuardian")}
        onClick={() => cancel(of.caller, call)}
      >
        {t("duty.cancel")}
      </Button>
      {!mine && <span className="muted">{t("review.onlyCaller")}</span>}
    </div>
  );
}

function History({ of }: { of: readonly Operation[] }) {
  const { t } = useTranslation("bank");
  const words = useWords();
  const said = (call: Call | undefined) =>
    call
      ? argumentsOf(call)
          .map((argument) => words.change(call, argument))
          .map(({ label, value }) => (value.startsWith(label) ? value : `${label} ${value}`))
          .join(t("listed"))
      : "–";
  return (
    <Section title={t("review.history")}>
      <Table
        label={t("review.history")}
        file="operations"
        rows={of}
        rowKey={({ id }) => id}
        columns={[
          {
            title: t("columns.operation"),
            show: ({ call }) => (call ? words.what(call).value : "–"),
            plain: ({ call }) => (call ? `${call.contract}.${call.functionName}` : ""),
          },
          { title: t("columns.figures"), show: ({ call }) => said(call), plain: ({ call }) => said(call) },
          {
            title: t("columns.by"),
            show: ({ caller }) => <AddressLink address={caller} />,
            plain: (one) => one.caller,
          },
          {
            title: t("review.scheduled"),
            show: ({ scheduledAt }) => (scheduledAt ? time(scheduledAt) : "–"),
            plain: ({ scheduledAt }) => scheduledAt ?? "",
          },
          {
            title: t("review.ended"),
            show: ({ state, endedAt }) => `${t(`review.states.${state}`)} ${endedAt ? time(endedAt) : ""}`,
            plain: ({ state, endedAt }) => `${state} ${endedAt ?? ""}`,
          },
        ]}
      />
    </Section>
  );
}
