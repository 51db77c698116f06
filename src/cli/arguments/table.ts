import { openPgpBackEnds } from "../../crypto/openpgp/back-end.ts";
import { maxJobs } from "../../limits.ts";

/**
 * Every command and option, once: parsing, `--help` (and the manual and shell completions) come from these tables.
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
  /** Some of the choices, with commas between them. */
  | { readonly kind: "list"; readonly name: string; readonly choices: readonly string[] }
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
  openpgp: {
    takes: { kind: "list", name: "LIST", choices: ["all", ...openPgpBackEnds] },
    summary:
      "which builds of podman and skopeo have to accept an OpenPGP signature: all (the default), gnupg, go or sequoia, or several of them with commas",
  },
  format: {
    takes: { kind: "choice", name: "FORMAT", choices: ["text", "json", "jsonl", "junit", "sarif"] },
    summary:
      "how to print: text (the default), for people, or json, for programs; where many images are judged also jsonl, one verdict a line",
  },
  "digest-file": {
    takes: file,
    summary: "if accepted, write the manifest's digest to FILE (mode 0600, all or nothing)",
  },
  "manifest-out": { takes: file, summary: "if accepted, write the manifest that was judged to FILE, in the same way" },
  "manifest-digest": {
    takes: { kind: "text", name: "DIGEST" },
    summary:
      "judge the signatures for this digest (sha256:…) and read no manifest: for whoever has compared the manifest with it",
  },
  platform: {
    takes: { kind: "text", name: "PLATFORM" },
    summary:
      "of an index, judge also the image for a platform, OS/ARCH[/VARIANT] or host, or all that it lists: either the index has to be accepted, or what it lists",
  },
  blobs: {
    takes: { kind: "choice", name: "WHICH", choices: ["none", "present", "all", "head", "full"] },
    summary:
      "if accepted, compare the blobs that the manifest names with their digests and sizes: none (the default), those that are present, or all, of which none may be missing",
  },
  "layout-signatures": {
    takes: "nothing",
    summary:
      "take the signatures of a layout from what cosign attached in it (sha256-….sig, cosign save), not from signature-1, …",
  },
  "all-images": {
    takes: "nothing",
    summary: "judge every image of a containers-storage, under each of its names, instead of one by --identity",
  },
  "as-stored": {
    takes: "nothing",
    summary:
      "with --all-images: ask by the identity that images have in the storage (containers-storage:…), not by docker://NAME",
  },
  strict: { takes: "nothing", summary: "exit with 1 if there are warnings" },
  identities: { takes: file, summary: "the identities to compare the policies for, one a line; - is standard input" },
  registry: {
    takes: { kind: "text", name: "SCOPE" },
    summary: "whose images to verify: registry.example.com, or registry.example.com/namespace",
  },
  key: { takes: file, summary: "the public key that they are signed with, as an absolute path" },
  "key-type": {
    takes: { kind: "choice", name: "TYPE", choices: ["gpg", "sigstore"] },
    summary: "what kind of key that is: gpg (the default, an OpenPGP keyring) or sigstore (a PEM file)",
  },
  preset: {
    takes: { kind: "choice", name: "NAME", choices: ["fedora", "rhel9"] },
    summary:
      "a policy as a distribution ships it, instead of --registry and --key: fedora (Fedora 45, CentOS Stream 10, RHEL 10: Red Hat's registries by sigstore key and Rekor key) or rhel9 (RHEL 8 and 9: the same by GPG keys); both accept anything else",
  },
  output: {
    takes: file,
    short: "o",
    summary: "write to FILE; for policy init instead of standard output, and it must not exist yet",
  },
  force: {
    takes: "nothing",
    summary: "replace the file that is there; and write a policy even if no image could be accepted by it here",
  },
  "public-key-file": {
    takes: file,
    summary: "the public keys to verify with, instead of those of the user's GnuPG keyring",
  },
  "system-signature-policy": {
    takes: "nothing",
    summary: "judge by policy.json, and by all signatures of the directory that --load-signatures-from names",
  },
  "load-signatures-from": {
    takes: { kind: "text", name: "DIR" },
    summary: "a directory with signature-1, signature-2, … to take the signatures from",
  },
  "passphrase-file": {
    takes: file,
    summary: "the passphrase of the key is the first line of FILE; without it, GnuPG asks",
  },
  "exit-codes": {
    takes: { kind: "choice", name: "KIND", choices: ["skopeo", "detailed"] },
    summary: "skopeo (the default): 0, and 1 for any failure; detailed: those of verify-installable",
  },
  jobs: {
    takes: { kind: "count", name: "N", most: maxJobs },
    summary: "judge with N threads; by default as many as there are processors, once there are many lines",
  },
  images: {
    takes: file,
    summary:
      "a file that names images: one a line, or YAML in which image fields occur (Kubernetes, Compose, helm template, oc-mirror); - is standard input",
  },
  "all-tags": { takes: "nothing", summary: "each REF is a repository, of which all tags are judged" },
  authfile: {
    takes: file,
    summary: "credentials for registries, instead of those of the user's auth.json (containers-auth.json(5))",
  },
  "cert-dir": {
    takes: { kind: "text", name: "DIR" },
    summary: "certificates for registries, instead of those in certs.d (containers-certs.d(5))",
  },
  "tls-verify": {
    takes: "nothing",
    summary:
      "with =false, no registry needs a trusted certificate, nor TLS; with =true, each does; without it, registries.conf says it of each",
  },
  creds: {
    takes: { kind: "text", name: "CREDENTIALS" },
    summary: "USER:PASSWORD for every registry, instead of what files say",
  },
  username: { takes: { kind: "text", name: "USER" }, summary: "the user for every registry, with --password" },
  password: { takes: { kind: "text", name: "PASSWORD" }, summary: "the password of --username" },
  "no-creds": { takes: "nothing", summary: "ask registries without credentials" },
  "registry-token": {
    takes: { kind: "text", name: "TOKEN" },
    summary: "a bearer token for the registry, instead of one that is asked for",
  },
  listen: {
    takes: { kind: "text", name: "ADDRESS" },
    summary:
      "where to listen: unix:PATH, or unix:@NAME for a name without a file; without it, on the sockets that systemd hands over",
  },
  "listen-mode": {
    takes: { kind: "text", name: "MODE" },
    summary: "who may connect: the mode of the socket's file, 0600 by default, as 0660 or 0666",
  },
  "listen-owner": {
    takes: { kind: "text", name: "OWNER" },
    summary: "whose file that is: numbers, UID or UID:GID",
  },
  stdio: { takes: "nothing", summary: "serve one connection, on standard input and output" },
  "max-connections": {
    takes: { kind: "count", name: "N", most: 9999 },
    summary: "how many connections there may be at a time; 1024 by default",
  },
  "idle-timeout": {
    takes: { kind: "count", name: "SECONDS", most: 9999 },
    summary: "end once there was no connection for so long; never by default",
  },
  sockfd: {
    takes: { kind: "text", name: "N" },
    summary: "the descriptor of the socket to serve; 0, standard input, by default",
  },
  "user-agent-prefix": {
    takes: { kind: "text", name: "PREFIX" },
    global: true,
    summary: "what registries are told before this program's name; without effect for commands that ask none",
  },
  "registries-conf": {
    takes: file,
    global: true,
    summary:
      "the registries.conf to use, instead of the user's or the system's; without effect for commands that ask no registry",
  },
  db: {
    takes: { kind: "text", name: "WHERE" },
    summary:
      "the database of audits: a file (audit.sqlite by default), or postgres://[USER@]HOST[:PORT]/DATABASE; what the address does not say comes from the variables of libpq (PGHOST, PGUSER, PGPASSFILE, PGSSLMODE, …)",
  },
  audit: { takes: { kind: "text", name: "NAME" }, summary: "which audit; the one that was made last by default" },
  name: { takes: { kind: "text", name: "NAME" }, summary: "what the new audit is called; the time by default" },
  storage: {
    takes: "nothing",
    summary:
      "add the images that podman has on this machine, under each of their names: those of this user, or of each REF, containers-storage: or containers-storage:[DRIVER@ROOT]",
  },
  machine: {
    takes: { kind: "text", name: "NAME" },
    summary: "with --storage, what this machine is called in the audit; its host name by default",
  },
  evidence: {
    takes: { kind: "text", name: "PLACE" },
    summary:
      "where manifests and signatures are kept, for all workers: a directory (that of the database with .evidence behind its name by default), or s3://BUCKET/PREFIX",
  },
  rate: {
    takes: { kind: "text", name: "N[/UNIT]" },
    summary:
      "send each registry no more than N requests in a UNIT (s, the default, m, h or d), by all workers together; as many as it takes by default",
  },
  "per-registry": {
    takes: { kind: "count", name: "N", most: 1000 },
    summary: "work on N chunks of a registry at a time, by all workers together; 4 by default",
  },
  park: {
    takes: { kind: "count", name: "SECONDS", most: 86_400 },
    summary:
      "leave a registry alone for so long when it does not answer, then 5 and 25 times as long, then take that for the result; 60 by default",
  },
  wait: { takes: "nothing", summary: "go on looking for work when there is none left" },
  lease: {
    takes: { kind: "count", name: "SECONDS", most: 3600 },
    summary: "after how long without a word of a worker others take over its chunks; 60 by default",
  },
  "allow-empty": {
    takes: "nothing",
    summary: "exit with 0 if there is no request, or with --all-images no image, at all, instead of with 2",
  },
  report: {
    takes: file,
    summary: "write a page about all images to FILE: HTML that needs nothing else and runs nothing of a registry's",
  },
  pin: {
    takes: file,
    summary:
      "if all are accepted, write the images pinned by their digests to FILE: the file of --images with everything else as it was, or one a line",
  },
  resume: {
    takes: { kind: "text", name: "STATE" },
    summary:
      "keep the verdicts in STATE, a file that is made if it is not there, and go on from it: what was accepted or rejected by the same policy and settings is not asked for again",
  },
  timeout: {
    takes: { kind: "count", name: "SECONDS", most: 3600 },
    summary:
      "how long a registry may take to be connected to, to answer, and between two pieces of what it sends; 30, 60 and 60 by default",
  },
  verbose: { takes: "nothing", summary: "name every image, also those that were accepted, and all of a group" },
  quiet: { takes: "nothing", short: "q", summary: "print nothing; the exit code tells" },
  debug: { takes: "nothing", global: true, summary: "tell each step on standard error" },
  help: { takes: "nothing", short: "h", global: true, summary: "print help and exit" },
  version: { takes: "nothing", short: "v", global: true, summary: "print the version and exit" },

  "insecure-policy": {
    takes: "nothing",
    global: true,
    fate: "refused",
    summary: "refused: a verification without a policy says nothing; ignored by commands that use none",
  },
  "command-timeout": {
    takes: { kind: "text", name: "DURATION" },
    global: true,
    fate: "ignored",
    summary: "ignored; verify-policy has --timeout",
  },
  "override-arch": {
    takes: { kind: "text", name: "ARCH" },
    global: true,
    summary:
      "as --platform, for this machine's platform with another architecture; ignored by commands that choose no image",
  },
  "override-os": {
    takes: { kind: "text", name: "OS" },
    global: true,
    summary:
      "as --platform, for this machine's platform with another operating system; ignored by commands that choose no image",
  },
  "override-variant": {
    takes: { kind: "text", name: "VARIANT" },
    global: true,
    summary:
      "as --platform, for this machine's platform with another variant; ignored by commands that choose no image",
  },
  "registries.d": {
    takes: { kind: "text", name: "DIR" },
    global: true,
    summary:
      "where to read registries.d, instead of the user's and the system's; without effect for commands that do not read it",
  },
  tmpdir: {
    takes: { kind: "text", name: "DIR" },
    global: true,
    fate: "ignored",
    summary: "ignored: no temporary files are made",
  },
} as const satisfies Record<string, OptionEntry>;

export type OptionName = keyof typeof optionTable;

const manifest = {
  name: "MANIFEST",
  required: true,
  summary: "a file with the manifest; - is standard input",
} as const;

const manifestOrDigest = {
  ...manifest,
  summary:
    "a file with the manifest; - is standard input; with --system-signature-policy also sha256:…, the digest of one",
} as const;
const dockerReference = {
  name: "DOCKER-REFERENCE",
  required: true,
  summary: "what the image is called: registry.example.com/repo:tag",
} as const;

/** A command may be of two words, of which the first is a group of commands. */
interface CommandEntry {
  readonly summary: string;
  readonly description: readonly string[];
  /** In the order in which help lists them. */
  readonly options: readonly OptionName[];
  /** The global ones that have an effect; the others are taken all the same. */
  readonly globals: readonly OptionName[];
  readonly required: readonly OptionName[];
  /** Of options that know several values, those that make sense here; without it, `commonChoices`. */
  readonly choices?: { readonly [Name in OptionName]?: readonly string[] };
  /** What an option means here, where that is not what `optionTable` says. */
  readonly summaries?: { readonly [Name in OptionName]?: string };
  /** The last operand may be given any number of times. */
  readonly isVariadic?: true;
  /** In order; those that are required come first. */
  readonly operands: readonly { readonly name: string; readonly required: boolean; readonly summary: string }[];
  readonly examples: readonly string[];
  /**
   * One of skopeo's commands, and its name there: scripts call it, so every failure is exit code 1 unless --exit-codes asks
   * for more, and --insecure-policy has no effect where there is no policy.
   */
  readonly skopeoName?: string;
}

export const commandTable = {
  "verify-installable": {
    summary: "say whether the policy allows an image that is on disk",
    description: [
      "Reads the manifest and the signatures of an image on disk, each once, and judges them by policy.json, with the verdict of containers/image.",
      "Exit code: 0 accepted, 1 rejected, 2 usage or identity, 3 policy, 4 image, 70 a bug. Only 0 means that the image may be installed.",
      "What --digest-file and --manifest-out name is left as it was unless the image is accepted: let the exit code decide, not the file.",
    ],
    options: [
      "identity",
      "all-images",
      "as-stored",
      "allow-empty",
      "platform",
      "blobs",
      "manifest-digest",
      "load-signatures-from",
      "layout-signatures",
      "openpgp",
      "format",
      "digest-file",
      "manifest-out",
      "quiet",
    ],
    globals: ["policy", "require-signed", "override-os", "override-arch", "override-variant", "debug", "help"],
    required: [],
    choices: { format: ["text", "json", "jsonl"] },
    operands: [
      {
        name: "SOURCE",
        required: true,
        summary:
          "a directory, PATH or dir:PATH, as `skopeo copy … dir:PATH` leaves it; oci:PATH[:NAME|:@N], an OCI layout (@N: number N in it, from 0 on); oci-archive:FILE[:NAME]; docker-archive:FILE[:NAME|:@N]; or containers-storage:IMAGE, what podman pulled, containers-storage:[DRIVER@ROOT]IMAGE elsewhere than this user's",
      },
    ],
    examples: [
      "sealcheck verify-installable --identity=registry.example.com/app:1.0 ./download",
      "sealcheck verify-installable --identity=registry.example.com/app:1.0 --format=json dir:/var/tmp/app",
      "sealcheck verify-installable --identity=registry.example.com/app:1.0 --platform=host --blobs=all oci:/var/tmp/app:1.0",
      "sealcheck verify-installable --identity=registry.example.com/app:1.0 --manifest-digest=sha256:… ./download",
      "sealcheck verify-installable --all-images containers-storage:",
    ],
  },
  batch: {
    summary: "judge many images: requests as JSON Lines in, verdicts as JSON Lines out",
    description: [
      'Each line of standard input is a request, {"identity": REF, "source": SOURCE}, with SOURCE as for verify-installable; optional are "id", "policy" or "policyText", and "requireSigned". Instead of "source" it may carry "manifest" and "signatures" in base64. "manifestDigest" instead of "manifest", or with "source", judges the signatures for that digest. Options such as --platform are for all lines. Each gives one line on standard output, in the same order.',
      "A policy, and the keys it names, are read once for all lines that use it.",
      "Blank lines are no requests. On a terminal it says what it waits for.",
      "Exit code: 0 if all were accepted, 1 if all were judged and some rejected, otherwise the highest of any line; 2 if there was no request at all, unless --allow-empty is given.",
    ],
    options: ["platform", "blobs", "layout-signatures", "openpgp", "jobs", "allow-empty"],
    globals: ["policy", "require-signed", "override-os", "override-arch", "override-variant", "debug", "help"],
    required: [],
    operands: [],
    examples: ["sealcheck batch --policy=policy.json < requests.jsonl > verdicts.jsonl"],
  },
  "verify-policy": {
    summary: "check, before a roll-out, that registries and their mirrors give images that the policy accepts",
    description: [
      "Fetches the manifest and the signatures of each image as the machines that will run it would, by registries.conf and registries.d, and judges them by policy.json, with the verdict of containers/image. Of an index, it judges each image that it lists; of what is accepted, it asks whether the registry has the blobs.",
      "Each tag is resolved once, and each image is printed pinned by its digest: deploy that, as a tag may be moved after the check. The check does not replace the policy on the machines that run the images.",
      "Exit code: 0 if all were accepted, 1 if all were judged and some rejected, otherwise the highest of any image: 2 usage, 3 policy or configuration, 4 image or blobs, 5 a registry, mirror or lookaside cannot be reached, refuses, or does not have the image.",
    ],
    options: [
      "images",
      "all-tags",
      "platform",
      "blobs",
      "jobs",
      "authfile",
      "cert-dir",
      "tls-verify",
      "openpgp",
      "format",
      "report",
      "pin",
      "resume",
      "timeout",
      "verbose",
      "quiet",
    ],
    globals: [
      ...(["policy", "require-signed", "registries-conf", "registries.d"] as const),
      ...(["override-os", "override-arch", "override-variant", "debug", "help"] as const),
    ],
    required: [],
    choices: { format: ["text", "json", "jsonl", "junit", "sarif"], blobs: ["none", "head", "full"] },
    summaries: {
      platform:
        "of an index, judge all that it lists (all, the default), or the image for one platform: OS/ARCH[/VARIANT], or host",
      blobs:
        "of an image that is accepted: ask the registry whether it has each blob, and in which size (head, the default), download all and compare them with their digests (full), or neither (none)",
      jobs: "ask each registry about N images at a time; 16 by default",
      format:
        "how to print: text (the default), for people; json, one document; jsonl, one verdict a line; junit or sarif, for the programs that show results of tests and of scanners",
      policy: "the policy of the machines that will run the images, instead of that of this one",
      "registries-conf": "the registries.conf of these machines, instead of that of this one",
      "registries.d": "their registries.d, instead of that of this machine",
      "override-os": "as --platform, for this machine's platform with another operating system",
      "override-arch": "as --platform, for this machine's platform with another architecture",
      "override-variant": "as --platform, for this machine's platform with another variant",
    },
    isVariadic: true,
    operands: [
      {
        name: "REF",
        required: false,
        summary:
          "an image in a registry: docker://host/repository[:tag|@digest], or the same without docker://; or one on disk, as for verify-installable with its transport (dir:, oci:, …), which is its identity then",
      },
    ],
    examples: [
      "sealcheck verify-policy registry.example.com/app:1.0",
      "sealcheck verify-policy --policy=prod/policy.json --registries-conf=prod/registries.conf --registries.d=prod/registries.d --images=images.txt --pin=pinned.txt",
      "helm template my-chart | sealcheck verify-policy --images=-",
      "sealcheck verify-policy --all-tags --report=report.html registry.example.com/app",
    ],
  },
  serve: {
    summary: "answer other programs that ask, by varlink, whether the policy allows an image",
    description: [
      "A service for programs in any language: they send an image by value, or its directory as an open descriptor, with the identity that it was obtained as, and get the verdict, and the manifest that was judged. docs/service.md has the interfaces, dev.sealcheck.Verify and dev.sealcheck.Image, and examples.",
      "The policy is that of this command, or the system's, and no caller can choose another. It is read again when it changes. What is refused, and every error, is logged once with its whole explanation: to the journal, or to standard error.",
      "Exit code: 0 once it was told to end (SIGTERM; calls under way are finished) or its connection has ended, 2 for usage or if it cannot listen.",
    ],
    options: [
      ...(["listen", "listen-mode", "listen-owner", "stdio", "max-connections", "idle-timeout"] as const),
      ...(["authfile", "cert-dir", "tls-verify", "openpgp"] as const),
    ],
    globals: [
      ...(["policy", "require-signed", "registries-conf", "registries.d"] as const),
      ...(["override-os", "override-arch", "override-variant", "debug", "help"] as const),
    ],
    required: [],
    summaries: {
      "require-signed": "accept only images for which the policy verifies a signature, whatever a call says",
      "override-os": "choose images of an index for another operating system than this machine's",
      "override-arch": "choose images of an index for another architecture than this machine's",
      "override-variant": "choose images of an index for another variant than this machine's",
      debug: "log each step and each acceptance as well",
    },
    operands: [],
    examples: [
      "sealcheck serve --listen=unix:/run/sealcheck/socket --listen-mode=0666",
      "varlinkctl call exec:/usr/bin/sealcheck dev.sealcheck.Verify.GetStatus '{}'",
    ],
  },
  "experimental-image-proxy": {
    skopeoName: "experimental-image-proxy",
    summary: "serve images to a program on a socket, as skopeo's image proxy does, with an identity if that is given",
    description: [
      "Speaks version 0.2.8 of skopeo's protocol on a socket of packets (AF_UNIX, SOCK_SEQPACKET) that the program which started this has the other end of, and so takes skopeo's place for it. An image is opened if the policy accepts it: of an index, it or the chosen image. Blobs are compared with their digests while they are read.",
      "Beside skopeo's methods, OpenImageWithIdentity opens an image that was obtained as something else than it is read from, and VerifyImage only judges it; docs/image-proxy.md has them.",
      "Exit code: 0 once the program is done with it, 1 for any failure.",
    ],
    options: [
      ...(["sockfd", "authfile", "creds", "username", "password", "no-creds", "registry-token"] as const),
      ...(["cert-dir", "tls-verify", "openpgp", "exit-codes"] as const),
    ],
    globals: [
      ...(["policy", "insecure-policy", "require-signed", "registries-conf", "registries.d"] as const),
      ...(["user-agent-prefix", "override-os", "override-arch", "override-variant", "debug", "help"] as const),
    ],
    required: [],
    summaries: {
      "insecure-policy": "judge by no policy: accept every image",
      "override-os": "choose images of an index for another operating system than this machine's",
      "override-arch": "choose images of an index for another architecture than this machine's",
      "override-variant": "choose images of an index for another variant than this machine's",
      debug: "tell each step, and why an image was not accepted, on standard error",
    },
    operands: [],
    examples: ["sealcheck experimental-image-proxy --sockfd=3"],
  },
  "standalone-verify": {
    skopeoName: "standalone-verify",
    summary: "verify a signature of a manifest, with files on disk only",
    description: [
      "With KEY-FINGERPRINTS and SIGNATURE, as skopeo has it: whether one of these keys signed this manifest as exactly this reference, with simple signing (OpenPGP). No policy is asked.",
      "With --system-signature-policy: judges the manifest by policy.json and all signatures of a directory, and has the exit codes of verify-installable.",
      "Exit code otherwise: 0 verified, 1 for any failure.",
    ],
    options: [
      "public-key-file",
      "system-signature-policy",
      "load-signatures-from",
      "openpgp",
      "format",
      "exit-codes",
      "digest-file",
      "manifest-out",
      "quiet",
    ],
    globals: ["policy", "require-signed", "debug", "help"],
    required: [],
    operands: [
      manifestOrDigest,
      dockerReference,
      {
        name: "KEY-FINGERPRINTS",
        required: false,
        summary:
          "fingerprints of primary keys that may have signed, with commas between them; or any, for every key of the file that --public-key-file names",
      },
      { name: "SIGNATURE", required: false, summary: "a file with the signature" },
    ],
    examples: [
      "sealcheck standalone-verify manifest.json registry.example.com/app:1.0 D20A9D88224ADAF5CBFF78963ED8CDB920858415 app.signature",
      "sealcheck standalone-verify --public-key-file=vendor.gpg manifest.json registry.example.com/app:1.0 any app.signature",
      "sealcheck standalone-verify --system-signature-policy --load-signatures-from=signatures manifest.json registry.example.com/app:1.0",
    ],
  },
  "standalone-sign": {
    skopeoName: "standalone-sign",
    summary: "sign a manifest with a key of the user's GnuPG keyring, for tests",
    description: [
      "Writes a simple signing (OpenPGP) signature, which says that the manifest is the one of the reference.",
      "Exit code: 0 signed, 1 for any failure.",
    ],
    options: ["output", "passphrase-file", "exit-codes"],
    globals: ["help"],
    required: ["output"],
    operands: [manifest, dockerReference, { name: "KEY-FINGERPRINT", required: true, summary: "the key to sign with" }],
    examples: [
      "sealcheck standalone-sign manifest.json registry.example.com/app:1.0 D20A9D88224ADAF5CBFF78963ED8CDB920858415 -o app.signature",
    ],
  },
  "manifest-digest": {
    skopeoName: "manifest-digest",
    summary: "print the digest of a manifest",
    description: [
      "The SHA-256 that a registry knows the manifest by; of a signed schema 1 manifest, that of the bytes without the signatures in it.",
      "Exit code: 0, and 1 for any failure.",
    ],
    options: ["exit-codes"],
    globals: ["help"],
    required: [],
    operands: [manifest],
    examples: ["sealcheck manifest-digest manifest.json"],
  },
  "untrusted-signature-dump": {
    skopeoName: "untrusted-signature-dump-without-verification",
    summary: "print what a signature says of itself, WITHOUT VERIFYING IT",
    description: [
      "For finding out why a signature is not accepted. Anybody can write such a signature, with any text in it: decide nothing by it.",
      "Exit code: 0, and 1 for any failure.",
    ],
    options: ["exit-codes"],
    globals: ["help"],
    required: [],
    operands: [{ name: "SIGNATURE", required: true, summary: "a file with the signature, simple signing or sigstore" }],
    examples: ["sealcheck untrusted-signature-dump download/signature-1"],
  },
  "policy check": {
    summary: "say what is wrong with a policy, and with the keys and certificates that it names",
    description: [
      "Reads the policy as a verification would, then every key and certificate that it names, and registries.d, and reports what is an error and what looks like a mistake, each with its line and what to do.",
      "Exit code: 0 no errors, 1 warnings and --strict, 2 usage, 3 errors: something that a verification would fail with.",
    ],
    options: ["format", "strict"],
    globals: ["policy", "registries.d", "help"],
    required: [],
    operands: [{ name: "FILE", required: false, summary: "the policy; without it, the one that would be used" }],
    examples: ["sealcheck policy check", "sealcheck policy check --strict ./policy.json"],
  },
  "policy explain": {
    summary: "say which part of the policy decides about an image, and what it asks for",
    description: [
      "Lists the scopes that are looked up for the image, in order, what the first that is there asks for, the keys and certificates that it trusts, and what would be needed for the image to be accepted.",
      "Exit code: 0, also if no image could be accepted; 2 usage or identity; 3 no policy, or a broken one.",
    ],
    options: ["format"],
    globals: ["policy", "registries.d", "help"],
    required: [],
    operands: [
      {
        name: "IDENTITY",
        required: true,
        summary: "what the image is obtained as, as for verify-installable --identity",
      },
    ],
    examples: ["sealcheck policy explain registry.example.com/app:1.0"],
  },
  "policy diff": {
    summary: "say for which images two policies ask for something else",
    description: [
      "Compares, for each identity, which scope decides and what it asks for: keys and certificates by their content, where they can be read.",
      "Exit code: 0 no difference, 1 differences, 2 usage or identity, 3 no policy, or a broken one.",
    ],
    options: ["identities", "format"],
    globals: ["help"],
    required: ["identities"],
    operands: [
      { name: "OLD", required: true, summary: "the policy that is there" },
      { name: "NEW", required: true, summary: "the policy to compare it with" },
    ],
    examples: ["sealcheck policy diff /etc/containers/policy.json new.json --identities=images.txt"],
  },
  "policy show": {
    summary: "list all that the policy trusts",
    description: [
      "One line for each requirement of each scope: what it asks for, by which keys, until when they are valid, and where registries.d says that the signatures are.",
      "Exit code: 0, 2 usage, 3 no policy, or a broken one.",
    ],
    options: ["format"],
    globals: ["policy", "registries.d", "help"],
    required: [],
    operands: [],
    examples: ["sealcheck policy show", "sealcheck policy show --policy=policy.json --format=json"],
  },
  "policy init": {
    summary: "write a first policy: one registry with a key, everything else rejected",
    description: [
      "Prints the policy, or writes it with --output. Without --registry and --key, asks for them if it runs on a terminal. With --preset, it is the policy of a distribution.",
      "A policy by which no image could be accepted is refused: a registry that no image is of, a key that is not there or verifies nothing. --force insists.",
      "Exit code: 0, 2 usage, 3 no image could be accepted by it, 130 interrupted.",
    ],
    options: ["registry", "key", "key-type", "preset", "output", "force"],
    globals: ["registries.d", "help"],
    required: [],
    operands: [],
    examples: [
      "sealcheck policy init --registry=registry.example.com --key=/etc/pki/containers/vendor.gpg",
      "sealcheck policy init --preset=fedora --output=policy.json",
    ],
  },
  "audit init": {
    summary: "begin an audit of many images by a policy, in a new database or one that has audits already",
    description: [
      "Sets up the database, if it is new, and keeps the policy in it with all keys that it names: workers on any machine judge by that, whatever becomes of the files.",
      "Exit code: 0, 2 usage or if the database cannot be used, 3 no policy, or a broken one.",
    ],
    options: ["db", "name", "evidence", "rate", "per-registry", "park", "platform", "blobs", "openpgp", "format"],
    globals: [
      ...(["policy", "require-signed", "override-os", "override-arch", "override-variant", "debug", "help"] as const),
    ],
    required: [],
    choices: { format: ["text", "json"], blobs: ["none", "head"] },
    summaries: {
      format: "how to print: text (the default), for people, or json, for programs",
      platform:
        "of an index, judge all that it lists (all, the default), or the image for one platform: OS/ARCH[/VARIANT], or host",
      blobs:
        "of an image, ask the registry whether it has each blob, and in which size (head, the default), or not (none)",
      policy: "the policy of the machines that will run the images, instead of that of this one",
    },
    operands: [],
    examples: [
      "sealcheck audit init --policy=prod/policy.json",
      "sealcheck audit init --db=postgres://audit@db.example.com/fleet --evidence=/srv/evidence --rate=20",
    ],
  },
  "audit add": {
    summary:
      "add images to an audit: references, a list of them, all tags of repositories, or what lies on this machine",
    description: [
      "Images are added once, however often they are named. Of a list with more than 32 MiB, each line is a reference.",
      "Images of this machine (--storage) are read at once, as workers on other machines cannot, and judged as what they would be pulled as: docker:// and their name. Registries are not asked.",
      "Exit code: 0, 2 usage or if the database cannot be used, 3 broken settings for registries.",
    ],
    options: ["db", "audit", "images", "all-tags", "storage", "machine", "quiet"],
    globals: ["registries-conf", "registries.d", "debug", "help"],
    required: [],
    isVariadic: true,
    operands: [
      {
        name: "REF",
        required: false,
        summary: "an image in a registry: docker://host/repository[:tag|@digest], or the same without docker://",
      },
    ],
    examples: [
      "sealcheck audit add --images=images.txt",
      "sealcheck audit add --all-tags docker://registry.example.com/vendor/app",
      "sealcheck audit add --storage --db=postgres://audit@db.example.com/fleet",
    ],
  },
  "audit work": {
    summary: "fetch and judge the images of the audits in a database, beside as many other workers as there are",
    description: [
      "Takes a chunk of images after the other until none are left: lists tags, fetches manifests and signatures as the machines that will run the images would, keeps them, and judges. Whatever a worker that is killed had is taken over by another. Told to end (SIGTERM, Ctrl-C), it finishes the images under way.",
      "Exit code: 0 if nothing is left, or it was told to end; 2 usage or if the database cannot be used, 3 broken settings for registries.",
    ],
    options: ["db", "jobs", "wait", "lease", "authfile", "cert-dir", "tls-verify", "timeout", "quiet"],
    globals: ["registries-conf", "registries.d", "debug", "help"],
    required: [],
    summaries: { jobs: "fetch N chunks at a time, with some images of each; 8 by default" },
    operands: [],
    examples: [
      "sealcheck audit work --jobs=8",
      "sealcheck audit work --db=postgres://audit@db.example.com/fleet --wait --authfile=/run/secrets/auth.json",
    ],
  },
  "audit status": {
    summary: "say how far an audit has come, how fast it goes, and which registries it waits for",
    description: ["Exit code: 0 if it is finished, 1 if not, 2 usage or if the database cannot be used."],
    options: ["db", "audit", "format"],
    globals: ["debug", "help"],
    required: [],
    choices: { format: ["text", "json"] },
    summaries: { format: "how to print: text (the default), for people, or json, for programs" },
    operands: [],
    examples: ["sealcheck audit status"],
  },
  "audit report": {
    summary: "print what an audit found: by cause, or image for image",
    description: [
      "Exit code: 0 if all images were accepted, 1 if not, 2 usage or if the database cannot be used, 4 if the audit is not finished.",
    ],
    options: ["db", "audit", "format", "report", "verbose"],
    globals: ["debug", "help"],
    required: [],
    choices: { format: ["text", "json", "jsonl", "sarif"] },
    summaries: {
      format:
        "how to print: text (the default), causes, registries and signers, for people; json, the same for programs; jsonl, one image a line; sarif, one result for each cause",
      report:
        "write a page to FILE: HTML with causes, registries and signers that asks nobody for anything, and beside it, in FILE.d, pages with the images of each cause",
      verbose: "list more causes, registries and signers, and reasons in full",
    },
    operands: [],
    examples: [
      "sealcheck audit report",
      "sealcheck audit report --format=jsonl",
      "sealcheck audit report --report=audit.html",
    ],
  },
  "audit rejudge": {
    summary: "begin another audit of the same images, as they were fetched, by another policy",
    description: [
      "No registry is asked: workers judge what was kept of the images. So a new policy is tried before it is rolled out; `audit diff` says what it changes.",
      "Exit code: 0, 2 usage or if the database cannot be used, 3 no policy, or a broken one.",
    ],
    options: ["db", "audit", "name", "openpgp", "format"],
    globals: ["policy", "require-signed", "debug", "help"],
    required: [],
    choices: { format: ["text", "json"] },
    summaries: {
      format: "how to print: text (the default), for people, or json, for programs",
      policy: "the policy to judge by now, instead of that of this machine",
    },
    operands: [],
    examples: ["sealcheck audit rejudge --policy=new.json --name=new-policy"],
  },
  "audit diff": {
    summary: "say which images two audits say different things of, and why",
    description: [
      "Puts images together that change in the same way: what is not accepted any more first.",
      "Exit code: 0 if they say the same, 1 if not, 2 usage or if the database cannot be used.",
    ],
    options: ["db", "format", "verbose"],
    globals: ["debug", "help"],
    required: [],
    choices: { format: ["text", "json", "jsonl"] },
    summaries: {
      format:
        "how to print: text (the default), the kinds of change, for people; json, the same for programs; or jsonl, one image a line",
      verbose: "list more kinds of change, and reasons in full",
    },
    operands: [
      { name: "BEFORE", required: true, summary: "the name of an audit" },
      { name: "AFTER", required: true, summary: "the name of the other" },
    ],
    examples: ["sealcheck audit diff 2026-w47 2026-w48"],
  },
  "audit explain": {
    summary: "say all of the verdict on one image of an audit, by judging again what was kept of it",
    description: [
      "No registry is asked. If the verdict is now another than the audit has, it says why.",
      "Exit code: that of the verdict, as verify-installable has it; 2 usage, if the audit does not have the image, or if the database cannot be used.",
    ],
    options: ["db", "audit", "format"],
    globals: ["debug", "help"],
    required: [],
    choices: { format: ["text", "json"] },
    summaries: { format: "how to print: text (the default), for people, or json, the verdict for programs" },
    operands: [{ name: "REF", required: true, summary: "the image, as it is in the audit, or as it is judged" }],
    examples: ["sealcheck audit explain registry.example.com/app:1.0"],
  },
  "audit retry": {
    summary: "give the images of which nothing could be found out to the workers again",
    description: ["Exit code: 0, 2 usage or if the database cannot be used."],
    options: ["db", "audit"],
    globals: ["debug", "help"],
    required: [],
    operands: [],
    examples: ["sealcheck audit retry"],
  },
  help: {
    summary: "print help, in general or on a command",
    description: [],
    options: [],
    globals: ["help"],
    required: [],
    operands: [
      { name: "COMMAND", required: false, summary: "a command" },
      { name: "SUBCOMMAND", required: false, summary: "its second word" },
    ],
    examples: [],
  },
} as const satisfies Record<string, CommandEntry>;

export type CommandName = keyof typeof commandTable;

/** The values of options that make sense unless a command says others. */
const commonChoices: CommandEntry["choices"] = { format: ["text", "json"], blobs: ["none", "present", "all"] };

/** The values of an option that make sense for a command. */
export function choicesFor(command: CommandName | undefined, option: OptionName): readonly string[] | undefined {
  const entry: CommandEntry | undefined = command === undefined ? undefined : commandTable[command];
  return entry?.choices?.[option] ?? commonChoices?.[option];
}

/** What an option means to a command. */
export function summaryFor(command: CommandName | undefined, option: OptionName): string {
  const entry: CommandEntry | undefined = command === undefined ? undefined : commandTable[command];
  return entry?.summaries?.[option] ?? optionTable[option].summary;
}

/** First words of commands that mean nothing alone. */
export const groupTable = {
  policy: { summary: "commands for whoever writes a policy.json" },
  audit: { summary: "commands for whoever has many images to look after" },
} as const satisfies Record<string, { readonly summary: string }>;

export type GroupName = keyof typeof groupTable;

export const optionNames = Object.keys(optionTable) as readonly OptionName[];
export const commandNames = Object.keys(commandTable) as readonly CommandName[];
export const groupNames = Object.keys(groupTable) as readonly GroupName[];

export function isGroup(name: string): name is GroupName {
  return groupNames.some((group) => group === name);
}

/** Whether it is one of skopeo's. */
export function isSkopeos(name: CommandName): boolean {
  return "skopeoName" in commandTable[name];
}

/** The command of one word that goes by this name, here or in skopeo. */
export function commandNamed(word: string): CommandName | undefined {
  return commandNames.find((name) => {
    const entry = commandTable[name];
    return name === word || ("skopeoName" in entry && entry.skopeoName === word);
  });
}

/** The commands whose first word this is. */
export function commandsOf(group: GroupName): readonly CommandName[] {
  return commandNames.filter((name) => name.startsWith(`${group} `));
}

/** Options that are taken anywhere. */
export const globalOptions: readonly OptionName[] = optionNames.filter((name) => "global" in optionTable[name]);

/** Those of them that say nothing to a command: skopeo's scripts may give them, and nobody needs to read about them there. */
export function idleOptions(command: CommandName): readonly OptionName[] {
  const { globals }: CommandEntry = commandTable[command];
  return globalOptions.filter((name) => !globals.includes(name) && name !== "version");
}

/** The one that is no harmless extra: it would switch the verification off. */
export function isRefused(option: OptionName, command: CommandName | GroupName | undefined): boolean {
  const entry = optionTable[option];
  const isUseless = command !== undefined && !isGroup(command) && isSkopeos(command);
  return "fate" in entry && entry.fate === "refused" && !isUseless;
}
