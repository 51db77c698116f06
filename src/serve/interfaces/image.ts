import { type Digest, digestText, parseDigest } from "../../encoding/digest.ts";
import { errorVerdict } from "../../engine/error-verdict.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { maxBlobsUnderWay, maxOpenImages } from "../../limits.ts";
import type { Result } from "../../result.ts";
import { problemText } from "../../words/problem-words.ts";
import { line } from "../../words/quote.ts";
import type { AcceptedImage } from "../core/accepted-image.ts";
import { type CopyProblem, copyBlob } from "../core/copy-blob.ts";
import type { ImageName } from "../core/image-name.ts";
import { openImage } from "../core/open-image.ts";
import { hasOwnRights } from "../service/caller.ts";
import { noteVerdict, type ServiceCore } from "../service/service-core.ts";
import { type Implementation, implement } from "../varlink/implement.ts";
import { type Call, type Connection, errorReply, invalidParameter, reply } from "../varlink/interface.ts";
import { type DevSealcheckImage, dev_sealcheck_Image } from "../varlink/interfaces/dev-sealcheck-image.ts";
import { sealed, takeDirectory } from "./call-files.ts";
import { Handles } from "./handles.ts";
import { refuse } from "./refuse.ts";
import { openingError } from "./wire-error.ts";
import { wireVerdict } from "./wire-verdict.ts";

type Parameters<M extends keyof DevSealcheckImage["methods"]> = DevSealcheckImage["methods"][M]["parameters"];

/** dev.sealcheck.Image: docs/varlink has what it promises. What a connection opened is closed with it. */
export function imageInterface(core: ServiceCore): Implementation {
  const handles = new WeakMap<Connection, Handles>();
  const handlesOf = (connection: Connection): Handles => {
    const known = handles.get(connection) ?? new Handles(connection);
    handles.set(connection, known);
    return known;
  };
  return implement(dev_sealcheck_Image, {
    Open: (call) => open(call, handlesOf(call.connection), core),
    GetManifest: ({ parameters, connection }) => {
      if (!connection.carriesDescriptors) return refuse("NotPermitted", noDescriptors, connection, core);
      const image = handlesOf(connection).image(parameters.image);
      if (image === undefined) return errorReply("HandleUnknown", { handle: parameters.image });
      const { manifest, digest, mediaType } = image;
      const told = { digest, media_type: mediaType, size_bytes: manifest.length, manifest_fd_index: 0 };
      return reply(told, [sealed("manifest", manifest, core)]);
    },
    GetConfig: async ({ parameters, connection }) => {
      if (!connection.carriesDescriptors) return refuse("NotPermitted", noDescriptors, connection, core);
      const image = handlesOf(connection).image(parameters.image);
      if (image === undefined) return errorReply("HandleUnknown", { handle: parameters.image });
      const parts = image.parts();
      const config = await image.config();
      if (!parts.ok) return problemReply(parts.problem, connection, core);
      if (!config.ok) return problemReply(config.problem, connection, core);
      const { config: named } = parts.value;
      if (named === undefined) throw new Error("a configuration that was read is named");
      const digest = digestText(named.digest);
      const told = { digest, media_type: named.mediaType, size_bytes: config.value.length, config_fd_index: 0 };
      return reply(told, [sealed("config", config.value, core)]);
    },
    GetLayerInfo: async ({ parameters, connection }) => {
      const image = handlesOf(connection).image(parameters.image);
      if (image === undefined) return errorReply("HandleUnknown", { handle: parameters.image });
      const layers = await layersOf(image);
      if (!layers.ok) return problemReply(layers.problem, connection, core);
      const told = layers.value.map(({ digest, mediaType, sizeBytes }) => {
        return { digest: digestText(digest), media_type: mediaType, size_bytes: sizeBytes ?? null };
      });
      return reply({ layers: told });
    },
    GetBlob: (call) => getBlob(call, handlesOf(call.connection), core),
    FinishBlob: async ({ parameters, connection }) => {
      const done = handlesOf(connection).finish(parameters.blob);
      if (done === undefined) return errorReply("HandleUnknown", { handle: parameters.blob });
      const result = await done;
      if (result.ok) return reply({ size_bytes: result.value });
      return refuse("BlobBroken", brokenText(result.problem), connection, core);
    },
    Close: async ({ parameters, connection }) => {
      const isClosed = await handlesOf(connection).close(parameters.image);
      return isClosed ? reply({}) : errorReply("HandleUnknown", { handle: parameters.image });
    },
  });
}

const noDescriptors = { code: "caller.descriptors", message: "Descriptors cannot be sent on this connection." };

async function open(call: Call<Parameters<"Open">>, handles: Handles, core: ServiceCore) {
  const { parameters, connection, signal } = call;
  if (!handles.hasRoom) {
    const message = `There are ${maxOpenImages} open images on this connection, which is the most there may be.`;
    return refuse("LimitReached", { code: "limit.images", message }, connection, core);
  }
  const { reference, directory_fd_index: index, image_name: untrustedImage, options } = parameters;
  if ((reference === null) === (index === null)) return invalidParameter("reference");
  if (reference !== null && (parameters.directory_layout !== null || untrustedImage !== null)) {
    return invalidParameter(untrustedImage === null ? "directory_layout" : "image_name");
  }
  if (reference !== null && !hasOwnRights(connection.peer)) {
    const message =
      "This service opens what is named by a reference only for root and for its own user, as it would open it with its own rights. Send an open directory instead.";
    return refuse("NotPermitted", { code: "caller.reference", message }, connection, core);
  }
  let name: ImageName;
  if (reference !== null) name = { kind: "reference", untrustedText: reference };
  else {
    const directory = takeDirectory(index ?? -1, call, core);
    if (!directory.ok) return directory.problem;
    const layout = parameters.directory_layout ?? "dir";
    name = { kind: "directory", directory: directory.value, layout, untrustedImage: untrustedImage ?? "" };
  }
  const { platform } = options ?? {};
  const start = core.elapsed();
  const opening = await openImage(
    {
      name,
      identity: parameters.identity,
      requireSigned: core.requireSigned || options?.require_signed === true,
      platform: platform
        ? { os: platform.operating_system, architecture: platform.architecture, variant: platform.variant ?? "" }
        : core.platform,
      // As long as the image is open, and not only during this call.
      signal: connection.closed,
    },
    core,
  );
  const { verdict } = opening;
  noteVerdict(core, verdict, { peer: connection.peer, start });
  if (verdict.outcome === "error") return openingError(verdict, opening.kind === "refused" && opening.isAbsent);
  const known = wireVerdict(verdict);
  // There was a manifest: of it all is known.
  const wire = {
    ...known,
    manifest_media_type: known.manifest_media_type ?? "",
    manifest_size_bytes: known.manifest_size_bytes ?? 0,
  };
  if (opening.kind === "refused") return reply({ image: null, verdict: wire });
  if (signal.aborted) {
    await opening.image.close();
    throw new Error("the caller is gone");
  }
  return reply({ image: handles.add(opening.image), verdict: wire });
}

async function getBlob({ parameters, connection }: Call<Parameters<"GetBlob">>, handles: Handles, core: ServiceCore) {
  if (!connection.carriesDescriptors) {
    return refuse("NotPermitted", noDescriptors, connection, core);
  }
  const image = handles.image(parameters.image);
  if (image === undefined) return errorReply("HandleUnknown", { handle: parameters.image });
  const digest = parseDigest(parameters.digest);
  if (digest === undefined) return invalidParameter("digest");
  const named = await namedBlob(image, digest);
  if (!named.ok) return problemReply(named.problem, connection, core);
  if (named.value === undefined) return errorReply("BlobUnknown", { digest: parameters.digest });
  if (!handles.hasRoomForBlob) {
    const message = `There are ${maxBlobsUnderWay} blobs under way on this connection, which is the most there may be.`;
    return refuse("LimitReached", { code: "limit.blobs", message }, connection, core);
  }
  const blob = await image.blob(digest);
  if (!blob.ok) return problemReply(blob.problem, connection, core);
  const pipe = core.descriptors.openPipe();
  if (!pipe.ok) throw new Error(pipe.problem.errno);
  const { writer, readEnd } = pipe.value;
  const { sizeBytes } = named.value;
  const done = copyBlob(blob.value, writer, { digest, sizeBytes }).finally(() => writer.close());
  const told = { blob: handles.addBlob(done, () => writer.close()), size_bytes: blob.value.sizeBytes ?? null };
  return reply({ ...told, data_fd_index: 0 }, [readEnd]);
}

/** What the source has to give in place of the manifest's layers, or these. */
async function layersOf(image: AcceptedImage) {
  const inPlace = await image.layersForCopy();
  if (inPlace !== undefined) return inPlace;
  const parts = image.parts();
  return parts.ok ? { ok: true as const, value: parts.value.layers } : parts;
}

/** Only blobs that belong to the image that was accepted are handed out. */
async function namedBlob(
  image: AcceptedImage,
  { algorithm, hex }: Digest,
): Promise<Result<{ readonly sizeBytes: number | undefined } | undefined, ImageProblem>> {
  const layers = await layersOf(image);
  if (!layers.ok) return layers;
  const parts = image.parts();
  if (!parts.ok) return parts;
  const { config } = parts.value;
  const all = [...layers.value, ...(config === undefined ? [] : [config])];
  return { ok: true, value: all.find(({ digest }) => digest.algorithm === algorithm && digest.hex === hex) };
}

function problemReply(problem: ImageProblem, { peer }: Connection, { log }: ServiceCore) {
  const verdict = errorVerdict(problem);
  log.verdict(verdict, peer);
  return openingError(verdict, false);
}

function brokenText(problem: CopyProblem): { readonly code: string; readonly message: string } {
  switch (problem.kind) {
    case "unread":
      return { code: "blob.unread", message: "Nobody reads the pipe any more." };
    case "broken":
      return { code: problem.problem.code, message: problemText(problem.problem) };
    case "source":
      return { code: "blob.source", message: `The blob cannot be read to its end: ${line(problem.reason)}.` };
    case "size":
      return {
        code: "image.blob.corrupt",
        message: `The blob has ${problem.actualBytes} bytes, and the manifest says ${problem.expectedBytes}.`,
      };
    case "digest":
      return { code: "image.blob.corrupt", message: `The blob is not ${problem.digest}.` };
  }
}
