/** What a varlink interface description says (https://varlink.org/Interface-Definition). */
export interface IdlInterface {
  readonly name: string;
  readonly documentation: string;
  readonly types: ReadonlyMap<string, IdlNamedType>;
  readonly methods: ReadonlyMap<string, IdlMethod>;
  readonly errors: ReadonlyMap<string, IdlError>;
}

export interface IdlNamedType {
  readonly documentation: string;
  readonly type: IdlStruct | IdlEnum;
}

export interface IdlMethod {
  readonly documentation: string;
  readonly parameters: IdlStruct;
  readonly reply: IdlStruct;
  /**
   * It may only be called with `more`. The language has no word for that; systemd writes it into the comment
   * (sd-varlink-idl.c varlink_idl_format_symbol).
   */
  readonly requiresMore: boolean;
}

export interface IdlError {
  readonly documentation: string;
  readonly parameters: IdlStruct;
}

export type IdlType =
  | { readonly kind: "bool" | "int" | "float" | "string" | "object" }
  /** A type of the same interface. */
  | { readonly kind: "named"; readonly name: string }
  | { readonly kind: "array" | "map" | "nullable"; readonly element: IdlType }
  | IdlStruct
  | IdlEnum;

/** One without fields stands for the empty object, as in the set `[string]()`. */
export interface IdlStruct {
  readonly kind: "struct";
  readonly fields: readonly IdlField[];
}

export interface IdlField {
  readonly name: string;
  readonly documentation: string;
  readonly type: IdlType;
}

export interface IdlEnum {
  readonly kind: "enum";
  readonly values: readonly { readonly name: string; readonly documentation: string }[];
}
