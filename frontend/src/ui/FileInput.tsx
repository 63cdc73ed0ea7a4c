/** Files chosen or dropped, told in the page's language: what a browser writes beside its own button is in the browser's. */

import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

interface Props {
  label: string;
  choose: (files: readonly File[]) => void;
  /** Kinds, as HTML lists them. */
  accept?: string;
  multiple?: boolean;
  /** Nothing is chosen any more: the names go. */
  forgotten?: boolean;
}

export function FileInput({ label, choose, accept, multiple = false, forgotten = false }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [names, setNames] = useState<readonly string[]>([]);
  useEffect(() => {
    if (!forgotten) return;
    if (input.current) input.current.value = "";
    setNames([]);
  }, [forgotten]);
  const take = (files: readonly File[]) => {
    setNames(files.map(({ name }) => name));
    choose(files);
  };
  return (
    <div className="field">
      <label id={`${id}-label`} htmlFor={id}>
        {label}
      </label>
      <div className="picker">
        <input
          id={id}
          ref={input}
          type="file"
          accept={accept}
          multiple={multiple}
          aria-labelledby={`${id}-label ${id}-button`}
          aria-describedby={`${id}-names`}
          onChange={({ target }) => take([...(target.files ?? [])])}
        />
        <span id={`${id}-button`} className="picker-button">
          {t(multiple ? "file.chooseMany" : "file.choose")}
        </span>
        <span id={`${id}-names`} className="muted">
          {names.join(" · ") || t("file.none")}
        </span>
      </div>
    </div>
  );
}
