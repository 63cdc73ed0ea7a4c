import type { Texts } from "../texts";
import type { receivables as zh } from "../zh/receivables";

export const receivables: Texts<typeof zh> = {
  title: "",
};
