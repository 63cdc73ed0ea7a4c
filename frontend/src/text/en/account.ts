import type { Texts } from "../texts";
import type { account as zh } from "../zh/account";

export const account: Texts<typeof zh> = {
  title: "",
};
