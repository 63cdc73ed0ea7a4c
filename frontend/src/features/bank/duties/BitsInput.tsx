/** Bits that mean something each: roles of a party, flags of a score, the gravity from which an alarm refuses. */

import { useTranslation } from "react-i18next";
import { ROLES } from "../../../api/me";
import { ALARMS, FLAGS, SEVERITIES } from "./words";

interface Props {
  kind: "flags" | "gates" | "roles";
  label: string;
  value: number;
  set: (value: number) => void;
}

export function BitsInput({ kind, label, value, set }: Props) {
  const { t } = useTranslation("bank");
  if (kind === "gates")
    return (
      <fieldset className="bits" aria-label={label}>
        {ALARMS.map((alarm, place) => (
          <label key={alarm}>
            {t(`alarms.${alarm}`)}
            <select
              className="input"
              value={(value >> (2 * place)) & 3}
              onChange={({ target }) => set((value & ~(3 << (2 * place))) | (Number(target.value) << (2 * place)))}
            >
              {SEVERITIES.map((severity, least) => (
                <option key={severity} value={least}>
                  {least ? t(`severities.${severity}`) : t("passes")}
                </option>
              ))}
            </select>
          </label>
        ))}
      </fieldset>
    );
  const names =
    kind === "roles" ? ROLES.map((role) => t(`partyRoles.${role}`)) : FLAGS.map((flag) => t(`flags.${flag}`));
  return (
    <fieldset className="bits" aria-label={label}>
      {names.map((name, bit) => (
        <label key={name}>
          <input type="checkbox" checked={((value >> bit) & 1) === 1} onChange={() => set(value ^ (1 << bit))} />
          {name}
        </label>
      ))}
    </fieldset>
  );
}
