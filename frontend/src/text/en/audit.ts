import type { Texts } from "../texts";
import type { audit as zh } from "../zh/audit";

export const audit: Texts<typeof zh> = {
  title: "",
};
