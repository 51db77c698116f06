/** The names that a signature may be for. `exact`: that text, after normalization; `repository`: any tag or digest of it, and with `bare` its name alone too. */
export type SignedNames =
  | { readonly kind: "exact"; readonly reference: string }
  | { readonly kind: "repository"; readonly name: string; readonly bare: boolean }
  | { readonly kind: "none" };
