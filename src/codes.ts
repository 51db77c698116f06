/**
 * Every published code, once: what it means and the exit code it leads to (`docs/codes.md` is checked against this table).
 * Codes are a promise to scripts: they may be added, never renamed or given another meaning.
 */

/** 0 accepted, 1 rejected, 2 usage, 3 policy or configuration, 4 image, 5 registry, 70 a bug; as in sysexits for the last. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 70;

interface CodeEntry {
  readonly exitCode: ExitCode;
  readonly meaning: string;
}

export const codes = {
  accepted: { exitCode: 0, meaning: "The policy allows this image under this identity." },

  "usage.command.unknown": { exitCode: 2, meaning: "There is no such command." },
  "usage.option.unknown": { exitCode: 2, meaning: "There is no such option." },
  "usage.option.value": { exitCode: 2, meaning: "An option lacks its value, or the value makes no sense." },
  "usage.option.repeated": { exitCode: 2, meaning: "An option that may be given once was given twice." },
  "usage.option.missing": { exitCode: 2, meaning: "A required option is missing." },
  "usage.argument.encoding": { exitCode: 2, meaning: "An argument is not UTF-8." },
  "usage.argument.missing": { exitCode: 2, meaning: "A required argument is missing." },
  "usage.argument.unexpected": { exitCode: 2, meaning: "There are more arguments than the command takes." },
  "usage.option.combination": {
    exitCode: 2,
    meaning: "Options do not go together, or one lacks another that it needs.",
  },
  "usage.argument.value": { exitCode: 2, meaning: "An argument makes no sense." },
  "usage.signing.failed": { exitCode: 2, meaning: "The signature cannot be made or written." },
  "usage.source.registry": { exitCode: 2, meaning: "The source is a registry; only what is on disk can be verified." },
  "usage.source.invalid": { exitCode: 2, meaning: "The source is not a valid reference of its transport." },
  "usage.source.unsupported": { exitCode: 2, meaning: "The source is of a transport that cannot be read here." },
  "usage.input.empty": { exitCode: 2, meaning: "There was no request on the standard input of batch." },
  "usage.request.malformed": { exitCode: 2, meaning: "A line given to batch is not a request." },
  "usage.reference.invalid": { exitCode: 2, meaning: "A reference does not say which image is to be checked." },
  "usage.output.unwritable": { exitCode: 2, meaning: "A file named by an output option cannot be written." },
  "usage.state.invalid": {
    exitCode: 2,
    meaning:
      "The file given to --resume is not a record of such a run, is not safe, is in use, or cannot be read or written.",
  },
  "usage.database.unusable": {
    exitCode: 2,
    meaning: "The database of audits cannot be reached or used, is none, or was made by a later version.",
  },
  "usage.evidence.unusable": { exitCode: 2, meaning: "What an audit fetches cannot be kept, or read back." },
  "usage.audit.unknown": { exitCode: 2, meaning: "There is no audit of this name in the database, or none at all." },
  "usage.audit.exists": { exitCode: 2, meaning: "There is an audit of this name already." },

  "identity.empty": { exitCode: 2, meaning: "The identity is empty." },
  "identity.transport.unknown": { exitCode: 2, meaning: "The identity names a transport that does not exist." },
  "identity.reference.invalid": { exitCode: 2, meaning: "The identity is not a valid reference of its transport." },
  "identity.path.unresolvable": { exitCode: 2, meaning: "The path in the identity cannot be resolved." },

  "policy.missing": { exitCode: 3, meaning: "There is no policy.json in any of the places it is looked for." },
  "policy.unreadable": { exitCode: 3, meaning: "The policy file cannot be read." },
  "policy.too-large": {
    exitCode: 3,
    meaning: "The policy is larger than 16 MiB, or holds more than 500,000 values.",
  },
  "policy.json.syntax": { exitCode: 3, meaning: "The policy is not JSON." },
  "policy.json.depth": { exitCode: 3, meaning: "The policy is nested more than 10,000 levels deep." },
  "policy.key.unknown": { exitCode: 3, meaning: "The policy has a key that does not exist there." },
  "policy.key.duplicate": { exitCode: 3, meaning: "The policy has the same key twice in one object." },
  "policy.key.missing": { exitCode: 3, meaning: "The policy lacks a required key." },
  "policy.value.type": { exitCode: 3, meaning: "A value in the policy is of the wrong JSON type." },
  "policy.value.empty": { exitCode: 3, meaning: "A value in the policy is empty where something is required." },
  "policy.value.base64": { exitCode: 3, meaning: "A value in the policy is not valid base64." },
  "policy.value.unknown": { exitCode: 3, meaning: "A value in the policy is none of those allowed there." },
  "policy.value.reference": { exitCode: 3, meaning: "A value in the policy is not a valid docker reference." },
  "policy.value.prefix": { exitCode: 3, meaning: "A prefix of remapIdentity is not valid." },
  "policy.scope.invalid": { exitCode: 3, meaning: "A scope in the policy is not valid for its transport." },
  "policy.sources.none": { exitCode: 3, meaning: "A requirement names no key or certificate to check against." },
  "policy.sources.several": { exitCode: 3, meaning: "A requirement names several sources where one is allowed." },
  "policy.rekor.missing": { exitCode: 3, meaning: "fulcio is used without a Rekor public key." },
  "policy.rekor.unsupported": { exitCode: 3, meaning: "pki is used with a Rekor public key." },
  "policy.trust.unreadable": {
    exitCode: 3,
    meaning: "A key or certificate file that the policy names cannot be read.",
  },
  "policy.trust.too-large": { exitCode: 3, meaning: "A key or certificate file is larger than 32 MiB." },
  "policy.trust.invalid": { exitCode: 3, meaning: "A key or certificate that the policy names cannot be used." },
  "policy.trust.empty": { exitCode: 3, meaning: "A keyring that the policy names holds no usable key." },
  "policy.trust.too-costly": { exitCode: 3, meaning: "Keys that the policy names take too much work to read." },
  "policy.trust.unsupported": { exitCode: 3, meaning: "The policy asks for a kind of key that was never implemented." },

  "image.source.unreadable": { exitCode: 4, meaning: "The source cannot be opened." },
  "image.source.malformed": {
    exitCode: 4,
    meaning: "A file that says what is in a layout, an archive or a storage is not what it should be.",
  },
  "image.source.not-found": { exitCode: 4, meaning: "The source holds no image of that name." },
  "image.source.ambiguous": { exitCode: 4, meaning: "The source holds several images, and none of them was named." },
  "image.source.changed": { exitCode: 4, meaning: "The storage was changed each time that it was read." },
  "image.archive.malformed": { exitCode: 4, meaning: "The archive is no tar file, is cut, or cannot be decompressed." },
  "image.archive.member": {
    exitCode: 4,
    meaning: "The archive has a member that images do not have: a path that leads out, a link, the same name twice.",
  },
  "image.archive.too-large": { exitCode: 4, meaning: "The archive holds more than is read." },
  "image.version.unsupported": { exitCode: 4, meaning: "The directory's version file is not one of a known format." },
  "image.manifest.missing": { exitCode: 4, meaning: "The source has no manifest.json." },
  "image.manifest.too-large": {
    exitCode: 4,
    meaning: "The manifest is larger than 4 MiB, or holds more than 250,000 values.",
  },
  "image.manifest.malformed": {
    exitCode: 4,
    meaning: "The manifest is not as one must be, or its digest cannot be computed.",
  },
  "image.manifest.ambiguous": {
    exitCode: 4,
    meaning: "A signed schema 1 manifest says something that its digest does not cover, or is of another kind as well.",
  },
  "image.manifest.digest-mismatch": {
    exitCode: 4,
    meaning: "What lies under the name of a digest has another one.",
  },
  "image.instance.missing": { exitCode: 4, meaning: "An image that the index lists is not there." },
  "image.platform.missing": { exitCode: 4, meaning: "The index lists no image for the platform that was asked for." },
  "image.blob.missing": { exitCode: 4, meaning: "Blobs that the manifest names are not there." },
  "image.blob.corrupt": { exitCode: 4, meaning: "Blobs are not what the manifest says: another digest or size." },
  "image.file.unreadable": { exitCode: 4, meaning: "A file of the source cannot be read." },
  "image.file.symlink": { exitCode: 4, meaning: "A file of the source is a symbolic link, which is not followed." },
  "image.file.special": { exitCode: 4, meaning: "A file of the source is not a regular file." },
  "image.signature.too-large": {
    exitCode: 4,
    meaning: "A signature is larger than 4 MiB, or holds more than 10,000 values.",
  },
  "image.signature.too-many": { exitCode: 4, meaning: "The source has more signatures than are looked at." },
  "image.signature.empty": { exitCode: 4, meaning: "A signature file is empty." },
  "image.signature.format": { exitCode: 4, meaning: "A signature file is of no known format." },
  "image.signature.malformed": { exitCode: 4, meaning: "A signature file is of a known format, but broken." },

  "requirement.identity.digest-mismatch": {
    exitCode: 1,
    meaning: "The identity names a digest that is not the manifest's.",
  },
  "requirement.reject": { exitCode: 1, meaning: "The policy rejects every image of this scope." },
  "requirement.unsupported": { exitCode: 1, meaning: "The requirement was never implemented, and always refuses." },
  "requirement.signature.missing": {
    exitCode: 1,
    meaning: "A signature is required, and there is none of the right kind.",
  },
  "requirement.signature.not-accepted": { exitCode: 1, meaning: "None of the signatures is acceptable." },
  "requirement.signed.missing": {
    exitCode: 1,
    meaning: "--require-signed was given, and nothing in the policy verifies a signature of this image.",
  },
  "requirement.satisfied": { exitCode: 0, meaning: "The requirement is met." },

  "signature.accepted": { exitCode: 0, meaning: "The signature meets the requirement." },
  "signature.format.other": {
    exitCode: 1,
    meaning: "The signature is of a format that this requirement does not look at.",
  },
  "signature.mime-type.other": { exitCode: 1, meaning: "The attachment is not a signature." },
  "signature.openpgp.malformed": { exitCode: 1, meaning: "The OpenPGP message is malformed." },
  "signature.openpgp.unsupported": {
    exitCode: 1,
    meaning: "The OpenPGP message uses something that is not supported.",
  },
  "signature.openpgp.not-signed": { exitCode: 1, meaning: "The OpenPGP message is not signed." },
  "signature.openpgp.several": { exitCode: 1, meaning: "The OpenPGP message has more than one signature." },
  "signature.openpgp.trailing-data": { exitCode: 1, meaning: "There is data after the OpenPGP message." },
  "signature.key.unknown": { exitCode: 1, meaning: "The signature was made by a key that the policy does not name." },
  "signature.key.not-listed": {
    exitCode: 1,
    meaning: "The signature was made by a key of the keyring that is not one of the given fingerprints.",
  },
  "signature.key.expired": { exitCode: 1, meaning: "The signing key has expired." },
  "signature.key.revoked": { exitCode: 1, meaning: "The signing key has been revoked." },
  "signature.key.unusable": {
    exitCode: 1,
    meaning: "The key that made the signature may not sign, or its binding is invalid.",
  },
  "signature.key.weak": {
    exitCode: 1,
    meaning: "The key that made the signature is too weak, or of a kind that is not accepted.",
  },
  "signature.expired": { exitCode: 1, meaning: "The signature has expired." },
  "signature.time.future": { exitCode: 1, meaning: "The signature is dated in the future." },
  "signature.time.before-key": { exitCode: 1, meaning: "The signature is older than the key that made it." },
  "signature.hash.weak": {
    exitCode: 1,
    meaning: "The signature, or a self-signature of its key, uses a hash that is too weak.",
  },
  "signature.too-costly": {
    exitCode: 1,
    meaning: "This signature, or those before it, take too much work for one image; it was not judged.",
  },
  "signature.invalid": {
    exitCode: 1,
    meaning: "The cryptographic check failed: the content or the signature was changed, or another key made it.",
  },
  "signature.payload.malformed": { exitCode: 1, meaning: "What was signed is not a well-formed signature payload." },
  "signature.digest.algorithm": {
    exitCode: 1,
    meaning: "The signature is valid, but for a digest by another algorithm than the one that was given.",
  },
  "signature.digest.mismatch": { exitCode: 1, meaning: "The signature is valid, but for another manifest." },
  "signature.identity.mismatch": { exitCode: 1, meaning: "The signature is valid, but for another identity." },
  "signature.annotation.missing": {
    exitCode: 1,
    meaning: "The sigstore signature lacks a part that the requirement needs.",
  },
  "signature.base64.malformed": { exitCode: 1, meaning: "The sigstore signature is not valid base64." },
  "signature.rekor.malformed": { exitCode: 1, meaning: "The Rekor entry is malformed." },
  "signature.rekor.unsupported": {
    exitCode: 1,
    meaning: "The Rekor entry is of a kind or version that is not supported.",
  },
  "signature.rekor.untrusted": { exitCode: 1, meaning: "The Rekor entry is not signed by a Rekor key of the policy." },
  "signature.rekor.mismatch": { exitCode: 1, meaning: "The Rekor entry is about another signature." },
  "signature.certificate.malformed": { exitCode: 1, meaning: "The certificate, or its chain, cannot be parsed." },
  "signature.certificate.expired": { exitCode: 1, meaning: "A certificate was not valid at the relevant time." },
  "signature.certificate.untrusted": { exitCode: 1, meaning: "The certificate does not lead to a trusted root." },
  "signature.certificate.constraint": { exitCode: 1, meaning: "The certificate breaks a constraint of its chain." },
  "signature.certificate.issuer": { exitCode: 1, meaning: "The certificate is for another OIDC issuer, or for none." },
  "signature.certificate.email": { exitCode: 1, meaning: "The certificate is not for the required email address." },
  "signature.certificate.hostname": { exitCode: 1, meaning: "The certificate is not for the required host name." },

  "config.registries.invalid": {
    exitCode: 3,
    meaning: "registries.conf, or a file of registries.conf.d, cannot be used.",
  },
  "config.location.invalid": {
    exitCode: 3,
    meaning: "registries.conf gives an image a place that is not a valid one.",
  },
  "config.registries-d.invalid": {
    exitCode: 3,
    meaning: "A file of registries.d, or a lookaside that it names, cannot be used.",
  },
  "config.credentials.invalid": { exitCode: 3, meaning: "auth.json, or a credential helper, cannot be used." },
  "config.certificates.invalid": { exitCode: 3, meaning: "The certificates for a registry cannot be used." },

  "source.unreachable": { exitCode: 5, meaning: "A registry, mirror or lookaside cannot be reached, or breaks off." },
  "source.timeout": { exitCode: 5, meaning: "A registry, mirror or lookaside does not answer in time." },
  "source.tls": { exitCode: 5, meaning: "There is no secure connection to a registry, mirror or lookaside." },
  "source.unauthorized": {
    exitCode: 5,
    meaning: "A registry, mirror or lookaside refuses the credentials, or asks for some.",
  },
  "source.not-found": { exitCode: 5, meaning: "The registry does not have the image." },
  "source.throttled": {
    exitCode: 5,
    meaning: "A registry, mirror or lookaside asks again and again to come back later.",
  },
  "source.refused": { exitCode: 5, meaning: "A registry, mirror or lookaside answers with an error." },
  "source.malformed": { exitCode: 5, meaning: "What a registry, mirror or lookaside answers makes no sense." },
  "source.blocked": { exitCode: 5, meaning: "registries.conf blocks the registry." },

  "internal.error": { exitCode: 70, meaning: "A bug in this program. The image was not accepted." },
} as const satisfies Record<string, CodeEntry>;

/** A published code. */
export type Code = keyof typeof codes;

// A program that changes a 1 to a 0 here would be told so, and not accept by it.
for (const entry of Object.values(codes)) Object.freeze(entry);
Object.freeze(codes);

/** The exit code of a published code; that of a bug for anything else. */
export function exitCodeOf(code: Code): ExitCode {
  return typeof code === "string" && Object.hasOwn(codes, code) ? codes[code].exitCode : 70;
}
