// Made from docs/varlink/org.varlink.service.varlink by scripts/manual.ts.

import type { InterfaceText } from "../interface.ts";

/** What this service is, and the names of its interfaces. */
type GetInfoParameters = Readonly<Record<never, never>>;

type GetInfoReply = {
  readonly vendor: string;
  readonly product: string;
  readonly version: string;
  readonly url: string;
  readonly interfaces: readonly string[];
};

/** The text that describes one of these interfaces. */
type GetInterfaceDescriptionParameters = {
  readonly interface: string;
};

type GetInterfaceDescriptionReply = {
  readonly description: string;
};

/** There is no such interface. */
type InterfaceNotFoundError = {
  readonly interface: string;
};

/** The interface has no such method. */
type MethodNotFoundError = {
  readonly method: string;
};

/** The interface has the method, but this service does not. */
type MethodNotImplementedError = {
  readonly method: string;
};

/** A parameter is unknown, missing, or not of its type. */
type InvalidParameterError = {
  readonly parameter: string;
};

/** The caller may not do this. */
type PermissionDeniedError = Readonly<Record<never, never>>;

/** The method has to be called with "more". */
type ExpectedMoreError = Readonly<Record<never, never>>;

/** All types of org.varlink.service. */
export type OrgVarlinkService = {
  readonly types: Readonly<Record<never, never>>;
  readonly methods: {
    readonly GetInfo: {
      readonly parameters: GetInfoParameters;
      readonly reply: GetInfoReply;
    };
    readonly GetInterfaceDescription: {
      readonly parameters: GetInterfaceDescriptionParameters;
      readonly reply: GetInterfaceDescriptionReply;
    };
  };
  readonly errors: {
    readonly InterfaceNotFound: InterfaceNotFoundError;
    readonly MethodNotFound: MethodNotFoundError;
    readonly MethodNotImplemented: MethodNotImplementedError;
    readonly InvalidParameter: InvalidParameterError;
    readonly PermissionDenied: PermissionDeniedError;
    readonly ExpectedMore: ExpectedMoreError;
  };
};

export const org_varlink_service: InterfaceText<OrgVarlinkService> = {
  name: "org.varlink.service",
  text: `# Every varlink service has this interface: what the service is, and how its interfaces are described.
interface org.varlink.service

# What this service is, and the names of its interfaces.
method GetInfo() -> (
  vendor: string,
  product: string,
  version: string,
  url: string,
  interfaces: []string
)

# The text that describes one of these interfaces.
method GetInterfaceDescription(interface: string) -> (description: string)

# There is no such interface.
error InterfaceNotFound (interface: string)

# The interface has no such method.
error MethodNotFound (method: string)

# The interface has the method, but this service does not.
error MethodNotImplemented (method: string)

# A parameter is unknown, missing, or not of its type.
error InvalidParameter (parameter: string)

# The caller may not do this.
error PermissionDenied ()

# The method has to be called with "more".
error ExpectedMore ()
`,
};
