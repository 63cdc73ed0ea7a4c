/** A day, with the browser's own calendar; beside the label, in the page's language, which day was chosen. */

import { useId } from "react";
import { useLanguage } from "../text";
import { dateInWords } from "./format";

interface Props {
  label: string;
  /** As "2026-11-22"; empty while there is none. */
  value: string;
  change: (date: string) => void;
  min?: string | undefined;
  max?: string | undefined;
  hint?: string;
  invalid?: boolean;
}

export function DateField({ label, value, change, min, max, hint, invalid = false }: Props) {
  const id = useId();
  const language = useLanguage();
  return (
    <div className="field">
      <div className="row">
        <label htmlFor={id}>{label}</label>
        <span id={`${id}-chosen`} className="muted">
          {value && dateInWords(value, language)}
        </span>
      </div>
      <input
        id={id}
        className="input"
        type="date"
        value={value}
        min={min}
        max={max}
        aria-invalid={invalid}
        aria-describedby={hint ? `${id}-chosen ${id}-hint` : `${id}-chosen`}
        onChange={({ target }) => change(target.value)}
      />
      {hint && (
        <span id={`${id}-hint`} className="muted">
          {hint}
        </span>
      )}
    </div>
  );
}
