import { digestText } from "../encoding/digest.ts";
import type { Identity } from "../identity/identity.ts";
import { isIndexType } from "../image/index-instances.ts";
import type { ManifestFacts } from "../image/manifest.ts";
import type { Requirement } from "../policy/policy.ts";
import type { InstanceVerdict } from "../verdict/selection.ts";
import type {
  AcceptedVerdict,
  ErrorProblem,
  ErrorVerdict,
  InvalidPolicy,
  RejectedVerdict,
  RequirementOutcome,
  Verdict,
} from "../verdict/verdict.ts";
import { countText } from "../words/format.ts";
import { adviceFor } from "../words/hints.ts";
import { imageWords } from "../words/image-words.ts";
import { lookupLines, withoutDocker } from "../words/lookup-words.ts";
import { flawText, policyProblemCount, policyProblemPlace } from "../words/policy-words.ts";
import { problemText } from "../words/problem-words.ts";
import { plain } from "../words/quote.ts";
import { rejectionWords, requirementText, scopeText } from "../words/requirement-words.ts";
import { signatureText } from "../words/signature-words.ts";
import { trustWords } from "../words/trust-words.ts";
import { say } from "../words/words.ts";
import { wrap } from "./wrap.ts";

/** Items of one kind that are spelled out; a source may hold very many signatures, and a policy very many problems. */
const maxListed = 20;

/**
 * A verdict in words for a person: the outcome, why, and what to do next where that is plain. Several lines, without a
 * newline at the end. All foreign text in it is escaped. The wording may change at any time; programs use codes.
 *
 * @param options.colour colours the outcome for a terminal; off unless asked for.
 */
export function explain(verdict: Verdict, options: { readonly colour?: boolean } = {}): string {
  return [headline(verdict, options.colour === true), ...paragraphs(verdict).map(onTerminal)].join("\n");
}

/** The same without a layout: each paragraph is one line, whatever its length. */
export function explainUnfolded(verdict: Verdict): string {
  return [headline(verdict, false), ...paragraphs(verdict).map(unfolded)].join("\n");
}

/** A line as it is, or a paragraph that is broken into lines on a terminal, the further ones with an indent. */
type Line = string | { readonly text: string; readonly indent: string };

function folded(text: string, indent = ""): Line {
  return { text, indent };
}

function onTerminal(line: Line): string {
  return typeof line === "string" ? line : wrap(line.text, line.indent);
}

function unfolded(line: Line): string {
  return typeof line === "string" ? line : line.text;
}

function paragraphs(verdict: Verdict): readonly Line[] {
  switch (verdict.outcome) {
    case "accepted":
      return acceptedLines(verdict);
    case "rejected":
      return [...rejectedLines(verdict), ...nextLines(verdict)];
    case "error":
      return [...errorLines(verdict), ...nextLines(verdict)];
  }
}

const outcomes = {
  accepted: { word: "Accepted", colour: 32 },
  rejected: { word: "Rejected", colour: 31 },
  error: { word: "Not verified", colour: 33 },
} as const satisfies Record<Verdict["outcome"], { word: string; colour: number }>;

function headline(verdict: Verdict, colour: boolean): string {
  const { word, colour: sgr } = outcomes[verdict.outcome];
  const shown = colour ? `\u{1b}[1;${sgr}m${word}\u{1b}[0m` : word;
  return verdict.identity === undefined ? shown : `${shown}: ${imageName(verdict.identity)}`;
}

function imageName(identity: Identity): string {
  return plain(withoutDocker(identity.text));
}

function acceptedLines(verdict: AcceptedVerdict): readonly Line[] {
  const { requirements, manifest, policy } = verdict;
  const unchecked = requirements.every(({ requirement }) => requirement.type === "insecureAcceptAnything");
  return [
    ...requirementLines(scopeText(policy.path, policy.scope), requirements),
    ...(unchecked ? ["NO signature was checked: any image is accepted there (insecureAcceptAnything)."] : []),
    ...originLines(verdict),
    manifestLine(manifest),
    ...indexLines(verdict),
    ...(verdict.isPlatformUnused === true ? ["This is no index: --platform had nothing to choose from."] : []),
    ...blobLines(verdict),
  ];
}

/** What an acceptance of an index, or through one, is about. */
function indexLines({ manifest, selection }: AcceptedVerdict): readonly Line[] {
  if (selection === undefined) {
    return isIndexType(manifest.mediaType)
      ? [folded("It is an index, and was judged by itself: not the images that it lists (--platform judges them too).")]
      : [];
  }
  const { index, boundBy, instances } = selection;
  const isOne = digestText(index.digest) !== digestText(manifest.digest);
  if (!isOne)
    return [
      boundBy === "index"
        ? instances.some(({ outcome }) => outcome === "error")
          ? "The index was accepted, and with it what it lists, of which not all is here:"
          : "The index was accepted, and with it what it lists:"
        : "Accepted was each of what the index lists:",
      ...instanceLines(instances),
    ];
  const [chosen] = instances;
  const platform = chosen === undefined ? "" : ` for ${platformName(chosen)}`;
  const listed = `the index ${digestText(index.digest)}, which lists it${platform}`;
  return [
    folded(boundBy === "index" ? `Accepted was ${listed}.` : `Accepted was this manifest itself, and not ${listed}.`),
  ];
}

function instanceLines(instances: readonly InstanceVerdict[]): readonly Line[] {
  const listed = instances.slice(0, maxListed).map((instance) => {
    const { digest, outcome, code } = instance;
    const said = outcome === "accepted" ? outcome : `${outcome === "rejected" ? "rejected" : "not verified"} (${code})`;
    return `  ${platformName(instance)}: ${digestText(digest)}, ${said}`;
  });
  return [...listed, ...moreLine(instances.length, "image")];
}

function platformName({ untrustedPlatform }: InstanceVerdict): string {
  return untrustedPlatform === "" ? "no platform" : plain(untrustedPlatform);
}

function blobLines({ blobs }: AcceptedVerdict): readonly Line[] {
  if (blobs === undefined) return [];
  const { checked, missing, isHead } = blobs;
  if (isHead === true)
    return [`Blobs: ${countText(checked, "blob")} there, in the right size; their contents were not read`];
  const absent = missing.length === 0 ? "" : `; ${missing.length} not there, and not compared`;
  return [`Blobs: ${countText(checked, "blob")} compared with the digests in the manifest${absent}`];
}

/** Where the signatures were, if not beside the manifest. */
function originLines({ signaturesFrom, requirements }: Verdict): readonly Line[] {
  // Otherwise nobody looked.
  if (!requirements.some(({ requirement: { type } }) => type === "signedBy" || type === "sigstoreSigned")) return [];
  switch (signaturesFrom?.kind) {
    case "directory":
      return [`Signatures: from ${plain(signaturesFrom.path)}`];
    case "attachment":
      return [
        `Signatures: ${signaturesFrom.isEmpty === true ? "none is attached" : "attachments"} in the layout ${plain(signaturesFrom.path)}`,
      ];
    case "registry": {
      const { lookaside, useAttachments, repository } = signaturesFrom;
      const attached = useAttachments ? `, and attached to the image in ${plain(repository)}` : "";
      const place = lookaside === undefined ? "what the registry keeps of them itself" : plain(lookaside);
      return [`Signatures: looked for in ${place}${attached}`];
    }
    case "storage":
      return [`Signatures: as kept in ${plain(signaturesFrom.path)} when the image was pulled`];
    default:
      return [];
  }
}

function rejectedLines(verdict: RejectedVerdict): readonly Line[] {
  const { requirements, policy, unjudged } = verdict;
  const scope = scopeText(policy.path, policy.scope);
  const evaluated = requirements.length === 0 ? [] : requirementLines(scope, requirements, unjudged);
  const looked = lookupLines(verdict).map((sentence) => folded(sentence));
  const { selection } = verdict;
  const listed = selection === undefined ? [] : ["Of the index:", ...instanceLines(selection.instances)];
  return [...evaluated, ...looked, ...causeLines(verdict), ...unreadLines(verdict), ...originLines(verdict), ...listed];
}

/** Why, where the requirements and signatures have not said so yet. */
function causeLines({ requirements, problem }: RejectedVerdict): readonly Line[] {
  const failed = requirements.find((outcome) => outcome.problem !== undefined);
  if (failed !== undefined && isToldBySignatures(failed)) return [];
  if (failed?.requirement.type === "reject") return [];
  return [folded(`${say(rejectionWords, "code", problem, undefined)}.`)];
}

function unreadLines({ unreadSignature }: RejectedVerdict): readonly Line[] {
  if (unreadSignature === undefined) return [];
  const { name, missing } = unreadSignature;
  return [folded(`${name} is there too, and was not read: there is no ${missing}, and reading ends at a gap.`)];
}

/** One signature explains itself; the count of several adds nothing to their lines either. */
function isToldBySignatures({ problem, signatures }: RequirementOutcome): boolean {
  return problem?.code === "requirement.signature.not-accepted" && signatures.length > 0;
}

function errorLines(verdict: ErrorVerdict): readonly Line[] {
  const { problem, policy, requirements } = verdict;
  if (isInvalidPolicy(problem)) return invalidPolicyLines(policy.path, problem);
  const evaluated =
    requirements.length === 0 ? [] : requirementLines(scopeText(policy.path, policy.scope), requirements);
  return [...evaluated, folded(`${problemText(problem)}.`)];
}

function invalidPolicyLines(path: string | undefined, { problems }: InvalidPolicy): readonly Line[] {
  // The place alone is on a line that editors and `grep -n` users can jump to.
  const listed = problems
    .slice(0, maxListed)
    .flatMap((problem) => [`  ${policyProblemPlace(path, problem)}`, folded(`    ${flawText(problem)}`, "    ")]);
  return [policyProblemCount(path, problems.length), ...listed, ...moreLine(problems.length, "problem")];
}

function isInvalidPolicy(problem: ErrorProblem): problem is InvalidPolicy {
  return "problems" in problem;
}

/** Why there is nothing to work on, for commands that judge no image: what is, and what to do, where that is plain. */
export function explainProblem(verdict: ErrorVerdict): {
  readonly message: string;
  readonly advice: string | undefined;
} {
  return { message: errorLines(verdict).map(onTerminal).join("\n"), advice: adviceFor(verdict).hint };
}

function nextLines(verdict: RejectedVerdict | ErrorVerdict): readonly Line[] {
  const { hint, command } = adviceFor(verdict);
  return [
    ...(hint === undefined ? [] : [folded(`Next: ${hint}`, "  ")]),
    // On one line, whatever its length, for people who copy it.
    ...(command === undefined ? [] : [`See also: ${command}`]),
  ];
}

function manifestLine({ digest, mediaType, sizeBytes }: ManifestFacts): Line {
  if (mediaType === undefined || sizeBytes === undefined) {
    return folded(
      `Manifest: ${digestText(digest)}, which was not seen: only its digest was given. Before the image is used, compare the ` +
        "manifest with this digest.",
    );
  }
  const type = mediaType === "" ? "of unknown type" : plain(mediaType);
  return `Manifest: ${digestText(digest)}, ${countText(sizeBytes, "byte")}, ${type}`;
}

/** Who asked for what, and what came of it: one requirement as a sentence, several as a list. */
function requirementLines(
  scope: string,
  outcomes: readonly RequirementOutcome[],
  unjudged: readonly Requirement[] = [],
): readonly Line[] {
  const [only, ...others] = outcomes;
  if (only !== undefined && others.length === 0 && unjudged.length === 0) {
    return [folded(`${scope} ${requirementText(only.requirement)}.`), ...signatureLines(only, "  ")];
  }
  const lines = outcomes.flatMap((outcome, index) => {
    const result = outcome.problem === undefined ? "met" : "NOT met";
    const asked = folded(`  ${index + 1}. ${result}: it ${requirementText(outcome.requirement)}.`, "     ");
    return [asked, ...signatureLines(outcome, "     ")];
  });
  const left = unjudged.slice(0, maxListed).map((requirement, index) => {
    const number = outcomes.length + index + 1;
    return folded(`  ${number}. not looked at: it ${requirementText(requirement)}.`, "     ");
  });
  const more = moreLine(unjudged.length, "requirement");
  return [folded(`${scope} has several requirements, and all must be met:`), ...lines, ...left, ...more];
}

function signatureLines({ signatures }: RequirementOutcome, indent: string): readonly Line[] {
  const listed = signatures.slice(0, maxListed).map((outcome) => {
    return folded(`${indent}${plain(outcome.name)}: ${signatureText(outcome)}`, `${indent}  `);
  });
  const accepted = signatures.findIndex((outcome) => outcome.accepted);
  const hidden = accepted >= maxListed ? signatures.slice(accepted, accepted + 1) : [];
  const shown = hidden.map((outcome) =>
    folded(`${indent}${plain(outcome.name)}: ${signatureText(outcome)}`, `${indent}  `),
  );
  return [...listed, ...moreLine(signatures.length - hidden.length, "signature", indent), ...shown];
}

function moreLine(count: number, noun: string, indent = "  "): readonly Line[] {
  return count > maxListed ? [`${indent}… and ${countText(count - maxListed, noun)} more`] : [];
}

/** What became of one requirement, in words for the JSON document. */
export function requirementMessage({ requirement, problem }: RequirementOutcome): string {
  const asked = `The policy ${requirementText(requirement)}`;
  return problem === undefined ? `${asked}.` : `${asked}. ${say(outcomeWords, "code", problem, undefined)}.`;
}

const outcomeWords = { ...rejectionWords, ...trustWords, ...imageWords };
