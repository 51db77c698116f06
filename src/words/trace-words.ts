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
  image: ({ path, manifest }) => {
    const place = path === undefined ? "image of the request" : `image ${plain(path)}`;
    return manifest === undefined
      ? `${place}: its manifest is not read`
      : `${place}: manifest: ${countText(manifest.length, "byte")}`;
  },
  signatures: ({ signatures }) => {
    if (!signatures.ok) return `signatures: ${signatures.problem.code}`;
    const sizes = signatures.value.map(({ length }, index) => `signature-${index + 1}: ${countText(length, "byte")}`);
    return sizes.length === 0 ? "signatures: none" : sizes.join(", ");
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
