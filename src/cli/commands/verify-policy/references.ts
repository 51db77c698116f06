import { hostPathResolver } from "../../../host/path-resolver.ts";
import { parseIdentity } from "../../../identity/identity.ts";
import { parsePlace } from "../../../source/place.ts";
import type { AskedImage } from "./judge-reference.ts";

/** Reads what an image is called on the command line or in a list. What makes no sense is an error of that image alone. */
export function askedImage(reference: string, workingDirectory: string | undefined): AskedImage {
  const identity = parseIdentity(reference, hostPathResolver(workingDirectory));
  if (!identity.ok) return { reference, image: { kind: "problem", problem: identity.problem } };
  const { dockerReference, transport, text } = identity.value;
  if (transport === "docker" && dockerReference !== undefined) {
    return { reference, image: { kind: "registry", name: dockerReference, identity: text } };
  }
  const place = parsePlace(reference);
  if (!place.ok) return { reference, image: { kind: "problem", problem: place.problem } };
  return { reference, image: { kind: "source", source: reference } };
}
