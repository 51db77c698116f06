import type { JsonNode } from "../../encoding/json.ts";
import { encodeGoJson } from "../../encoding/json-go-encode.ts";
import { errorVerdict } from "../../engine/error-verdict.ts";
import type { Descriptor } from "../../host/descriptors/channel.ts";
import type { Pipe } from "../../host/descriptors/pipe.ts";
import { blobOfBytes } from "../../image/blob-of-bytes.ts";
import type { Platform } from "../../image/platform.ts";
import { verdictDocument } from "../../report/document.ts";
import { errorText, type Result } from "../../result.ts";
import type { AcceptedImage } from "../core/accepted-image.ts";
import { type CopyProblem, copyBlob } from "../core/copy-blob.ts";
import type { ImageService } from "../core/image-service.ts";
import { type Opening, openImage } from "../core/open-image.ts";
import { BadArgument, digestArgument, expectCount, numberArgument, openArguments, textArgument } from "./arguments.ts";
import { layersOf, ociConfigOf, ociManifestOf } from "./as-oci.ts";
import { copyFailure, otherFailure, problemFailure, verdictFailure } from "./failures.ts";
import { failureReply, type ProxyFailure, type ProxyReply, valueReply } from "./reply.ts";
import { parseRequest } from "./request.ts";

/**
 * The version of skopeo's protocol that is spoken. Clients take 0.2.9 as a promise of `OpenVarlinkSocket`, and nothing else than 0.2.x is
 * understood by them; of our own methods they learn from `GetExtensions`.
 */
const protocolVersion = "0.2.8";

/** Our own methods, beside those of skopeo. */
const extensions = { methods: ["OpenImageWithIdentity", "VerifyImage"] };

export interface SessionSettings {
  readonly service: ImageService;
  readonly requireSigned: boolean;
  readonly platform: Platform;
  readonly openPipe: () => Result<Pipe, { readonly errno: string }>;
  /** Told of each image that was not accepted. */
  readonly onRefused: (message: string) => void;
}

/** What fills a pipe that a client reads. */
interface ActivePipe {
  readonly done: Promise<Result<number, CopyProblem>>;
  /** The client gets no end of file before it asks whether all is well. */
  close(): void;
}

/**
 * One client of the image proxy, from its first request to its last (container-libs: common/pkg/json-proxy/handler.go): requests are
 * answered one after the other. Pipes are filled meanwhile, also after their image was closed.
 */
export class ProxySession {
  readonly #settings: SessionSettings;
  readonly #end = new AbortController();
  readonly #images = new Map<bigint, AcceptedImage>();
  readonly #pipes = new Map<number, ActivePipe>();
  #isInitialized = false;
  #lastImage = 0n;
  #lastPipe = 0;

  constructor(settings: SessionSettings) {
    this.#settings = settings;
  }

  /** Never throws: a bug is an error of that request. */
  async answer(untrustedPacket: Uint8Array): Promise<ProxyReply | "shutdown"> {
    const request = parseRequest(untrustedPacket);
    if (!request.ok) return failureReply(otherFailure(`invalid request: ${request.problem}`));
    const { untrustedMethod, untrustedArguments } = request.value;
    if (untrustedMethod === "Shutdown") return "shutdown";
    const method = Object.hasOwn(this.#methods, untrustedMethod) ? this.#methods[untrustedMethod] : undefined;
    if (method === undefined) return failureReply(otherFailure(`unknown method: ${untrustedMethod}`));
    try {
      if (!this.#isInitialized && !alwaysThere.has(untrustedMethod)) {
        throw new BadArgument("client error: must invoke Initialize");
      }
      return await method(untrustedArguments);
    } catch (error) {
      if (error instanceof BadArgument) return failureReply(otherFailure(error.message));
      return failureReply(otherFailure(`internal error: ${errorText(error)}`));
    }
  }

  /** Cuts what is under way. */
  async close(): Promise<void> {
    this.#end.abort(new Error("the client is gone"));
    for (const pipe of this.#pipes.values()) pipe.close();
    for (const image of this.#images.values()) await image.close();
    this.#images.clear();
    this.#pipes.clear();
  }

  readonly #methods: Readonly<Record<string, (untrusted: readonly JsonNode[]) => Promise<ProxyReply> | ProxyReply>> = {
    Initialize: (untrusted) => this.#initialize(untrusted),
    OpenImage: (untrusted) => this.#open(untrusted, { isOptional: false }),
    OpenImageOptional: (untrusted) => this.#open(untrusted, { isOptional: true }),
    CloseImage: async (untrusted) => {
      expectCount(untrusted, 1);
      const { handle, image } = this.#imageOf(untrusted[0]);
      this.#images.delete(handle);
      await image.close();
      return valueReply(null);
    },
    GetManifest: async (untrusted) => {
      expectCount(untrusted, 1);
      const { image } = this.#imageOf(untrusted[0]);
      const manifest = await ociManifestOf(image);
      if (!manifest.ok) return failureReply(problemFailure(manifest.problem));
      return this.#bytesReply(image.digest, manifest.value);
    },
    GetFullConfig: (untrusted) => this.#config(untrusted, "whole"),
    GetConfig: (untrusted) => this.#config(untrusted, "inner"),
    GetLayerInfo: async (untrusted) => {
      expectCount(untrusted, 1);
      const layers = await layersOf(this.#imageOf(untrusted[0]).image);
      return layers.ok ? valueReply(layers.value) : failureReply(problemFailure(layers.problem));
    },
    GetLayerInfoPiped: async (untrusted) => {
      expectCount(untrusted, 1);
      const layers = await layersOf(this.#imageOf(untrusted[0]).image);
      if (!layers.ok) return failureReply(problemFailure(layers.problem));
      return this.#bytesReply(null, Buffer.from(encodeGoJson(layers.value)));
    },
    GetBlob: (untrusted) => this.#blob(untrusted),
    GetRawBlob: (untrusted) => this.#rawBlob(untrusted),
    FinishPipe: (untrusted) => this.#finishPipe(untrusted),
    GetExtensions: (untrusted) => {
      expectCount(untrusted, 0);
      return valueReply(extensions);
    },
    OpenImageWithIdentity: (untrusted) => this.#openWithIdentity(untrusted),
    VerifyImage: (untrusted) => this.#verify(untrusted),
  };

  async #initialize(untrusted: readonly JsonNode[]): Promise<ProxyReply> {
    expectCount(untrusted, 0);
    if (this.#isInitialized) throw new BadArgument("already initialized");
    // Read once, and for all images of this client; one that cannot be used is told at once.
    const { engine, policy } = this.#settings.service;
    const prepared = await engine.checkPolicy(policy);
    if (!prepared.ok) return failureReply(verdictFailure(errorVerdict(prepared.problem.problem, prepared.problem)));
    this.#isInitialized = true;
    return valueReply(protocolVersion);
  }

  async #open(untrusted: readonly JsonNode[], { isOptional }: { readonly isOptional: boolean }): Promise<ProxyReply> {
    expectCount(untrusted, 1);
    const untrustedText = textArgument(untrusted[0], "imageref");
    const opening = await this.#judge({
      untrustedText,
      identity: undefined,
      requireSigned: undefined,
      platform: undefined,
    });
    if (opening.kind === "opened") return this.#keep(opening.image);
    return isOptional && opening.isAbsent ? valueReply(0) : this.#refusal(opening);
  }

  async #openWithIdentity(untrusted: readonly JsonNode[]): Promise<ProxyReply> {
    const opening = await this.#judge(identityArguments(untrusted));
    if (opening.kind !== "opened") return this.#refusal(opening);
    return this.#keep(opening.image, { verdict: verdictDocument(opening.verdict) });
  }

  /** Success is an acceptance, and nothing else is. */
  async #verify(untrusted: readonly JsonNode[]): Promise<ProxyReply> {
    const opening = await this.#judge(identityArguments(untrusted));
    if (opening.kind !== "opened") return this.#refusal(opening);
    await opening.image.close();
    return valueReply(null, { verdict: verdictDocument(opening.verdict) });
  }

  #judge({
    untrustedText,
    identity,
    requireSigned,
    platform = this.#settings.platform,
  }: JudgedArguments): Promise<Opening> {
    return openImage(
      {
        name: { kind: "reference", untrustedText },
        identity,
        requireSigned: this.#settings.requireSigned || requireSigned === true,
        platform,
        signal: this.#end.signal,
      },
      this.#settings.service,
    );
  }

  #refusal({ verdict }: Extract<Opening, { kind: "refused" }>): ProxyReply {
    const failure = verdictFailure(verdict);
    this.#settings.onRefused(failure.verdict?.message ?? failure.message);
    return failureReply(failure);
  }

  /** A manifest of which no parts can be told is an error already here (image/v5: image.FromUnparsedImage); it uses up no handle. */
  async #keep(image: AcceptedImage, more: Partial<ProxyReply> = {}): Promise<ProxyReply> {
    const parts = image.parts();
    if (!parts.ok) {
      await image.close();
      return failureReply(verdictFailure(errorVerdict(parts.problem)));
    }
    this.#lastImage += 1n;
    this.#images.set(this.#lastImage, image);
    return valueReply(Number(this.#lastImage), more);
  }

  #imageOf(node: JsonNode | undefined): { readonly handle: bigint; readonly image: AcceptedImage } {
    const handle = numberArgument(node);
    if (handle === 0n) throw new BadArgument("invalid imageid value of zero");
    const image = this.#images.get(handle);
    if (image === undefined) throw new BadArgument(`no image ${handle}`);
    return { handle, image };
  }

  async #config(untrusted: readonly JsonNode[], which: "whole" | "inner"): Promise<ProxyReply> {
    expectCount(untrusted, 1);
    const config = await ociConfigOf(this.#imageOf(untrusted[0]).image);
    return config.ok ? this.#bytesReply(null, config.value[which]) : failureReply(problemFailure(config.problem));
  }

  async #blob(untrusted: readonly JsonNode[]): Promise<ProxyReply> {
    expectCount(untrusted, 3);
    const { image } = this.#imageOf(untrusted[0]);
    textArgument(untrusted[1], "blobid");
    const sizeBytes = numberArgument(untrusted[2]);
    const digest = digestArgument(untrusted[1]);
    const blob = await image.blob(digest);
    if (!blob.ok) return failureReply(problemFailure(blob.problem));
    const pipe = this.#settings.openPipe();
    if (!pipe.ok) return failureReply(noPipe(pipe.problem));
    const { writer, readEnd } = pipe.value;
    const expected = { digest, sizeBytes: Number(BigInt.asIntN(64, sizeBytes)) };
    const pipeId = this.#addPipe(writer, copyBlob(blob.value, writer, expected));
    return valueReply(blob.value.sizeBytes ?? -1, { pipeId, descriptors: [readEnd] });
  }

  async #rawBlob(untrusted: readonly JsonNode[]): Promise<ProxyReply> {
    expectCount(untrusted, 2);
    const { image } = this.#imageOf(untrusted[0]);
    const digest = digestArgument(untrusted[1]);
    const blob = await image.blob(digest);
    if (!blob.ok) return failureReply(problemFailure(blob.problem));
    const data = this.#settings.openPipe();
    if (!data.ok) return failureReply(noPipe(data.problem));
    const errors = this.#settings.openPipe();
    if (!errors.ok) {
      data.value.writer.close();
      data.value.readEnd.close();
      return failureReply(noPipe(errors.problem));
    }
    const copied = copyBlob(blob.value, data.value.writer, undefined);
    void copied.then(async (result) => {
      data.value.writer.close();
      if (!result.ok) {
        const { errorCode: code, message } = copyFailure(result.problem);
        await errors.value.writer.write(Buffer.from(encodeGoJson({ code, message })));
      }
      errors.value.writer.close();
    });
    const descriptors: readonly Descriptor[] = [data.value.readEnd, errors.value.readEnd];
    return valueReply(blob.value.sizeBytes ?? -1, { descriptors });
  }

  /** All of it through a pipe. */
  #bytesReply(value: unknown, bytes: Uint8Array): ProxyReply {
    const pipe = this.#settings.openPipe();
    if (!pipe.ok) return failureReply(noPipe(pipe.problem));
    const { writer, readEnd } = pipe.value;
    const pipeId = this.#addPipe(writer, copyBlob(blobOfBytes(bytes), writer, undefined));
    return valueReply(value, { pipeId, descriptors: [readEnd] });
  }

  #addPipe(writer: { close(): void }, done: ActivePipe["done"]): number {
    this.#lastPipe = (this.#lastPipe % maxPipeId) + 1;
    while (this.#pipes.has(this.#lastPipe)) this.#lastPipe = (this.#lastPipe % maxPipeId) + 1;
    this.#pipes.set(this.#lastPipe, { done, close: () => writer.close() });
    return this.#lastPipe;
  }

  /** Waits until all was written, and only then ends the pipe. Further arguments are ignored, as by the reference. */
  async #finishPipe(untrusted: readonly JsonNode[]): Promise<ProxyReply> {
    const id = Number(BigInt.asUintN(32, numberArgument(untrusted[0])));
    const pipe = this.#pipes.get(id);
    if (pipe === undefined) throw new BadArgument(`finishpipe: no active pipe ${id}`);
    const result = await pipe.done;
    pipe.close();
    this.#pipes.delete(id);
    return result.ok ? valueReply(null) : failureReply(copyFailure(result.problem));
  }
}

function noPipe({ errno }: { readonly errno: string }): ProxyFailure {
  return otherFailure(`no pipe can be opened: ${errno}`);
}

/** An unsigned number of 32 bits, and not 0. */
const maxPipeId = 0xffff_ffff;

/** What can be asked before `Initialize`. */
const alwaysThere: ReadonlySet<string> = new Set(["Initialize", "FinishPipe", "GetExtensions"]);

interface JudgedArguments {
  readonly untrustedText: string;
  readonly identity: string | undefined;
  readonly requireSigned: boolean | undefined;
  readonly platform: Platform | undefined;
}

/** Of our own methods: the image, what it was obtained as, and options. */
function identityArguments(untrusted: readonly JsonNode[]): JudgedArguments {
  expectCount(untrusted, 2, 3);
  return {
    untrustedText: textArgument(untrusted[0], "imageref"),
    identity: textArgument(untrusted[1], "identity"),
    ...openArguments(untrusted[2]),
  };
}
