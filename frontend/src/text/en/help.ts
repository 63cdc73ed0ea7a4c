import type { Texts } from "../texts";
import type { help as zh } from "../zh/help";

export const help: Texts<typeof zh> = {
  title: "",
};
