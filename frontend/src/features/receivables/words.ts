/** The texts of receivables. */

import { useTranslation } from "react-i18next";

export const useWords = () => useTranslation(["receivables", "common"]).t;
export type Words = ReturnType<typeof useWords>;
