import type { Digest } from "../../encoding/digest.ts";
import { unmetChoice } from "../../engine/request.ts";
import { parseManifestDigest } from "../../image/manifest.ts";
import { fail, ok, type Result } from "../../result.ts";
import { type Place, parsePlace } from "../../source/place.ts";
import type { CommandProblem } from "../../words/command-words.ts";
import { formatOf } from "../arguments/format-option.ts";
import { imageOptionsOf, overrides } from "../arguments/image-options.ts";
import type { Options } from "../arguments/parse-arguments.ts";
import type { Io } from "../io.ts";
import { reportCommandProblem } from "../report.ts";
import { judgeOne } from "./judge-one.ts";

/**
 * Judges the image of a source.
 *
 * @returns the exit code.
 */
export async function verifyInstallable(options: Options, source: string, io: Io): Promise<number> {
  const command = "verify-installable";
  const refuse = (problem: CommandProblem) => reportCommandProblem(problem, command, formatOf(options), io);
  const manifestDigest = manifestDigestOf(options);
  if (!manifestDigest.ok) return refuse(manifestDigest.problem);
  if (options["layout-signatures"] === true && options["load-signatures-from"] !== undefined) {
    return refuse(notWith("layout-signatures", "load-signatures-from"));
  }
  const called = { command, options, io } as const;
  if (options["all-images"] === true) {
    const place = storeOf(source, options);
    if (!place.ok) return refuse(place.problem);
    const { allImages } = await import("./all-images.ts");
    return allImages(place.value, called);
  }
  if (options["as-stored"] === true || options["allow-empty"] === true) {
    const option = options["as-stored"] === true ? "as-stored" : "allow-empty";
    return refuse({ code: "usage.option.combination", option, why: { kind: "needs", other: "all-images" } });
  }
  const chosen = imageOptionsOf(options);
  if (!chosen.ok) return refuse(chosen.problem);
  const { platform, blobs, useAttachments } = chosen.value;
  if (useAttachments && !isLayout(source)) {
    const why = { kind: "only-layouts", source } as const;
    return refuse({ code: "usage.option.combination", option: "layout-signatures", why });
  }
  if (options.identity === undefined) return refuse({ code: "usage.option.missing", option: "identity" });
  const image = {
    kind: "source",
    source,
    manifestDigest: manifestDigest.value,
    useAttachments,
    signaturesFrom: options["load-signatures-from"],
  } as const;
  const request = { identity: options.identity, image, platform, blobs };
  const unmet = unmetChoice(request);
  // It is in a source always.
  if (unmet !== undefined) return refuse(notWith(givenFor(unmet.choice, options), "manifest-digest"));
  return judgeOne(request, called);
}

/** A platform is also given by the options that override this machine's. */
function givenFor(choice: "platform" | "blobs", options: Options): string {
  return choice === "platform" && options.platform === undefined
    ? (overrides.find((name) => options[name] !== undefined) ?? choice)
    : choice;
}

/** What is no place at all is told as that. */
function isLayout(source: string): boolean {
  const place = parsePlace(source);
  return !place.ok || place.value.transport === "oci" || place.value.transport === "oci-archive";
}

/** The storage of which every image is to be judged, and nothing that is about a single one. */
function storeOf(source: string, options: Options): Result<StoragePlace, CommandProblem> {
  const single = [
    "identity",
    "manifest-digest",
    "load-signatures-from",
    "layout-signatures",
    "digest-file",
    "manifest-out",
    "platform",
    ...overrides,
    "blobs",
  ] as const;
  const given = single.find((option) => options[option] !== undefined);
  if (given !== undefined) return fail(notWith(given, "all-images"));
  const place = parsePlace(source);
  if (place.ok && place.value.transport === "containers-storage" && place.value.image === "") return ok(place.value);
  return fail({
    code: "usage.argument.value",
    argument: "SOURCE",
    why: { kind: "no-store", value: source, option: "all-images" },
  });
}

type StoragePlace = Extract<Place, { transport: "containers-storage" }>;

function manifestDigestOf(options: Options): Result<Digest | undefined, CommandProblem> {
  const text = options["manifest-digest"];
  if (text === undefined) return ok(undefined);
  if (options["manifest-out"] !== undefined) return fail(notWith("manifest-out", "manifest-digest"));
  const digest = parseManifestDigest(text);
  if (digest !== undefined) return ok(digest);
  const why = { kind: "no-digest", value: text } as const;
  return fail({ code: "usage.option.value", option: "manifest-digest", why });
}

function notWith(option: string, other: string): CommandProblem {
  return { code: "usage.option.combination", option, why: { kind: "not-with", other } };
}
