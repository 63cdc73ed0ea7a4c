/** Pieces that several pages of receivables share. */

import { Link } from "@tanstack/react-router";
import { type ReactElement, cloneElement, useId } from "react";
import { usePages } from "../../api/pages";
import { useApi } from "../../api/query";
import type { Receivable } from "../../api/schema";
import { Local } from "../../ui/Local";
import { Money } from "../../ui/Money";
import type { Column } from "../../ui/Table";
import { PartyLink } from "../../ui/links";
import { plainYuan } from "../../ui/format";
import type { State } from "./facts";
import { type Words, useWords } from "./words";

const PAGES = [
  ["/receivables", "list"],
  ["/receivables/register", "register"],
  ["/receivables/import", "import"],
  ["/receivables/confirm", "confirm"],
  ["/receivables/obligations", "obligations"],
  ["/receivables/disputes", "disputes"],
  ["/receivables/calendar", "calendar"],
] as const;

export function Pages() {
  const t = useWords();
  return (
    <Local
      label={t("common:nav.receivables")}
      pages={PAGES.map(([path, name]) => [path, t(`receivables:pages.${name}`)])}
    />
  );
}

export function StateTag({ state }: { state: State }) {
  const t = useWords();
  return (
    <span className="state" data-state={state}>
      {t(`receivables:state.${state}`)}
    </span>
  );
}

export function ReceivableLink({ id }: { id: number }) {
  const t = useWords();
  return <Link to={`/receivables/${id}` as string}>{t("receivables:number", { id })}</Link>;
}

/** The columns in which every list of receivables begins. */
export function columns(t: Words): Column<Receivable>[] {
  return [
    { title: t("receivables:id"), show: ({ id }) => <ReceivableLink id={id} />, plain: ({ id }) => id },
    {
      title: t("receivables:stateName"),
      show: ({ state }) => <StateTag state={state} />,
      plain: ({ state }) => t(`receivables:state.${state}`),
    },
    {
      title: t("receivables:debtor"),
      show: ({ debtor }) => <PartyLink party={debtor} />,
      plain: ({ debtor }) => debtor,
    },
    {
      title: t("receivables:holder"),
      show: ({ holderParty }) => <PartyLink party={holderParty} />,
      plain: ({ holderParty }) => holderParty ?? "",
    },
    { title: t("receivables:due"), show: ({ due }) => due.date, plain: ({ due }) => due.date },
    {
      title: t("receivables:face"),
      numeric: true,
      show: ({ face }) => <Money fen={face} />,
      plain: ({ face }) => plainYuan(BigInt(face)),
    },
    {
      title: t("receivables:outstanding"),
      numeric: true,
      show: ({ outstanding }) => <Money fen={outstanding} />,
      plain: ({ outstanding }) => plainYuan(BigInt(outstanding)),
    },
  ];
}

interface FieldProps {
  label: string;
  hint?: string | undefined;
  children: ReactElement<{ "aria-describedby"?: string }>;
}

/** A labelled input; label and hint are part of the page, not of its placeholder. */
export function Field({ label, hint, children }: FieldProps) {
  const id = useId();
  return (
    <div className="entry">
      <label className="entry">
        <span>{label}</span>
        {hint ? cloneElement(children, { "aria-describedby": id }) : children}
      </label>
      {hint && (
        <span className="muted" id={id}>
          {hint}
        </span>
      )}
    </div>
  );
}

/** Choosing a verified party by its number. */
export function PartyField({
  label,
  who,
  value,
  choose,
  any,
  but,
}: {
  label: string;
  who: "supplier" | "core_enterprise";
  value: number | undefined;
  choose: (party: number | undefined) => void;
  /** What stands for no choice. */
  any?: string;
  /** Who cannot be chosen. */
  but?: number | null | undefined;
}) {
  const t = useWords();
  const parties = usePages("/v1/parties", { role: who }, { whole: true });
  return (
    <Field label={label}>
      <select value={value ?? ""} onChange={({ target }) => choose(Number(target.value) || undefined)}>
        <option value="">{any ?? t("receivables:choose")}</option>
        {parties.data
          ?.filter(({ party }) => party !== but)
          .map(({ party }) => (
            <option key={party} value={party}>
              {t("common:party", { party })}
            </option>
          ))}
      </select>
    </Field>
  );
}

/** The wallet in which a party holds claims now. */
export function useWalletOf(party: number | undefined): `0x${string}` | undefined {
  const found = useApi("/v1/parties/{party}", { party }, party !== undefined);
  const wallet = found.data?.wallets.find(({ successor }) => successor === null)?.wallet;
  return wallet as `0x${string}` | undefined;
}
