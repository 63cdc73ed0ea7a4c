import type { Texts } from "../texts";
import type { explorer as zh } from "../zh/explorer";

export const explorer: Texts<typeof zh> = {
  title: "",
};
