import type { Texts } from "../texts";
import type { leases as zh } from "../zh/leases";

export const leases: Texts<typeof zh> = {
  title: "",
};
