export const help = {
  title: "",
} as const;
