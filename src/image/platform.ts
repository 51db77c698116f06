/** What an image runs on. `variant` is "" where there is none, as in Go's structs. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string;
}

/** containerd's platforms package (`specifierRe`), by which podman reads `--platform`. */
const part = /^[A-Za-z0-9_.-]+$/;

/** What other programs call the same, as podman and docker take it too (containerd platforms: database.go normalizeArch, normalizeOS). */
const architectures: ReadonlyMap<string, string> = new Map([
  ["x86_64", "amd64"],
  ["x86-64", "amd64"],
  ["i386", "386"],
  ["aarch64", "arm64"],
]);
const systems: ReadonlyMap<string, string> = new Map([["macos", "darwin"]]);

/**
 * `OS/ARCH` or `OS/ARCH/VARIANT`, as `podman pull --platform` takes it, in any letter case: `linux/arm/v7`.
 *
 * @returns the platform, or `undefined` if `text` is not one.
 */
export function parsePlatform(text: string): Platform | undefined {
  const parts = text.split("/", 4);
  if (parts.length < 2 || parts.length > 3 || !parts.every((name) => part.test(name))) return undefined;
  const [os = "", architecture = "", variant = ""] = parts.map((name) => name.toLowerCase());
  return {
    os: systems.get(os) ?? os,
    architecture: architectures.get(architecture) ?? architecture,
    variant,
  };
}

/** `OS/ARCH`, or `OS/ARCH/VARIANT` if there is a variant. */
export function platformText({ os, architecture, variant }: Platform): string {
  return variant === "" ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/** The variants of an architecture that are known, from the most capable on (platform_matcher.go compatibility). */
const knownVariants: ReadonlyMap<string, readonly string[]> = new Map([
  ["arm", ["v8", "v7", "v6", "v5"]],
  ["arm64", ["v8"]],
]);

/**
 * The platforms whose images run where `wanted` is asked for, the best first (image/v5: internal/pkg/platform/platform_matcher.go
 * WantedPlatforms): a variant takes those that are less capable, no variant takes all, and an image without one is always good.
 */
export function wantedPlatforms(wanted: Platform): readonly Platform[] {
  return wantedVariants(wanted).map((variant) => ({ ...wanted, variant }));
}

function wantedVariants({ architecture, variant }: Platform): readonly string[] {
  const known = knownVariants.get(architecture) ?? [];
  if (variant === "") return ["", ...known];
  const at = known.indexOf(variant);
  return at === -1 ? [variant, ""] : [...known.slice(at), ""];
}

/** image/v5: platform_matcher.go MatchesPlatform. Letter case counts; versions and features of the system do not. */
export function isSamePlatform(left: Platform, right: Platform): boolean {
  return left.os === right.os && left.architecture === right.architecture && left.variant === right.variant;
}
