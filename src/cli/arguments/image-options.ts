import type { BlobsChoice, PlatformChoice } from "../../engine/choices.ts";
import { hostPlatform } from "../../host/host-platform.ts";
import { type Platform, parsePlatform } from "../../image/platform.ts";
import { fail, ok, type Result } from "../../result.ts";
import type { CommandProblem } from "../../words/command-words.ts";
import type { Options } from "./parse-arguments.ts";

/** What of an image in a source is judged and compared, besides its manifest. */
export interface ImageOptions {
  readonly platform: PlatformChoice | undefined;
  readonly blobs: BlobsChoice;
  readonly useAttachments: boolean;
}

export const overrides = ["override-os", "override-arch", "override-variant"] as const;

export function imageOptionsOf(options: Options): Result<ImageOptions, CommandProblem> {
  const platform = platformOf(options);
  if (!platform.ok) return platform;
  return ok({
    platform: platform.value,
    blobs: blobsOf(options.blobs),
    useAttachments: options["layout-signatures"] === true,
  });
}

/** verify-policy calls it full, where there are others to compare. */
function blobsOf(given: Options["blobs"]): BlobsChoice {
  return given === "full" ? "all" : (given ?? "none");
}

/** As in skopeo, what is overridden of this machine's platform chooses an image as well. */
function platformOf(options: Options): Result<PlatformChoice | undefined, CommandProblem> {
  const { platform: text } = options;
  const override = overrides.find((name) => options[name] !== undefined);
  if (text === undefined) return ok(override === undefined ? undefined : { kind: "one", platform: hostWith(options) });
  if (override !== undefined && text !== "host") {
    const why = { kind: "not-with", other: override } as const;
    return fail({ code: "usage.option.combination", option: "platform", why });
  }
  if (text === "all") return ok({ kind: "all" });
  if (text === "host") return ok({ kind: "one", platform: hostWith(options) });
  const platform = parsePlatform(text);
  if (platform !== undefined) return ok({ kind: "one", platform });
  return fail({ code: "usage.option.value", option: "platform", why: { kind: "no-platform", value: text } });
}

/** This machine's platform, as far as it is not overridden. Another architecture has another variant, or none (image/v5: platform_matcher.go WantedPlatforms). */
export function hostWith(options: Options): Platform {
  const host = hostPlatform();
  const architecture = options["override-arch"] ?? host.architecture;
  const isHosts = options["override-arch"] === undefined;
  return {
    os: options["override-os"] ?? host.os,
    architecture,
    variant: options["override-variant"] ?? (isHosts ? host.variant : ""),
  };
}
