import type { Step } from "../engine/step.ts";
import { countText } from "./format.ts";
import { plain, quote } from "./quote.ts";
import { say, type Words } from "./words.ts";

/** A step as a line, or several. */
export function stepText(step: Step): string {
  return say(stepWords, "step", step, undefined);
}

const stepWords = {
  identity: ({ identity }) => {
    const scopes = identity.policyIdentity === "" ? [] : [identity.policyIdentity];
    const searched = [...scopes, ...identity.policyNamespaces, ""].map(quote).join(", ");
    return `identity ${plain(identity.text)}: scopes of transport ${identity.transport}, in order: ${searched}; then the default`;
  },
  policy: ({ path, sizeBytes }) =>
    `policy ${path === undefined ? "of the request" : plain(path)}: ${countText(sizeBytes, "byte")}`,
  image: ({ path, manifest, signatures }) => {
    const place = path === undefined ? "image of the request" : `image ${plain(path)}`;
    const read = signatures.ok
      ? signatures.value
          .map((signature, index) => `, signature-${index + 1}: ${countText(signature.length, "byte")}`)
          .join("")
      : `, signatures: ${signatures.problem.code}`;
    return `${place}: manifest: ${countText(manifest.length, "byte")}${read}`;
  },
  trust: ({ path, sizeBytes }) => `key or certificate ${plain(path)}: ${countText(sizeBytes, "byte")}`,
  verdict: ({ verdict }) => {
    const scope = verdict.policy.scope;
    const decided =
      scope === undefined || scope.kind === "arguments"
        ? []
        : [scope.kind === "default" ? "decided by the default" : `decided by the scope ${quote(scope.scope)}`];
    const requirements = verdict.requirements.flatMap(({ requirement, problem, signatures }) => [
      `requirement ${requirement.type}: ${problem?.code ?? "satisfied"}`,
      ...signatures.map(({ name, format, code }) => `  ${plain(name)}, ${format}: ${code}`),
    ]);
    return [...decided, ...requirements, `verdict: ${verdict.code}`].join("\n");
  },
} satisfies Words<Step, "step">;
