import type { InterfaceText } from "../../../src/serve/varlink/interface.ts";

type Nothing = Readonly<Record<never, never>>;

/** An interface to try the protocol with. */
export const org_example_test: InterfaceText<{
  readonly types: Nothing;
  readonly methods: {
    readonly Echo: {
      readonly parameters: { readonly text: string; readonly count: number | null };
      readonly reply: { readonly text: string };
    };
    readonly Wait: { readonly parameters: { readonly id: number }; readonly reply: { readonly id: number } };
    readonly Fail: {
      readonly parameters: { readonly how: "error" | "bug" | "invalid" | "denied" };
      readonly reply: Nothing;
    };
    readonly Count: { readonly parameters: { readonly to: number }; readonly reply: { readonly value: number } };
    readonly CountOrSum: { readonly parameters: { readonly to: number }; readonly reply: { readonly value: number } };
    readonly Take: {
      readonly parameters: { readonly indexes: readonly number[] };
      readonly reply: { readonly taken: readonly string[]; readonly count: number };
    };
    readonly Give: { readonly parameters: { readonly names: readonly string[] }; readonly reply: Nothing };
    readonly Missing: { readonly parameters: Nothing; readonly reply: Nothing };
  };
  readonly errors: {
    readonly Broken: { readonly why: string };
    readonly InternalFailure: { readonly message: string };
  };
}> = {
  name: "org.example.test",
  text: `interface org.example.test
method Echo(text: string, count: ?int) -> (text: string)
method Wait(id: int) -> (id: int)
method Fail(how: (error, bug, invalid, denied)) -> ()
# [Requires 'more' flag]
method Count(to: int) -> (value: int)
method CountOrSum(to: int) -> (value: int)
method Take(indexes: []int) -> (taken: []string, count: int)
method Give(names: []string) -> ()
method Missing() -> ()
error Broken (why: string)
error InternalFailure (message: string)
`,
};
