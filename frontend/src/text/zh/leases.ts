export const leases = {
  title: "",
} as const;
