/** The end of a list of which some rows only are shown: that there are none, at least so far, and the next page. */

import { useTranslation } from "react-i18next";
import type { Pages } from "../../api/pages";
import { More } from "../../ui/More";

interface Props {
  of: Pages;
  /** How many rows were looked at. */
  looked: number;
  /** Said where none is shown. */
  none: string | undefined;
}

export function Rest({ of, looked, none }: Props) {
  const { t } = useTranslation("bank");
  return (
    <>
      {none && <p className="muted">{of.hasNextPage ? t("noneSoFar", { count: looked }) : none}</p>}
      <More of={of} />
    </>
  );
}
