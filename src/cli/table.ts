import { maxJobs } from "../limits.ts";

/**
 * Every command and option, once: parsing, `--help` (and the manual and shell completions) come from these two tables.
 * The summaries are the only text for people outside `text/`, as an option without one must not exist.
 */

interface OptionEntry {
  readonly summary: string;
  readonly short?: string;
  /** What it takes; a flag takes nothing (or `=true`, `=false`, as skopeo's do). */
  readonly takes: "nothing" | Value;
  /** May stand before the command too, as in skopeo. */
  readonly global?: true;
  /** Known from skopeo: taken without effect, so that its scripts go on working, or refused with a reason. */
  readonly fate?: "ignored" | "refused";
}

type Value =
  | { readonly kind: "text"; readonly name: string }
  | { readonly kind: "choice"; readonly name: string; readonly choices: readonly string[] }
  | { readonly kind: "count"; readonly name: string; readonly most: number };

const file = { kind: "text", name: "FILE" } as const;

export const optionTable = {
  identity: {
    takes: { kind: "text", name: "REF" },
    summary:
      "what the image was obtained as: docker://registry.example.com/repo:tag, the same without docker://, …@sha256:…, or any other transport:reference",
  },
  policy: {
    takes: file,
    global: true,
    summary: "the policy to judge by, instead of the user's or the system's policy.json",
  },
  "require-signed": {
    takes: "nothing",
    global: true,
    summary: "refuse an image for which the policy does not verify a signature",
  },
  format: {
    takes: { kind: "choice", name: "FORMAT", choices: ["text", "json"] },
    summary: "how to print the verdict: text (the default), for people, or json, for programs",
  },
  "digest-file": {
    takes: file,
    summary: "if accepted, write the manifest's digest to FILE (mode 0600, all or nothing)",
  },
  "manifest-out": { takes: file, summary: "if accepted, write the manifest that was judged to FILE, in the same way" },
  jobs: { takes: { kind: "count", name: "N", most: maxJobs }, summary: "judge with N threads; 1 is the default" },
  quiet: { takes: "nothing", short: "q", summary: "print nothing; the exit code tells" },
  debug: { takes: "nothing", global: true, summary: "tell each step on standard error" },
  help: { takes: "nothing", short: "h", global: true, summary: "print help and exit" },
  version: { takes: "nothing", short: "v", global: true, summary: "print the version and exit" },

  "insecure-policy": {
    takes: "nothing",
    global: true,
    fate: "refused",
    summary: "refused: a verification without a policy says nothing",
  },
  "command-timeout": {
    takes: { kind: "text", name: "DURATION" },
    global: true,
    fate: "ignored",
    summary: "ignored: nothing here waits for a network",
  },
  "override-arch": {
    takes: { kind: "text", name: "ARCH" },
    global: true,
    fate: "ignored",
    summary: "ignored: the manifest that is there is judged",
  },
  "override-os": {
    takes: { kind: "text", name: "OS" },
    global: true,
    fate: "ignored",
    summary: "ignored: the manifest that is there is judged",
  },
  "override-variant": {
    takes: { kind: "text", name: "VARIANT" },
    global: true,
    fate: "ignored",
    summary: "ignored: the manifest that is there is judged",
  },
  "registries.d": {
    takes: { kind: "text", name: "DIR" },
    global: true,
    fate: "ignored",
    summary: "ignored: signatures are read from the source only",
  },
  tmpdir: {
    takes: { kind: "text", name: "DIR" },
    global: true,
    fate: "ignored",
    summary: "ignored: no temporary files are made",
  },
} as const satisfies Record<string, OptionEntry>;

export type OptionName = keyof typeof optionTable;

interface CommandEntry {
  readonly summary: string;
  readonly description: readonly string[];
  /** In the order in which help lists them; the global ones are added. */
  readonly options: readonly OptionName[];
  readonly required: readonly OptionName[];
  /** At most one. */
  readonly argument: { readonly name: string; readonly required: boolean; readonly summary: string } | undefined;
  readonly examples: readonly string[];
}

export const commandTable = {
  "verify-installable": {
    summary: "say whether the policy allows an image that is on disk",
    description: [
      "Reads manifest.json and signature-1, signature-2, … of a directory, each once, and judges them by policy.json, with the verdict of containers/image.",
      "Exit code: 0 accepted, 1 rejected, 2 usage or identity, 3 policy, 4 image, 70 a bug. Only 0 means that the image may be installed.",
      "What --digest-file and --manifest-out name is left as it was unless the image is accepted: let the exit code decide, not the file.",
    ],
    options: ["identity", "format", "digest-file", "manifest-out", "quiet"],
    required: ["identity"],
    argument: {
      name: "SOURCE",
      required: true,
      summary: "a directory, PATH or dir:PATH, as `skopeo copy … dir:PATH` leaves it",
    },
    examples: [
      "sealcheck verify-installable --identity=registry.example.com/app:1.0 ./download",
      "sealcheck verify-installable --identity=registry.example.com/app:1.0 --format=json dir:/var/tmp/app",
    ],
  },
  batch: {
    summary: "judge many images: requests as JSON Lines in, verdicts as JSON Lines out",
    description: [
      'Each line of standard input is a request, {"identity": REF, "source": SOURCE}; optional are "id", "policy" or "policyText", and "requireSigned". Instead of "source" it may carry "manifest" and "signatures" in base64. Each gives one line on standard output, in the same order.',
      "A policy, and the keys it names, are read once for all lines that use it.",
      "Exit code: 0 if all were accepted, 1 if all were judged and some rejected, otherwise the highest of any line.",
    ],
    options: ["jobs"],
    required: [],
    argument: undefined,
    examples: ["sealcheck batch --policy=policy.json < requests.jsonl > verdicts.jsonl"],
  },
  help: {
    summary: "print help, in general or on a command",
    description: [],
    options: [],
    required: [],
    argument: { name: "COMMAND", required: false, summary: "a command" },
    examples: [],
  },
} as const satisfies Record<string, CommandEntry>;

export type CommandName = keyof typeof commandTable;

export const optionNames = Object.keys(optionTable) as readonly OptionName[];
export const commandNames = Object.keys(commandTable) as readonly CommandName[];

/** Options that are taken anywhere. */
export const globalOptions: readonly OptionName[] = optionNames.filter((name) => "global" in optionTable[name]);
