import type { SignatureStore } from "../config/registries.ts";
import type { ExplainedRequirement, Explanation, PassedBy } from "../inspect/explain-identity.ts";
import type { Material } from "../inspect/material.ts";
import type { SignedNames } from "../verdict/signed-names.ts";
import { listText } from "../words/format.ts";
import { plain, quote } from "../words/quote.ts";
import { requirementText, scopeText } from "../words/requirement-words.ts";
import { materialDocument, materialLines } from "./inspect-material.ts";
import { wrap } from "./wrap.ts";

/** What `policy explain` prints, for people. */
export function explanationText(policyPath: string, explanation: Explanation, nowSeconds: number): string {
  const { identity, scope, requirements, store } = explanation;
  const many = requirements.length > 1;
  const head = `${scopeText(policyPath, scope)} decides about ${plain(identity.text)}`;
  return [
    `${head}${many ? `: ${requirements.length} requirements, all of which must be met` : ""}.`,
    "",
    "Looked up, in this order:",
    ...candidateLines(explanation),
    ...explanation.passedBy.map((passed) => wrap(`Not looked up: ${passedByText(passed)}.`, "  ")),
    "",
    ...requirements.flatMap((requirement, i) => requirementLines(requirement, many ? `${i + 1}. ` : "", nowSeconds)),
    ...storeLines(store),
    "To be accepted:",
    ...requirements.map((requirement, i) => wrap(`  ${many ? `${i + 1}. ` : ""}${needText(requirement)}.`, "    ")),
  ].join("\n");
}

function passedByText({ transport, scope, why }: PassedBy): string {
  switch (why) {
    case "transport-unknown":
      return `scope ${quote(scope)} of transport ${quote(transport)}, which does not exist`;
    case "transport":
      return `scope ${quote(scope)} of transport ${plain(transport)}: this image is of another transport`;
    case "official":
      return `scope ${quote(scope)}; for this image, write ${quote(`docker.io/library/${scope.slice("docker.io/".length)}`)}`;
  }
}

const states = { missing: "not there", decides: "decides", skipped: "not looked at any more" } as const;

function candidateLines({ identity, candidates, scope }: Explanation): readonly string[] {
  const rows = candidates.map(({ scope: candidate, state }) => ({
    name: candidate === "" ? `the default of transport ${identity.transport}` : quote(candidate),
    state: states[state],
  }));
  const last = { name: "the default of the policy", state: scope.kind === "default" ? states.decides : states.skipped };
  const all = [...rows, last];
  const width = Math.min(60, Math.max(...all.map(({ name }) => name.length)));
  return all.map(({ name, state }) => `  ${name.padEnd(width)}  ${state}`);
}

function requirementLines(explained: ExplainedRequirement, number: string, nowSeconds: number): readonly string[] {
  const { requirement, material } = explained;
  const lines = materialLines(material, nowSeconds);
  return [
    wrap(`${number}${requirement.type} ${requirementText(requirement)}.`, "   "),
    ...lines.map((line) => `  ${line}`),
    "",
  ];
}

function storeLines(store: SignatureStore | undefined): readonly string[] {
  if (store === undefined) return [];
  const lookaside = store.lookaside === undefined ? "no lookaside" : `lookaside ${plain(store.lookaside)}`;
  const attachments = store.useSigstoreAttachments ? "sigstore attachments" : "no sigstore attachments";
  return [`registries.d, for tools that download the signatures: ${lookaside}, ${attachments}.`, ""];
}

/** What an image must have to meet a requirement, without the full stop. */
function needText({ requirement, possible, names, material }: ExplainedRequirement): string {
  switch (possible) {
    case "always":
      return "nothing is needed: any image is accepted, signed or not";
    case "never-rejects":
      return "impossible: every image is rejected";
    case "never-unsupported":
      return `impossible: ${requirement.type} was never implemented, and rejects every image`;
    case "never-keys":
      return material.materials.some(isRefusedBySome)
        ? "impossible where every build has to accept, as no key above is accepted by each; see --openpgp of verify-installable"
        : "impossible now: no key or certificate above can be used";
    case "never-name":
      return "impossible: no signature can be for a name that is asked for here";
    case "never-subject":
      return "impossible: subjectEmail is a URI, and of a certificate only the email addresses are compared with it";
    case "with-signature":
      return `${signatureText(requirement)} of its manifest${namesText(names)}${cosignText(requirement, names)}`;
  }
}

/** Whether some builds would verify signatures by a key in it. */
function isRefusedBySome({ content }: Material): boolean {
  if (!content.ok || content.value.kind !== "keyring") return false;
  return content.value.listing.keys.some(({ parts }) => parts.some(({ refusals }) => refusals.length > 0));
}

function signatureText(requirement: ExplainedRequirement["requirement"]): string {
  if (requirement.type !== "sigstoreSigned") return "a simple signing (OpenPGP) signature, by one of the usable keys,";
  const { trust, rekor } = requirement;
  const logged = rekor === undefined ? "" : ", with its entry in the Rekor log";
  if (trust.kind === "keys") return `a sigstore signature, by one of the keys${logged},`;
  const subjects = [trust.subjectEmail, trust.kind === "pki" ? trust.subjectHostname : undefined];
  const named = subjects.filter((subject) => subject !== undefined).map(plain);
  const issuer = trust.kind === "fulcio" ? `, identified by ${plain(trust.oidcIssuer)}` : "";
  return `a sigstore signature, with a certificate of the CA for ${listText(named, "and")}${issuer}${logged},`;
}

/** cosign signs by digest, and names the repository without a tag; skopeo and podman name the tag. */
function cosignText({ type }: ExplainedRequirement["requirement"], names: SignedNames | undefined): string {
  const needsMore = names?.kind === "exact" || (names?.kind === "repository" && !names.bare);
  return type === "sigstoreSigned" && needsMore
    ? "; one that names the repository without a tag, as cosign makes them, is refused"
    : "";
}

function namesText(names: SignedNames | undefined): string {
  switch (names?.kind) {
    case "exact":
      return `, made for ${plain(names.reference)}`;
    case "repository":
      return `, made for any tag or digest of ${plain(names.name)}${names.bare ? ", or for that name alone" : ""}`;
    default:
      return "";
  }
}

/** What `policy explain --format json` prints: docs/policy-tools.md. */
export function explanationDocument(policyPath: string, explanation: Explanation): object {
  const { identity, candidates, scope, requirements, store } = explanation;
  return {
    version: 1,
    identity: identity.text,
    policy: {
      path: policyPath,
      transport: scope.kind === "transport" ? scope.transport : "",
      scope: scope.kind === "transport" ? scope.scope : "",
    },
    candidates: [
      ...candidates.map((candidate) => ({ transport: identity.transport, ...candidate })),
      { transport: "", scope: "", state: scope.kind === "default" ? "decides" : "skipped" },
    ],
    passedBy: explanation.passedBy,
    possible: requirements.every(({ possible }) => !possible.startsWith("never")),
    requirements: requirements.map((explained) => ({
      type: explained.requirement.type,
      message: requirementText(explained.requirement),
      possible: explained.possible,
      need: needText(explained),
      names: explained.names ?? null,
      materials: explained.material.materials.map(materialDocument),
      ...(explained.material.problem === undefined ? {} : { code: explained.material.problem.problem.code }),
    })),
    signatureStore:
      store === undefined
        ? null
        : { lookaside: store.lookaside ?? null, useSigstoreAttachments: store.useSigstoreAttachments },
  };
}
