/** Figures of a struct to change, each beside the one in force. */

import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Struct, type Typed, edited, kindOf, typed } from "./fields";
import { useWords } from "./words";
import { BitsInput } from "./BitsInput";

interface Props<T extends Struct> {
  present: T;
  /** Buttons for what was typed; undefined while something is no value or nothing is changed. */
  children: (next: T | undefined) => ReactNode;
}

export function StructForm<T extends Struct>({ present, children }: Props<T>) {
  const { t } = useTranslation("bank");
  const [input, setInput] = useState<Typed>({});
  const next = edited(present, input);
  const changed = next && Object.keys(present).some((name) => next[name] !== present[name]);
  const set = (name: string, value: string | boolean) => setInput((before) => ({ ...before, [name]: value }));
  return (
    <div className="stack">
      <table className="struct">
        <thead>
          <tr>
            <th scope="col">{t("form.field")}</th>
            <th scope="col">{t("form.present")}</th>
            <th scope="col">{t("form.next")}</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(present).map(([name, value]) => (
            <Field key={name} name={name} present={value} input={input[name]} set={(given) => set(name, given)} />
          ))}
        </tbody>
      </table>
      <p className="muted" role="status">
        {next ? (changed ? t("form.changed") : t("form.unchanged")) : t("form.invalid")}
      </p>
      <div className="row">{children(changed ? next : undefined)}</div>
    </div>
  );
}

interface FieldProps {
  name: string;
  present: Struct[string];
  input: string | boolean | undefined;
  set: (value: string | boolean) => void;
}

function Field({ name, present, input, set }: FieldProps) {
  const { t } = useTranslation("bank");
  const words = useWords();
  const id = useId();
  const kind = kindOf(name, typeof present === "boolean" ? "bool" : typeof present === "string" ? "bytes32" : "");
  const unit = { money: t("units.yuan"), bps: "%", hours: t("units.hours"), days: t("units.days") }[kind as "money"];
  const bits = kind === "flags" || kind === "gates" || kind === "roles";
  return (
    <tr className={input !== undefined ? "changed" : undefined}>
      <th scope="row">{bits ? words.field(name) : <label htmlFor={id}>{words.field(name)}</label>}</th>
      <td>{words.shown(kind, present)}</td>
      <td>
        {typeof present === "boolean" ? (
          <input
            id={id}
            type="checkbox"
            checked={typeof input === "boolean" ? input : present}
            onChange={({ target }) => set(target.checked)}
          />
        ) : bits ? (
          <BitsInput
            kind={kind}
            label={words.field(name)}
            value={Number(input ?? present)}
            set={(value) => set(String(value))}
          />
        ) : (
          <span className="row">
            <input
              id={id}
              className="input"
              inputMode={kind === "hash" ? "text" : "decimal"}
              value={typeof input === "string" ? input : typeof present === "string" ? present : typed(kind, present)}
              onChange={({ target }) => set(target.value)}
            />
            {unit && <span className="muted">{unit}</span>}
          </span>
        )}
      </td>
    </tr>
  );
}
