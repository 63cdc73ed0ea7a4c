export const credit = {
  title: "",
} as const;
