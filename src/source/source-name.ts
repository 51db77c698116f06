import { transportNamed } from "../identity/transports.ts";
import { fail, ok, type Result } from "../result.ts";
import type { SourceProblem } from "../verdict/verdict.ts";

/**
 * The path of the directory that SOURCE names: `dir:PATH`, or a path. What precedes the first colon counts as a transport
 * only if it is the name of one, so that a path may have colons; `dir:` before a path always works.
 */
export function parseSource(source: string): Result<string, SourceProblem> {
  const colon = source.indexOf(":");
  const transport = colon === -1 ? undefined : transportNamed(source.slice(0, colon));
  if (transport === undefined) return ok(source);
  if (transport.name === "dir") return ok(source.slice(colon + 1));
  if (transport.name === "docker") return fail({ code: "usage.source.registry", source });
  return fail({ code: "usage.source.unsupported", source, transport: transport.name });
}
