import { type Digest, digestText } from "../../encoding/digest.ts";
import { type BlobMemo, blobMemoKey } from "../../engine/check-blobs.ts";
import type { ImageChoice } from "../../engine/request.ts";
import type { Image, OpenImage, SignatureOrigin, UnreadSignature } from "../../image/image.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { fail, ok, type Result } from "../../result.ts";
import {
  type ContentKey,
  type Evidence,
  type EvidenceStore,
  type Finding,
  type ImageEvidence,
  type ManifestEvidence,
  StoreFailed,
} from "./evidence.ts";

/** An image that answers as its source did. */
export interface Replay {
  readonly image: ImageChoice;
  /** What is known of its blobs. */
  readonly blobMemo: BlobMemo;
  /** Whether it was asked for: it is not where the policy cannot be used. */
  wasOpened(): boolean;
  /**
   * Why something of it could not be read, so that the verdict is none: the engine takes what is thrown within a policy for a bug, and makes
   * a verdict of it. To be asked after each judgement.
   */
  failure(): StoreFailed | undefined;
}

export function replay(evidence: Evidence, store: EvidenceStore): Replay {
  const { transport } = evidence;
  if (evidence.kind === "problem") {
    const open = () => fail(evidence.problem);
    const image = { kind: "open", transport, open } as const;
    return { image, blobMemo: new Map(), wasOpened: () => false, failure: () => undefined };
  }
  let failure: StoreFailed | undefined;
  let wasOpened = false;
  const told = (failed: StoreFailed) => (failure ??= failed);
  const open = () => {
    wasOpened = true;
    const source = new ReplayedImage(evidence, store, told);
    return ok({ image: source, source, ...pathOf(evidence) });
  };
  const image = { kind: "open", transport, open } as const;
  return { image, blobMemo: memoOf(evidence), wasOpened: () => wasOpened, failure: () => failure };
}

function pathOf({ opened }: ImageEvidence): { readonly path?: string } {
  return opened === undefined ? {} : { path: opened.servedBy };
}

/** All blobs of an evidence are in one place; whatever it is called, it is the memo's only one. */
const place = "evidence";

function memoOf({ blobs }: ImageEvidence): BlobMemo {
  return new Map(
    (blobs?.list ?? []).map(({ finding, ...listed }) => [
      blobMemoKey(place, listed),
      Promise.resolve("found" in finding ? ok(finding.found) : fail(finding.problem)),
    ]),
  );
}

type Told = (failure: StoreFailed) => void;

/** The manifest is read from the store once it is asked for, and so are the signatures. */
export class ReplayedImage implements OpenImage {
  readonly blobsIn = place;
  /** Only for what is said of a rejection; absent where there is none. */
  readonly unreadSignature?: () => UnreadSignature;
  readonly #evidence: ImageEvidence;
  readonly #store: EvidenceStore;
  readonly #told: Told;
  #wereSignaturesAsked = false;

  constructor(evidence: ImageEvidence, store: EvidenceStore, told: Told) {
    this.#evidence = evidence;
    this.#store = store;
    this.#told = told;
    const { unreadSignature } = evidence;
    if (unreadSignature !== undefined) this.unreadSignature = () => unreadSignature;
  }

  get untrustedMediaType(): string | undefined {
    return this.#evidence.untrustedMediaType;
  }

  get signaturesFrom(): SignatureOrigin {
    const { signaturesFrom, signaturesFoundIn = signaturesFrom } = this.#evidence;
    return this.#wereSignaturesAsked ? signaturesFoundIn : signaturesFrom;
  }

  manifest(): Promise<Result<Uint8Array, ImageProblem>> {
    return this.#read(this.#evidence.manifest, (key) => this.#content(key));
  }

  signatures(): Promise<Result<readonly Uint8Array[], ImageProblem>> {
    return this.#signatures(this.#evidence);
  }

  signaturesOf(): never {
    throw this.#lacks("signatures of another image");
  }

  instance(digest: Digest): Image {
    const name = digestText(digest);
    const instance = () => {
      const known = this.#evidence.instances.get(name);
      if (known === undefined) throw this.#lacks(`the image ${name}`);
      return known;
    };
    let untrustedMediaType: string | undefined;
    return {
      get untrustedMediaType() {
        return untrustedMediaType;
      },
      manifest: async () => {
        const known = instance();
        ({ untrustedMediaType } = known);
        return this.#read(known.manifest, (key) => this.#content(key));
      },
      signatures: async () => this.#signatures(instance()),
    };
  }

  /** Asked only for those that the memo does not answer for: those whose image's time was over. */
  blob(digest: Digest): Result<never, ImageProblem> {
    const name = digestText(digest);
    for (const listed of this.#evidence.blobs?.list ?? []) {
      if (digestText(listed.digest) === name && "problem" in listed.finding) return fail(listed.finding.problem);
    }
    throw this.#lacks(`the blob ${name}`);
  }

  close(): void {}

  async #signatures({ signatures }: ManifestEvidence): Promise<Result<readonly Uint8Array[], ImageProblem>> {
    this.#wereSignaturesAsked = true;
    if (signatures === undefined) throw this.#lacks("signatures");
    return this.#read(signatures, (keys) => Promise.all(keys.map((key) => this.#content(key))));
  }

  async #read<K, T>(finding: Finding<K>, read: (kept: K) => Promise<T>): Promise<Result<T, ImageProblem>> {
    return "problem" in finding ? fail(finding.problem) : ok(await read(finding.found));
  }

  async #content(key: ContentKey): Promise<Uint8Array> {
    try {
      const content = await this.#store.get(key);
      if (content !== undefined) return content;
    } catch (error) {
      if (error instanceof StoreFailed) this.#told(error);
      throw error;
    }
    throw this.#lacks(`the content ${key}`);
  }

  #lacks(what: string): StoreFailed {
    const failure = new StoreFailed(`${what} is asked for, and is not among what was kept`, { isOfOne: true });
    this.#told(failure);
    return failure;
  }
}
