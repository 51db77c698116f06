/**
 * The bounds on what is read from outside, in one place; what only one format knows, such as the packets of OpenPGP, stands with that. Each
 * is far above what honest files need; what is larger is refused with the code named here, never cut off. docs/limits.md quotes this list.
 */

const mebibyte = 1024 * 1024;

/** policy.json, and `policyText` of a batch request: `policy.too-large`. */
export const maxPolicyBytes = 16 * mebibyte;

/**
 * JSON values in a policy, nested ones included: `policy.too-large`. A policy of 16 MiB may hold eight million of two
 * bytes, which would fill a gigabyte; a keyring of half a megabyte as a list of numbers still fits.
 */
export const maxPolicyValues = 500_000;

/** One key, keyring or certificate file that a policy names: `policy.trust.too-large`. Debian's keyring has 28 MB. */
export const maxTrustFileBytes = 32 * mebibyte;

/** One file of registries.d: `config.registries-d.invalid`; for `policy` commands `lint.registries.unusable`. */
export const maxRegistriesFileBytes = mebibyte;

/** One registries.conf, or a file of registries.conf.d: `config.registries.invalid`. */
export const maxRegistriesConfBytes = mebibyte;

/** Registries and mirrors in all of these files together: `config.registries.invalid`. Each is looked at for each image. */
export const maxRegistryEndpoints = 5_000;

/** Files in the directories of drop-ins of one setting: `config.registries.invalid`, `config.registries-d.invalid`, `lint.registries.unusable`. */
export const maxDropInFiles = 1000;

/** One storage.conf, or a file of storage.conf.d: the reason why the storage is not found. */
export const maxStorageConfBytes = mebibyte;

/**
 * images.json, the list of a storage's images: `image.source.malformed`. An image takes two or three kilobytes in it, so this is
 * for ten thousand of them.
 */
export const maxImageListBytes = 32 * mebibyte;

/** JSON values in it, and in what containers/image keeps there of one image: `image.source.malformed`. An image has about 40. */
export const maxImageListValues = 500_000;

/**
 * layers.json or volatile-layers.json, the lists of a storage's layers: `image.source.malformed`. A layer takes half a kilobyte in it, so this
 * is for sixty thousand of them.
 */
export const maxLayerListBytes = 32 * mebibyte;

/** JSON values in it: `image.source.malformed`. A layer has about 20. */
export const maxLayerListValues = 1_000_000;

/**
 * One entry of the file that says how a stored layer's archive was written (`ID.tar-split.gz`), in JSON: the layer cannot be read. Bytes come in
 * mebibytes at most (tar-split: tar/asm/disassemble.go paddingChunkSize), in base64; long headers may be as large again.
 */
export const maxTarSplitEntryBytes = 8 * mebibyte;

/**
 * Bytes of that file for each byte of the archive, besides `maxTarSplitEntryBytes`: the layer cannot be read. A name may take six times its size
 * in it, and whatever has a name has a header of 512 bytes.
 */
export const maxTarSplitExpansion = 8;

/** The path of a file in it: the layer cannot be read. Linux opens none that is longer (PATH_MAX). */
export const maxLayerPathBytes = 4096;

/** The config of an image in a storage, `image.file.unreadable`; in an archive, `image.archive.member`. The reference's bound (image/v5: internal/iolimits MaxConfigBodySize). */
export const maxConfigBytes = 4 * mebibyte;

/**
 * JSON values in a config that is converted to OCI's: `image.manifest.malformed`. In 4 MiB there may be two million, which would fill half a
 * gigabyte; honest ones have some hundreds.
 */
export const maxConvertedConfigValues = 250_000;

/** images.lock: `image.source.malformed`. An honest one has 64 bytes (containers/storage: pkg/lockfile lastWriterIDSize). */
export const maxLastWriterBytes = 1024;

/** The list of images for `policy diff`: `usage.option.value`. */
export const maxIdentitiesBytes = 16 * mebibyte;

/** The manifest: `image.manifest.too-large`. The reference's bound for manifests (image/v5: internal/iolimits MaxManifestBodySize). */
export const maxManifestBytes = 4 * mebibyte;

/**
 * JSON values in a manifest or an index, nested ones included; in schema 1, in the payload of its own signatures, and in its history:
 * `image.manifest.too-large`. In 4 MiB there may be two million, which would fill half a gigabyte; those that people use have one in some twenty bytes or more.
 */
export const maxManifestValues = 250_000;

/**
 * JWS signatures in a signed schema 1 manifest: `image.manifest.malformed`. Docker made one; in 4 MiB there may be ten thousand,
 * with a key each.
 */
export const maxManifestSignatures = 100;

/** One signature: `image.signature.too-large`. The reference's bound (image/v5: internal/iolimits MaxSignatureBodySize). */
export const maxSignatureBytes = 4 * mebibyte;

/** The first line of a passphrase file counts; the rest of it, up to this size, is read over: `usage.signing.failed`. */
export const maxPassphraseFileBytes = 64 * 1024;

/** What gpg prints: keys of the user's keyring (`policy.trust.too-large`), or a signature (`usage.signing.failed`). */
export const maxGpgOutputBytes = 16 * mebibyte;

/** Signatures of one image: `image.signature.too-many`. */
export const maxSignatures = 1000;

/** All signatures of one image together: `image.signature.too-large`. Keeps a thousand large files from filling memory. */
export const maxSignaturesBytes = 64 * mebibyte;

/**
 * Work for the signatures of one image, about microseconds (crypto/budget.ts): `signature.too-costly` for the one that
 * exceeds it and those that are left. An honest signature takes a few hundred.
 */
export const maxImageWork = 1_000_000;

/**
 * Work for the keys and certificates of one requirement, in the same units: `policy.trust.too-costly`. Debian's keyring, with
 * 900 keys, takes three millions.
 */
export const maxTrustWork = 10_000_000;

/**
 * JSON values in the envelope of a sigstore signature (`image.signature.too-large`), in what was signed
 * (`signature.payload.malformed`), and in each part of a log entry (`signature.rekor.malformed`). Honest ones have about ten.
 */
export const maxSignatureValues = 10_000;

/** The `version` file of a directory; an honest one has 33 bytes: `image.version.unsupported`. */
export const maxVersionFileBytes = 1024;

/** /proc/cpuinfo of an ARM machine, for its variant: of a larger one nothing is known. A machine of 512 processors has some 200 kB. */
export const maxCpuInfoBytes = 4 * mebibyte;

/** One request line of `batch`, without its newline: `usage.request.malformed`. */
export const maxRequestLineBytes = 16 * mebibyte;

/** JSON values in a request line; those of its `policyText` are not among them: `usage.request.malformed`. */
export const maxRequestValues = 100_000;

/** Policies, with the keys they name, that `batch` keeps prepared at a time; the one unused for longest goes first. */
export const maxPreparedPolicies = 16;

/** Their text together; a single larger one is kept as well. */
export const maxPreparedPolicyBytes = 16 * mebibyte;

/**
 * References of `verify-policy` that are taken and whose verdicts are not handed over, as they come in the order of the references: so far may
 * others run ahead of a slow one.
 */
export const maxRunAhead = 10_000;

/** The size of the verdicts that wait for one before them; once there is so much, only that one is judged. */
export const maxRunAheadBytes = 64 * mebibyte;

/**
 * How old a verdict may be that `--resume` takes for this run's: an older one is asked for again. A tag, a signature or a certificate that was
 * right yesterday may not be any more.
 */
export const maxResumedSeconds = 24 * 3600;

/** Verdicts that `--resume` keeps in memory before they are written together, if it takes less than a second to be so many. */
export const maxUnsavedBytes = 8 * mebibyte;

/** `batch --jobs N`. */
export const maxJobs = 64;

/** Request lines of `batch` that are being judged, or wait for a thread, at a time. */
export const maxWaitingBlockBytes = 32 * mebibyte;

/**
 * Images of an index that `--platform all` judges one by one, where the index is not accepted itself: `image.manifest.too-large`. Those that
 * are published for most platforms list a few dozen.
 */
export const maxInstancesJudged = 200;

/** index.json of an OCI layout: `image.source.malformed`. A mirror with ten thousand names in one has 5 MiB. */
export const maxLayoutIndexBytes = 16 * mebibyte;

/** JSON values in it, nested ones included, and in the list of attachments: `image.source.malformed`. */
export const maxLayoutIndexValues = 1_000_000;

/**
 * Members of an archive: `image.archive.malformed`. An image has one for each layer and for each image of an index, and a few more;
 * old archives of docker have three for each layer.
 */
export const maxArchiveMembers = 20_000;

/** A long name or another extended header of a member of an archive: `image.archive.malformed`. */
export const maxArchiveHeaderBytes = 64 * 1024;

/**
 * What a compressed archive, or the compressed layers in an archive, may unpack to: `image.archive.too-large`. This much, but
 * no more than `maxArchiveExpansion` times the size of the file, where that is more than `maxSmallFileUnpackedBytes`.
 */
export const maxArchiveUnpackedBytes = 64 * 1024 * mebibyte;

/**
 * Times the size of the file. Programs and documents unpack to three or four times their size, zeros to a thousand: so the time
 * that a file takes follows from its size.
 */
export const maxArchiveExpansion = 100;

/** A file of any size may unpack to this much, which takes a few seconds. */
export const maxSmallFileUnpackedBytes = 1024 * mebibyte;

/** A file of a compressed archive that is kept in memory when it goes by; a larger one is unpacked again. */
export const maxArchiveKeptFileBytes = 4 * mebibyte;

/** All that is kept of a compressed archive. */
export const maxArchiveKeptBytes = 32 * mebibyte;

/**
 * manifest.json of a docker-archive: `image.archive.member`. The reference's bound (image/v5: internal/iolimits
 * MaxTarFileManifestSize).
 */
export const maxArchiveManifestBytes = mebibyte;

/** JSON values in each of these two, nested ones included: `image.source.malformed`. */
export const maxConfigValues = 250_000;

/**
 * How long all that is asked for one image may take, waiting as a registry wishes included, and the list of a repository's tags:
 * `source.timeout`. Each request has time-outs of its own, and there may be thousands. Blobs that come lengthen it.
 */
export const maxImageSeconds = 3600;

/** So much of a blob's content lengthens that by a second: `source.timeout`. A slow line may have sixteen images to share it. */
export const minBlobBytesPerSecond = 4096;

/** Connections that are kept and that nobody uses: the one unused for longest is closed. A process may often have 1,024 files open. */
export const maxIdleConnections = 256;

/** The headers of an answer: `source.malformed`. Go's bound is 1 MiB, and honest ones have a few hundred bytes. */
export const maxHttpHeaderBytes = mebibyte;

/** What a registry says of an error, in its body: without it nothing is known but the status. The reference's bound (image/v5: internal/iolimits MaxErrorBodySize). */
export const maxRegistryErrorBytes = mebibyte;

/**
 * Passwords and tokens of a run, in the forms in which a server may say them again: those of the oldest are no longer taken out of what servers
 * say. A token holds for some minutes, and has four forms.
 */
export const maxSecretForms = 40_000;

/** What a token server answers: `source.malformed`. The reference's bound (image/v5: internal/iolimits MaxAuthTokenBodySize). */
export const maxTokenBytes = mebibyte;

/** The list of signatures that a registry with OpenShift's extension gives: `source.malformed`. The reference's bound (image/v5: internal/iolimits MaxSignatureListBodySize). */
export const maxSignatureListBytes = 4 * mebibyte;

/** One page of the list of a repository's tags: `source.malformed`. */
export const maxTagListBytes = 16 * mebibyte;

/** Tags of a repository, all pages together: `source.malformed`. The reference's bound is on the pages' bodies alone. */
export const maxTags = 200_000;

/** Pages of that list, which may be empty: `source.malformed`. Registries give fifty tags in a page or more. */
export const maxTagPages = 5_000;

/** Where the next page is: `source.malformed`. */
export const maxTagPageAddress = 8_192;

/** A layer of an old image (schema 1), whose manifest does not say how large its layers are: `image.blob.corrupt`. */
export const maxUnsizedBlobBytes = 64 * 1024 * mebibyte;

/** A file of `--images`: `usage.option.value`. A hundred thousand images take 5 to 15 MiB. */
export const maxInventoryBytes = 32 * mebibyte;

/** Places in it that name an image: `usage.option.value`. */
export const maxInventoryPlaces = 200_000;

/** Collections within each other in a YAML file of `--images`: `usage.option.value`. The schemas of large operators have some 60. */
export const maxInventoryDepth = 200;

/**
 * Tokens in one of its YAML documents, such as words, indentations and line ends: `usage.option.value`. A document takes about 300 bytes
 * of memory for each, and a hundred thousand images in one need about a million.
 */
export const maxInventoryTokens = 3_000_000;

/** auth.json and its kin: `config.credentials.invalid`. An entry takes some hundred bytes, or some thousand with a token. */
export const maxCredentialsFileBytes = 4 * mebibyte;

/** JSON values in it, nested ones included: `config.credentials.invalid`. */
export const maxCredentialsValues = 100_000;

/** What a credential helper prints: `config.credentials.invalid`. The tokens of cloud providers have a few kilobytes. */
export const maxHelperOutputBytes = mebibyte;

/** How long a credential helper may take: `config.credentials.invalid`. It may ask a person for a passphrase. */
export const maxHelperSeconds = 120;

/** One certificate or key file of certs.d: `config.certificates.invalid`. A list of all public CAs has some 250 kB. */
export const maxCertificateFileBytes = 4 * mebibyte;

/** Files of certs.d for one registry: `config.certificates.invalid`. */
export const maxCertificateFiles = 1000;

/** One file with CAs of the system: `config.certificates.invalid` if nothing else is there, else it is passed over. */
export const maxRootFileBytes = 16 * mebibyte;

/** Files with CAs of one directory of the system; those behind, in the order of their names, are passed over. */
export const maxRootFiles = 10_000;

/** A varlink message with its NUL: LimitReached, and the connection is closed. What sd-varlink takes (VARLINK_BUFFER_MAX). */
export const maxMessageBytes = 16 * mebibyte;

/** JSON values in it, nested ones included: LimitReached, as above. A request of VerifyMany has about eight. */
export const maxMessageValues = 250_000;

/** How deep they are nested: LimitReached, as above. Our interfaces need six levels. */
export const maxMessageDepth = 64;

/** Descriptors that come with a message: LimitReached, as above. Our methods take one; a process may not have many thousand. */
export const maxMessageDescriptors = 16;

/** What is read of a connection's next calls while one is answered; the rest waits in the socket. */
export const maxReadAheadBytes = 64 * 1024;

/** Images that are open on one connection of the service: LimitReached. */
export const maxOpenImages = 64;

/** Blobs of one connection that are read, or whose end nobody asked for: LimitReached. */
export const maxBlobsUnderWay = 64;

/** Connections of the service, unless `--max-connections` says otherwise: those behind are closed at once. */
export const maxConnections = 1024;

/** Of these, by one user who is neither root nor the service's own. */
export const maxConnectionsOfUser = 128;

/** Images of one registry that a worker of an audit takes at a time: a few minutes of work, and what a killed one loses at most. */
export const maxChunkImages = 500;

/** What is known of one image in an audit, its contents not included: it is not kept. An image with ten layers takes two kilobytes. */
export const maxEvidenceBytes = 64 * mebibyte;
