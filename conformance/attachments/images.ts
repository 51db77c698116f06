/** What the questions of test/support/registry/tool-questions.ts are about: each repository, and what was done to get it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Tools } from "./tools.ts";

/** In order: some copy what an earlier one made. */
export const images: Readonly<Record<string, (tools: Tools, repository: string) => void>> = {
  plain: (tools, repository) => {
    signedApp(tools, repository);
    tools.oras("tag", tools.at(repository, signatureTag(tools.digest(repository))), "signature");
  },
  unsigned: (tools, repository) => tools.push("app-oci", repository),
  annotated: (tools, repository) =>
    signedApp(tools, repository, ["-a", "stage=production", "-a", "build=7", "--record-creation-timestamp"]),
  named: (tools, repository) =>
    signedApp(tools, repository, [`--sign-container-identity=registry.example.com/vendor/${repository}:1.0`]),
  "named-otherwise": (tools, repository) =>
    signedApp(tools, repository, [`--sign-container-identity=registry.example.com/vendor/${repository}:2.0`]),
  "by-tag": (tools, repository) => {
    tools.push("app-oci", repository);
    tools.sign(tools.at(repository));
  },
  moved: (tools, repository) => {
    signedApp(tools, repository);
    tools.push("app-oci", repository, "--format=v2s2");
  },
  "two-keys": (tools, repository) => {
    signedApp(tools, repository);
    tools.sign(tools.by(repository, tools.digest(repository)), { key: "second" });
  },
  twice: (tools, repository) => {
    signedApp(tools, repository);
    tools.sign(tools.by(repository, tools.digest(repository)));
  },
  ...Object.fromEntries(["rsa", "p384", "ed25519"].map((key) => [key, signedBy(key)])),
  certificate: (tools, repository) => {
    tools.push("app-oci", repository);
    const keys = join(tools.directory, "keys");
    const chain = [`--certificate=${keys}/leaf.pem`, `--certificate-chain=${keys}/root.pem`];
    tools.sign(tools.by(repository, tools.digest(repository)), { key: "leaf", args: chain });
  },
  "attached-by-hand": (tools, repository) => {
    tools.push("app-oci", repository);
    const image = tools.by(repository, tools.digest(repository));
    attachByHand(tools, image, image);
  },
  prefixed: (tools, repository) => signedApp(tools, repository, ["--attachment-tag-prefix=release-"]),
  elsewhere: (tools, repository) =>
    signedApp(tools, repository, [], { COSIGN_REPOSITORY: `${tools.address}/vendor/${repository}-signatures` }),
  "docker-types": (tools, repository) => signedApp(tools, repository, [], { COSIGN_DOCKER_MEDIA_TYPES: "1" }),
  "index-recursive": (tools, repository) => signedIndex(tools, repository, "--recursive"),
  "index-only": (tools, repository) => signedIndex(tools, repository),
  "index-instance": (tools, repository) => {
    tools.push("multi-oci", repository, "--all");
    tools.sign(tools.by(repository, instance(tools, repository, "amd64")));
  },
  attested: (tools, repository) => {
    tools.push("app-oci", repository);
    attest(tools, repository);
  },
  "signed-and-attested": (tools, repository) => {
    signedApp(tools, repository);
    attest(tools, repository);
    const attestation = signatureTag(tools.digest(repository)).replace(/sig$/, "att");
    tools.oras("tag", tools.at(repository, attestation), "attestation");
  },
  "referrers-mode": (tools, repository) =>
    signedApp(tools, repository, ["--registry-referrers-mode=oci-1-1"], { COSIGN_EXPERIMENTAL: "1" }),
  bundle: (tools, repository) => signedApp(tools, repository, ["--new-bundle-format"]),
  "cosign-3-bundle": (tools, repository) => {
    tools.push("app-oci", repository);
    tools.signAsBundle(tools.by(repository, tools.digest(repository)));
    tagReferrers(tools, repository);
  },
  "cosign-3-index": (tools, repository) => {
    tools.push("multi-oci", repository, "--all");
    tools.signAsBundle(tools.by(repository, tools.resolve(repository)), "--recursive");
  },
  "cosign-3-old-form": (tools, repository) => {
    tools.push("app-oci", repository);
    signInOldForm(tools, repository);
  },
  "cosign-3-both": (tools, repository) => {
    tools.push("app-oci", repository);
    signInOldForm(tools, repository);
    tools.signAsBundle(tools.by(repository, tools.digest(repository)));
  },
  "cosign-3-attested": (tools, repository) => {
    signedApp(tools, repository);
    const services = tools.file(
      "services.json",
      JSON.stringify({ mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json" }),
    );
    tools.cosign3([
      "attest",
      "--yes",
      `--key=${tools.key("release")}`,
      `--signing-config=${services}`,
      `--predicate=${tools.file("predicate.json", "{}")}`,
      tools.by(repository, tools.digest(repository)),
    ]);
  },
  "cosign-copied": (tools, repository) => copied(tools, "plain", repository),
  "cosign-copied-index": (tools, repository) => copied(tools, "index-recursive", repository),
  "cosign-copied-signature": (tools, repository) => {
    tools.push("app-oci", repository);
    tools.cosign2(["copy", "--only=sig", tools.at("plain"), tools.at(repository)]);
  },
  loaded: (tools, repository) => {
    const saved = join(tools.directory, "saved");
    tools.cosign2(["save", `--dir=${saved}`, tools.at("plain")]);
    tools.cosign2(["load", `--dir=${saved}`, tools.at(repository)]);
  },
  "oras-copied": (tools, repository) => orasCopy(tools, "plain", repository),
  "oras-copied-deep": (tools, repository) => orasCopy(tools, "plain", repository, "1.0", "-r"),
  "oras-copied-bundle": (tools, repository) => orasCopy(tools, "cosign-3-bundle", repository, "1.0", "-r"),
  "oras-copied-tags": (tools, repository) => {
    orasCopy(tools, "plain", repository);
    orasCopy(tools, "plain", repository, signatureTag(tools.digest(repository)));
  },
  "oras-misplaced": (tools, repository) => {
    tools.push("app-oci", repository, "--format=v2s2");
    const [theirs, ours] = [tools.digest("plain"), tools.digest(repository)].map(signatureTag);
    tools.oras("cp", "--no-tty", tools.at("plain", theirs), tools.at(repository, ours));
  },
  "oras-copied-index": (tools, repository) => orasCopy(tools, "index-recursive", repository),
  "oras-copied-index-tags": (tools, repository) => {
    tools.oras("copy", "-r", "--no-tty", tools.at("index-recursive"), tools.at(repository));
    const digests = [tools.resolve(repository), ...["amd64", "arm64"].map((each) => instance(tools, repository, each))];
    for (const digest of digests) orasCopy(tools, "index-recursive", repository, signatureTag(digest));
  },
  "oras-index": (tools, repository) => {
    const digests = ["amd64", "arm64"].map((each) => instance(tools, "index-recursive", each));
    for (const digest of digests) {
      tools.oras("cp", "--no-tty", tools.by("index-recursive", digest), `${tools.address}/vendor/${repository}`);
      orasCopy(tools, "index-recursive", repository, signatureTag(digest));
    }
    tools.oras("manifest", "index", "create", tools.at(repository), ...digests);
  },
  artifact: (tools, repository) => pushArtifact(tools, repository),
  "artifact-signed": (tools, repository) => signedArtifact(tools, repository),
  "artifact-config": (tools, repository) => {
    tools.file("config.json", '{"of":"an artifact"}');
    signedArtifact(tools, repository, "--config=config.json:application/vnd.example.config.v1+json");
  },
  "artifact-1.0": (tools, repository) => signedArtifact(tools, repository, "--image-spec=v1.0"),
  "with-sbom": (tools, repository) => {
    signedApp(tools, repository);
    attachSbom(tools, repository);
    tagReferrers(tools, repository);
  },
  "signed-sbom": (tools, repository) => {
    tools.push("app-oci", repository);
    attachSbom(tools, repository);
    tools.sign(tools.by(repository, tools.resolve(repository, "sbom")));
  },
  "uploaded-blob": (tools, repository) => {
    tools.file("thing.txt", "a thing\n");
    tools.cosign2(["upload", "blob", "--files=thing.txt", tools.at(repository)]);
    tools.sign(tools.by(repository, tools.resolve(repository)));
  },
  "cosign-sbom": (tools, repository) => {
    signedApp(tools, repository);
    const sbom = tools.file("bill.json", '{"bomFormat":"CycloneDX"}');
    tools.cosign2(["attach", "sbom", `--sbom=${sbom}`, "--type=cyclonedx", tools.at(repository)]);
  },
  "schema-2": (tools, repository) => {
    tools.push("app-oci", repository, "--format=v2s2");
    tools.sign(tools.by(repository, tools.digest(repository)));
  },
  "schema-2-list": (tools, repository) => signedIndex(tools, repository, "--recursive", "--format=v2s2"),
  both: (tools, repository) => {
    tools.pushSigned(repository);
    tools.sign(tools.by(repository, tools.digest(repository)));
  },
  "schema-1": (tools, repository) => tools.push("app-oci", repository, "--format=v2s1"),
  "schema-1-gpg": (tools, repository) => tools.pushSigned(repository, "--format=v2s1"),
  // cosign signs no such image itself ("unknown mime type"); so its signature is attached to another one, and the tag is copied.
  "schema-1-cosign": (tools, repository) => {
    tools.push("app-oci", repository);
    const carrier = tools.digest(repository);
    tools.push("app-oci", repository, "--format=v2s1");
    const digest = tools.digest(repository);
    attachByHand(tools, tools.by(repository, digest), tools.by(repository, carrier));
    const [from, to] = [carrier, digest].map((each) => tools.at(repository, signatureTag(each)));
    tools.oras("cp", "--no-tty", from ?? "", to ?? "");
  },
};

/** The keys and certificates that images are signed by. */
export function makeKeys(tools: Tools): void {
  const onCurve = (curve: string) => ["-algorithm", "EC", "-pkeyopt", `ec_paramgen_curve:${curve}`];
  tools.newKey("second", ...onCurve("P-256"));
  tools.newKey("rsa", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048");
  tools.newKey("p384", ...onCurve("P-384"));
  tools.newKey("ed25519", "-algorithm", "ED25519");
  tools.newKey("leaf", ...onCurve("P-256"));
  for (const root of ["root", "other-root"]) {
    tools.run("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "17000"],
      ...["-subj", `/CN=${root}`, "-keyout", `${root}.key.pem`, "-out", `keys/${root}.pem`],
    ]);
  }
  tools.run("openssl", ["req", "-new", "-key", "leaf.pem", "-subj", "/CN=leaf", "-out", "leaf.csr"]);
  const extensions =
    "keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\nsubjectAltName=email:release@vendor.example.com\n";
  tools.run("openssl", [
    ...["x509", "-req", "-in", "leaf.csr", "-CA", "keys/root.pem", "-CAkey", "root.key.pem", "-CAcreateserial"],
    ...["-days", "16000", "-extfile", tools.file("leaf.ext", extensions), "-out", "keys/leaf.pem"],
  ]);
}

function signatureTag(digest: string): string {
  return `${digest.replace(":", "-")}.sig`;
}

function signedApp(
  tools: Tools,
  repository: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): void {
  tools.push("app-oci", repository);
  tools.sign(tools.by(repository, tools.digest(repository)), { args, env });
}

/** A signature of one image, attached to it or to another. */
function attachByHand(tools: Tools, signed: string, carrier: string): void {
  const payload = tools.file("payload.json", tools.cosign2(["generate", signed]));
  const key = `--key=${tools.key("release")}`;
  const signature = tools.file("signature", tools.cosign2(["sign-blob", "--yes", key, "--tlog-upload=false", payload]));
  tools.cosign2(["attach", "signature", `--payload=${payload}`, `--signature=${signature}`, carrier]);
}

function signedBy(key: string) {
  return (tools: Tools, repository: string) => {
    tools.push("app-oci", repository);
    tools.sign(tools.by(repository, tools.digest(repository)), { key });
  };
}

function signedIndex(tools: Tools, repository: string, signing = "", ...pushing: readonly string[]): void {
  tools.push("multi-oci", repository, "--all", ...pushing);
  tools.sign(tools.by(repository, tools.resolve(repository)), { args: signing === "" ? [] : [signing] });
}

/** The digest of the image for a platform. */
function instance(tools: Tools, repository: string, architecture: string): string {
  const index: { manifests: { digest: string; platform: { architecture: string } }[] } = JSON.parse(
    tools.skopeo("inspect", "--raw", `docker://${tools.at(repository)}`),
  );
  const found = index.manifests.find(({ platform }) => platform.architecture === architecture);
  if (found === undefined) throw new Error(`${repository} has nothing for ${architecture}`);
  return found.digest;
}

function attest(tools: Tools, repository: string): void {
  tools.cosign2([
    "attest",
    "--yes",
    `--key=${tools.key("release")}`,
    "--tlog-upload=false",
    `--predicate=${tools.file("predicate.json", "{}")}`,
    tools.by(repository, tools.digest(repository)),
  ]);
}

function signInOldForm(tools: Tools, repository: string): void {
  tools.cosign3([
    ...["sign", "--yes", `--key=${tools.key("release")}`, "--new-bundle-format=false", "--use-signing-config=false"],
    ...["--tlog-upload=false", tools.by(repository, tools.digest(repository))],
  ]);
}

function copied(tools: Tools, from: string, to: string): void {
  tools.cosign2(["copy", tools.at(from), tools.at(to)]);
}

function orasCopy(tools: Tools, from: string, to: string, tag = "1.0", ...options: readonly string[]): void {
  tools.oras("cp", "--no-tty", ...options, tools.at(from, tag), tools.at(to, tag));
}

function pushArtifact(tools: Tools, repository: string, ...options: readonly string[]): void {
  tools.file("thing.txt", "a thing\n");
  const type = options.some((option) => option.startsWith("--config"))
    ? []
    : ["--artifact-type=application/vnd.example.thing"];
  tools.oras("push", "--no-tty", ...type, ...options, tools.at(repository), "thing.txt:text/plain");
}

function signedArtifact(tools: Tools, repository: string, ...options: readonly string[]): void {
  pushArtifact(tools, repository, ...options);
  tools.sign(tools.by(repository, tools.resolve(repository)));
}

/** A bill of materials, whose manifest has the image as its subject; it is tagged "sbom" too. */
function attachSbom(tools: Tools, repository: string): void {
  tools.file("sbom.json", '{"bomFormat":"CycloneDX"}');
  const exported = join(tools.directory, "exported.json");
  tools.oras(
    ...["attach", "--no-tty", "--artifact-type=application/vnd.example.sbom", `--export-manifest=${exported}`],
    ...[tools.at(repository), "sbom.json:application/json"],
  );
  const { manifests }: { manifests: { digest: string }[] } = JSON.parse(
    tools.oras("manifest", "fetch", tools.at(repository, tools.digest(repository).replace(":", "-"))),
  );
  const [{ digest } = { digest: "" }] = manifests;
  if (!readFileSync(exported, "utf8").includes("vnd.example.sbom")) throw new Error("something else was attached");
  tools.oras("tag", tools.by(repository, digest), "sbom");
}

/** Gives the index of what refers to the image another tag. */
function tagReferrers(tools: Tools, repository: string): void {
  tools.oras("tag", tools.at(repository, tools.digest(repository).replace(":", "-")), "referrers");
}
