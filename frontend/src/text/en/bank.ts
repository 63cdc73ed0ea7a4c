import type { Texts } from "../texts";
import type { bank as zh } from "../zh/bank";

export const bank: Texts<typeof zh> = {
  title: "",
};
