/** An amount and what to do with it. */

import { Button } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { fenOf } from "../../../ui/format";

interface Props {
  label: string;
  button: string;
  /** Why it cannot be done now; undefined when it can. */
  barred: string | undefined;
  act: (fen: bigint, done: () => void) => void;
  children?: ReactNode;
}

export function AmountForm({ label, button, barred, act, children }: Props) {
  const { t } = useTranslation("bank");
  const [typed, setTyped] = useState("");
  const amount = fenOf(typed);
  const send = () => {
    if (amount) act(amount, () => setTyped(""));
  };
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <label className="row">
        {label}
        <input className="input" inputMode="decimal" value={typed} onChange={({ target }) => setTyped(target.value)} />
        <span className="muted">{t("units.yuan")}</span>
      </label>
      <Button htmlType="submit" disabled={!amount || !!barred} title={barred}>
        {button}
      </Button>
      {barred && <span className="muted">{barred}</span>}
      {typed && amount === undefined && <span role="alert">{t("form.invalid")}</span>}
      {children}
    </form>
  );
}
