// Made from test/support/varlink/org.varlink.certification.varlink by scripts/manual.ts.

import type { InterfaceText } from "../../../src/serve/varlink/interface.ts";

type Interface = {
  readonly foo: readonly (Readonly<Record<string, "foo" | "bar" | "baz">> | null)[] | null;
  readonly anon: {
    readonly foo: boolean;
    readonly bar: boolean;
  };
};

type MyType = {
  readonly object: Readonly<Record<string, unknown>>;
  readonly enum: "one" | "two" | "three";
  readonly struct: {
    readonly first: number;
    readonly second: string;
  };
  readonly array: readonly string[];
  readonly dictionary: Readonly<Record<string, string>>;
  readonly stringset: Readonly<Record<string, Readonly<Record<never, never>>>>;
  readonly nullable: string | null;
  readonly nullable_array_struct:
    | readonly {
        readonly first: number;
        readonly second: string;
      }[]
    | null;
  readonly interface: Interface;
};

type StartParameters = Readonly<Record<never, never>>;

type StartReply = {
  readonly client_id: string;
};

type Test01Parameters = {
  readonly client_id: string;
};

type Test01Reply = {
  readonly bool: boolean;
};

type Test02Parameters = {
  readonly client_id: string;
  readonly bool: boolean;
};

type Test02Reply = {
  readonly int: number;
};

type Test03Parameters = {
  readonly client_id: string;
  readonly int: number;
};

type Test03Reply = {
  readonly float: number;
};

type Test04Parameters = {
  readonly client_id: string;
  readonly float: number;
};

type Test04Reply = {
  readonly string: string;
};

type Test05Parameters = {
  readonly client_id: string;
  readonly string: string;
};

type Test05Reply = {
  readonly bool: boolean;
  readonly int: number;
  readonly float: number;
  readonly string: string;
};

type Test06Parameters = {
  readonly client_id: string;
  readonly bool: boolean;
  readonly int: number;
  readonly float: number;
  readonly string: string;
};

type Test06Reply = {
  readonly struct: {
    readonly bool: boolean;
    readonly int: number;
    readonly float: number;
    readonly string: string;
  };
};

type Test07Parameters = {
  readonly client_id: string;
  readonly struct: {
    readonly bool: boolean;
    readonly int: number;
    readonly float: number;
    readonly string: string;
  };
};

type Test07Reply = {
  readonly map: Readonly<Record<string, string>>;
};

type Test08Parameters = {
  readonly client_id: string;
  readonly map: Readonly<Record<string, string>>;
};

type Test08Reply = {
  readonly set: Readonly<Record<string, Readonly<Record<never, never>>>>;
};

type Test09Parameters = {
  readonly client_id: string;
  readonly set: Readonly<Record<string, Readonly<Record<never, never>>>>;
};

type Test09Reply = {
  readonly mytype: MyType;
};

/** returns more than one reply with "continues" */
type Test10Parameters = {
  readonly client_id: string;
  readonly mytype: MyType;
};

type Test10Reply = {
  readonly string: string;
};

/** must be called as "oneway" */
type Test11Parameters = {
  readonly client_id: string;
  readonly last_more_replies: readonly string[];
};

type Test11Reply = Readonly<Record<never, never>>;

type EndParameters = {
  readonly client_id: string;
};

type EndReply = {
  readonly all_ok: boolean;
};

type ClientIdErrorError = Readonly<Record<never, never>>;

type CertificationErrorError = {
  readonly wants: Readonly<Record<string, unknown>>;
  readonly got: Readonly<Record<string, unknown>>;
};

/** All types of org.varlink.certification. */
export type OrgVarlinkCertification = {
  readonly types: {
    readonly Interface: Interface;
    readonly MyType: MyType;
  };
  readonly methods: {
    readonly Start: {
      readonly parameters: StartParameters;
      readonly reply: StartReply;
    };
    readonly Test01: {
      readonly parameters: Test01Parameters;
      readonly reply: Test01Reply;
    };
    readonly Test02: {
      readonly parameters: Test02Parameters;
      readonly reply: Test02Reply;
    };
    readonly Test03: {
      readonly parameters: Test03Parameters;
      readonly reply: Test03Reply;
    };
    readonly Test04: {
      readonly parameters: Test04Parameters;
      readonly reply: Test04Reply;
    };
    readonly Test05: {
      readonly parameters: Test05Parameters;
      readonly reply: Test05Reply;
    };
    readonly Test06: {
      readonly parameters: Test06Parameters;
      readonly reply: Test06Reply;
    };
    readonly Test07: {
      readonly parameters: Test07Parameters;
      readonly reply: Test07Reply;
    };
    readonly Test08: {
      readonly parameters: Test08Parameters;
      readonly reply: Test08Reply;
    };
    readonly Test09: {
      readonly parameters: Test09Parameters;
      readonly reply: Test09Reply;
    };
    readonly Test10: {
      readonly parameters: Test10Parameters;
      readonly reply: Test10Reply;
    };
    readonly Test11: {
      readonly parameters: Test11Parameters;
      readonly reply: Test11Reply;
    };
    readonly End: {
      readonly parameters: EndParameters;
      readonly reply: EndReply;
    };
  };
  readonly errors: {
    readonly ClientIdError: ClientIdErrorError;
    readonly CertificationError: CertificationErrorError;
  };
};

export const org_varlink_certification: InterfaceText<OrgVarlinkCertification> = {
  name: "org.varlink.certification",
  text: `# Interface to test varlink implementations against.
# First you write a varlink client calling:
# Start, Test01, Test02, …, Test09, End
# The return value of the previous call should be the argument of the next call.
# Then you test this client against well known servers like python or rust from
# https://github.com/varlink/
#
# Next you write a varlink server providing the same service as the well known ones.
# Now run your client against it and run well known clients like python or rust
# from https://github.com/varlink/ against your server. If all works out, then
# your new language bindings should be varlink certified.
interface org.varlink.certification

type Interface (
  foo: ?[]?[string](foo, bar, baz),
  anon: (foo: bool, bar: bool)
)

type MyType (
  object: object,
  enum: (one, two, three),
  struct: (first: int, second: string),
  array: []string,
  dictionary: [string]string,
  stringset: [string](),
  nullable: ?string,
  nullable_array_struct: ?[](first: int, second: string),
  interface: Interface
)

method Start() -> (client_id: string)

method Test01(client_id: string) -> (bool: bool)

method Test02(client_id: string, bool: bool) -> (int: int)

method Test03(client_id: string, int: int) -> (float: float)

method Test04(client_id: string, float: float) -> (string: string)

method Test05(client_id: string, string: string) -> (
  bool: bool,
  int: int,
  float: float,
  string: string
)

method Test06(
  client_id: string,
  bool: bool,
  int: int,
  float: float,
  string: string
) -> (
  struct: (
    bool: bool,
    int: int,
    float: float,
    string: string
  )
)

method Test07(
  client_id: string,
  struct: (
    bool: bool,
    int: int,
    float: float,
    string: string
  )
) -> (map: [string]string)

method Test08(client_id: string, map: [string]string) -> (set: [string]())

method Test09(client_id: string, set: [string]()) -> (mytype: MyType)

# returns more than one reply with "continues"
method Test10(client_id: string, mytype: MyType) -> (string: string)

# must be called as "oneway"
method Test11(client_id: string, last_more_replies: []string) -> ()

method End(client_id: string) -> (all_ok: bool)

error ClientIdError ()
error CertificationError (wants: object, got: object)
`,
};
