/**
 * Questions about images that cosign, oras and skopeo pushed, signed, copied and attached things to. conformance/attachments asks
 * them of a real registry, with the tools' own images; test/source/registry/situations.test.ts of what was recorded there.
 */

export interface ToolQuestion {
  /** What was done to the image. */
  readonly name: string;
  /** Below vendor/. What is in it: conformance/attachments/images.ts. */
  readonly repository: string;
  /** Default "1.0". */
  readonly tag?: string;
  /** Texts may have `@SIGNED@` in them: the registry that the tools knew. */
  readonly requirements: readonly object[];
  /** Default "linux/amd64". */
  readonly platform?: string;
}

const withKey = (key: string, signedIdentity?: object) => ({
  type: "sigstoreSigned",
  keyPath: `@DIR@/keys/${key}.pub`,
  ...(signedIdentity === undefined ? {} : { signedIdentity }),
});
/** As cosign signs by default: the repository that it was given, without a tag. */
const signedAs = (repository: string) => ({
  type: "exactRepository",
  dockerRepository: `@SIGNED@/vendor/${repository}`,
});
const by = (key: string, repository: string) => withKey(key, signedAs(repository));
const byGpg = (repository: string) => ({
  type: "signedBy",
  keyType: "GPGKeys",
  keyPath: "@FIXTURES@/keys/gpg/release-rsa4096.gpg",
  signedIdentity: signedAs(repository),
});
const byCertificate = (repository: string, subjectEmail: string, root = "root") => ({
  type: "sigstoreSigned",
  pki: { caRootsPath: `@DIR@/keys/${root}.pem`, subjectEmail },
  signedIdentity: signedAs(repository),
});
const anything = { type: "insecureAcceptAnything" };

type Changes = Partial<Omit<ToolQuestion, "name" | "repository" | "requirements">>;

const asked = (name: string, repository: string, requirements: readonly object[], changes: Changes = {}) => ({
  name,
  repository,
  requirements,
  ...changes,
});
/** Whether it is signed by the key of the releases, in this repository. */
const released = (name: string, repository: string, changes: Changes = {}) =>
  asked(name, repository, [by("release", repository)], changes);
/** The same, where it was signed in another repository. */
const releasedAs = (name: string, repository: string, signed: string, changes: Changes = {}) =>
  asked(name, repository, [by("release", signed)], changes);

export const toolQuestions: readonly ToolQuestion[] = [
  released("cosign sign", "plain"),
  asked("cosign sign, and another key is wanted", "plain", [by("second", "plain")]),
  asked("cosign sign, and the tag has to be signed", "plain", [withKey("release")]),
  asked("cosign sign, and matchRepository for another name of the registry", "plain", [
    withKey("release", { type: "matchRepository" }),
  ]),
  releasedAs("cosign sign, and another repository is wanted", "plain", "annotated"),
  asked("cosign sign, and remapIdentity", "plain", [
    withKey("release", {
      type: "remapIdentity",
      prefix: "registry.example.com",
      signedPrefix: "@SIGNED@",
    }),
  ]),
  released("not signed", "unsigned"),
  released("cosign sign -a, with the time", "annotated"),
  asked("cosign sign --sign-container-identity", "named", [withKey("release")]),
  asked("cosign sign --sign-container-identity, of another tag", "named-otherwise", [withKey("release")]),
  asked("cosign sign --sign-container-identity, of another tag, and any tag will do", "named-otherwise", [
    withKey("release", { type: "matchRepository" }),
  ]),
  released("cosign sign, by the tag", "by-tag"),
  released("cosign sign, and the tag was moved to another image then", "moved"),
  released("cosign sign, by two keys: the first", "two-keys"),
  asked("cosign sign, by two keys: the second", "two-keys", [by("second", "two-keys")]),
  asked("cosign sign, by two keys: both", "two-keys", [by("release", "two-keys"), by("second", "two-keys")]),
  asked("cosign sign, by two keys: a third", "two-keys", [by("rsa", "two-keys")]),
  released("cosign sign, twice by one key", "twice"),
  ...["rsa", "p384", "ed25519"].map((key) => asked(`cosign sign, by a key of ${key}`, key, [by(key, key)])),
  asked("cosign sign --certificate", "certificate", [byCertificate("certificate", "release@vendor.example.com")]),
  asked("cosign sign --certificate, and another subject is wanted", "certificate", [
    byCertificate("certificate", "other@vendor.example.com"),
  ]),
  asked("cosign sign --certificate, and another root is trusted", "certificate", [
    byCertificate("certificate", "release@vendor.example.com", "other-root"),
  ]),
  released("cosign attach signature", "attached-by-hand"),
  released("cosign sign --attachment-tag-prefix", "prefixed"),
  released("cosign sign, the signatures kept in another repository", "elsewhere"),
  released("cosign sign, with Docker's media types", "docker-types"),
  released("cosign sign --recursive of an index", "index-recursive"),
  released("cosign sign --recursive of an index, arm64", "index-recursive", { platform: "linux/arm64" }),
  released("cosign sign --recursive of an index, all", "index-recursive", { platform: "all" }),
  released("cosign sign --recursive of an index, s390x, which it does not have", "index-recursive", {
    platform: "linux/s390x",
  }),
  released("cosign sign of an index alone", "index-only"),
  released("cosign sign of an index alone, all", "index-only", { platform: "all" }),
  released("cosign sign of one image of an index", "index-instance"),
  released("cosign sign of one image of an index, another platform", "index-instance", { platform: "linux/arm64" }),
  released("cosign sign of one image of an index, all", "index-instance", { platform: "all" }),
  released("cosign attest alone", "attested"),
  released("cosign sign and attest", "signed-and-attested"),
  released("cosign attest: the attestation itself, as an image", "signed-and-attested", { tag: "attestation" }),
  asked("cosign sign: the signature itself, as an image, and everything is accepted", "plain", [anything], {
    tag: "signature",
  }),
  released("cosign sign --registry-referrers-mode=oci-1-1", "referrers-mode"),
  released("cosign sign --new-bundle-format", "bundle"),
  released("cosign 3 sign", "cosign-3-bundle"),
  released("cosign 3 sign: the index of what refers to the image", "cosign-3-bundle", { tag: "referrers" }),
  released("cosign 3 sign --recursive of an index, all", "cosign-3-index", { platform: "all" }),
  released("cosign 3 sign --new-bundle-format=false", "cosign-3-old-form"),
  released("cosign 3 sign, in both forms", "cosign-3-both"),
  released("cosign 3 attest beside an old signature", "cosign-3-attested"),
  releasedAs("cosign copy", "cosign-copied", "plain"),
  released("cosign copy, and it has to be signed as what it is now", "cosign-copied"),
  releasedAs("cosign copy of an index, all", "cosign-copied-index", "index-recursive", { platform: "all" }),
  releasedAs("cosign copy --only=sig, over an image that is there", "cosign-copied-signature", "plain"),
  releasedAs("cosign save and load", "loaded", "plain"),
  releasedAs("oras cp", "oras-copied", "plain"),
  releasedAs("oras cp -r", "oras-copied-deep", "plain"),
  releasedAs("oras cp -r of what has a bundle", "oras-copied-bundle", "cosign-3-bundle"),
  releasedAs("oras cp of the image and of the tag of its signature", "oras-copied-tags", "plain"),
  releasedAs("oras cp of a signature to the tag for another image", "oras-misplaced", "plain"),
  releasedAs("oras cp of an index, arm64", "oras-copied-index", "index-recursive", { platform: "linux/arm64" }),
  releasedAs(
    "oras copy -r of an index, and of the tags of all its signatures",
    "oras-copied-index-tags",
    "index-recursive",
    {
      platform: "all",
    },
  ),
  releasedAs("oras manifest index create of signed images", "oras-index", "index-recursive", {
    platform: "linux/arm64",
  }),
  released("oras push", "artifact"),
  asked("oras push, and everything is accepted", "artifact", [anything]),
  released("oras push, cosign sign", "artifact-signed"),
  released("oras push --config, cosign sign", "artifact-config"),
  released("oras push --image-spec v1.0, cosign sign", "artifact-1.0"),
  released("oras attach to a signed image", "with-sbom"),
  released("oras attach to a signed image: what was attached", "with-sbom", { tag: "sbom" }),
  asked("oras attach to a signed image: what was attached, and everything is accepted", "with-sbom", [anything], {
    tag: "sbom",
  }),
  released("oras attach to a signed image: the index of what refers to it", "with-sbom", { tag: "referrers" }),
  asked("oras attach: the index of what refers to an image, and everything is accepted", "with-sbom", [anything], {
    tag: "referrers",
  }),
  asked("oras attach: the index of what refers to an image, all, and everything is accepted", "with-sbom", [anything], {
    tag: "referrers",
    platform: "all",
  }),
  released("oras attach, cosign sign of what was attached", "signed-sbom", { tag: "sbom" }),
  released("oras attach, cosign sign of what was attached: the image", "signed-sbom"),
  released("cosign upload blob, cosign sign", "uploaded-blob"),
  released("cosign attach sbom, cosign sign", "cosign-sbom"),
  released("skopeo copy --format v2s2, cosign sign", "schema-2"),
  released("skopeo copy --all --format v2s2, cosign sign --recursive", "schema-2-list", { platform: "all" }),
  asked("skopeo copy --sign-by, cosign sign: both", "both", [byGpg("both"), by("release", "both")]),
  asked("skopeo copy --sign-by, cosign sign: OpenPGP", "both", [byGpg("both")]),
  asked("skopeo copy --sign-by, cosign sign: sigstore by another key", "both", [byGpg("both"), by("second", "both")]),
  asked("schema 1, and everything is accepted", "schema-1", [anything]),
  asked("schema 1, not signed", "schema-1", [byGpg("schema-1")]),
  asked("schema 1, skopeo copy --sign-by", "schema-1-gpg", [byGpg("schema-1-gpg")]),
  asked("schema 1, skopeo copy --sign-by, of another repository", "schema-1-gpg", [byGpg("schema-1")]),
  released("schema 1, the signature of cosign attached", "schema-1-cosign"),
  asked("schema 1, the signature of cosign attached, by another key", "schema-1-cosign", [
    by("second", "schema-1-cosign"),
  ]),
];
