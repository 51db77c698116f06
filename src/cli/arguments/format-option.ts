import type { Options } from "./parse-arguments.ts";

/** For people or for programs. */
export type Format = "text" | "json";

/** The form that was asked for; a single verdict is one line of JSON either way. */
export function formatOf({ format = "text" }: Options): Format {
  return format === "text" ? "text" : "json";
}
