/** Texts have one shape in every language: what the Chinese ones name, the others must name too. */
export type Texts<T> = { readonly [Key in keyof T]: T[Key] extends string ? string : Texts<T[Key]> };
