import type { Texts } from "../texts";
import type { credit as zh } from "../zh/credit";

export const credit: Texts<typeof zh> = {
  title: "",
};
