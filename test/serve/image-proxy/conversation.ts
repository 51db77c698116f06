import type { ServerScript } from "../../support/registry/fault-server.ts";

/** What is done with the pipes of a reply. */
export type PipeUse =
  /** All of them are read; of one alone, FinishPipe is asked for meanwhile. */
  | "read"
  /** They are closed unread; of one alone, FinishPipe is asked for afterwards. */
  | "drop"
  /** They are read by a later `take`, in order. */
  | "keep";

export type Step =
  /** `@PIPE@` in a packet stands for the last pipeid that was not 0. */
  | { readonly send: string | Uint8Array; readonly pipes: PipeUse; readonly replies: number }
  /** Reads the oldest pipes that were kept, and asks for FinishPipe if there is a pipeid. */
  | { readonly take: PipeUse }
  /** Asks for each layer that this image has by its own account, both ways. */
  | { readonly layersOf: number }
  /** Several packets before any answer is read. */
  | { readonly pipeline: readonly (string | Uint8Array)[] };

export interface Conversation {
  readonly name: string;
  /** One of test/fixtures/policies, or what is in it; default: accept anything. `@MISSING@`: a file that is not there. */
  readonly policy?: string | object;
  readonly flags?: readonly string[];
  /** By letter: `@A@` in a packet and in what servers say is the address of A. */
  readonly servers?: Readonly<Record<string, ServerScript>>;
  /** Paths begin with `@IMAGES@` (support/image-proxy/images.ts), `@STORES@` (copies of test/fixtures/stores) or `@FIXTURES@`. */
  readonly steps: readonly Step[];
}

export const raw = (send: string | Uint8Array, replies = 1): Step => ({ send, pipes: "read", replies });
export const call = (method: string, ...args: readonly unknown[]): Step => raw(JSON.stringify({ method, args }));
export const withPipes = (pipes: PipeUse, method: string, ...args: readonly unknown[]): Step => ({
  send: JSON.stringify({ method, args }),
  pipes,
  replies: 1,
});
export const initialize = call("Initialize");
export const open = (reference: string) => call("OpenImage", reference);

/** All that is told of an image but its blobs. */
export const everything = (handle = 1): readonly Step[] =>
  ["GetManifest", "GetConfig", "GetFullConfig", "GetLayerInfo", "GetLayerInfoPiped"].map((name) => call(name, handle));
