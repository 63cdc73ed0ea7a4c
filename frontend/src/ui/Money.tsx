/** An amount of the settlement currency, in whole fen. */

import { useTranslation } from "react-i18next";
import { type Scale, money } from "./format";
import { useScale } from "./settings";

interface Props {
  fen: bigint | string | number;
  /** Where people sign, figures are always whole. */
  scale?: Scale;
  direction?: "in" | "out";
}

export function Money({ fen, scale, direction }: Props) {
  const { t } = useTranslation();
  const chosen = useScale();
  const shown = money(fen, scale ?? chosen);
  const sign = direction && { in: "+", out: "−" }[direction];
  return (
    <span
      className="figure"
      title={/[万亿]$/.test(shown) ? money(fen) : undefined}
      aria-label={direction && `${t(`direction.${direction}`)} ${shown}`}
    >
      {sign}
      {shown}
    </span>
  );
}
