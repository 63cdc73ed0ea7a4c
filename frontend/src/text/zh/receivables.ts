export const receivables = {
  title: "",
} as const;
