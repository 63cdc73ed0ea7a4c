export const explorer = {
  title: "",
} as const;
