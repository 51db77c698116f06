import { maxCpuInfoBytes } from "../limits.ts";
import { readBoundedFile } from "./bounded-file.ts";

/** What this machine runs, by the names that images use, which are Go's. */
export interface HostPlatform {
  readonly os: string;
  readonly architecture: string;
  /** "" where there is none, or it cannot be told. */
  readonly variant: string;
}

/** What the runtime calls otherwise than Go (go tool dist list). */
const systems = new Map([
  ["win32", "windows"],
  ["sunos", "solaris"],
]);
const architectures = new Map([
  ["x64", "amd64"],
  ["ia32", "386"],
  ["ppc64", "ppc64le"],
  ["mipsel", "mipsle"],
]);

/**
 * The platform of this machine, as the reference finds it where none is asked for (image/v5: internal/pkg/platform/platform_matcher.go
 * WantedPlatforms): the architecture is that of the program, and only for ARM the machine is asked for its variant.
 *
 * @param machine this one, unless said otherwise.
 */
export function hostPlatform(
  machine: { readonly platform: string; readonly arch: string; readonly cpuInfo: () => string | undefined } = {
    platform: process.platform,
    arch: process.arch,
    cpuInfo: readCpuInfo,
  },
): HostPlatform {
  const os = systems.get(machine.platform) ?? machine.platform;
  const architecture = architectures.get(machine.arch) ?? machine.arch;
  return { os, architecture, variant: variantOf(os, architecture, machine.cpuInfo) };
}

/** getCPUVariant. */
function variantOf(os: string, architecture: string, cpuInfo: () => string | undefined): string {
  if (architecture !== "arm" && architecture !== "arm64") return "";
  if (os === "darwin" || os === "windows") return architecture === "arm64" ? "v8" : "v7";
  // getCPUInfo knows how to ask Linux only.
  return os === "linux" ? linuxVariant(cpuInfo() ?? "") : "";
}

/** getCPUVariantArm. */
function linuxVariant(cpuInfo: string): string {
  const architecture = cpuInfoField(cpuInfo, "cpu architecture")?.toLowerCase() ?? "";
  if (architecture !== "7") return variants.get(architecture) ?? "";
  // Linux tells the memory model, which a Raspberry Pi Zero shares with v7.
  const model = cpuInfoField(cpuInfo, "model name");
  if (model === undefined) return "";
  return model.toLowerCase().startsWith("armv6-compatible") ? "v6" : "v7";
}

const variants = new Map([
  ["8", "v8"],
  ["aarch64", "v8"],
  ["7m", "v7"],
  ["?(12)", "v7"],
  ["?(13)", "v7"],
  ["?(14)", "v7"],
  ["?(15)", "v7"],
  ["?(16)", "v7"],
  ["?(17)", "v7"],
  ["6", "v6"],
  ["6tej", "v6"],
  ["5", "v5"],
  ["5t", "v5"],
  ["5te", "v5"],
  ["5tej", "v5"],
  ["4", "v4"],
  ["4t", "v4"],
  ["3", "v3"],
]);

/** The first field of that name, which is in lower case. */
function cpuInfoField(cpuInfo: string, name: string): string | undefined {
  for (const line of cpuInfo.split("\n")) {
    const [key = "", value] = line.split(":");
    if (value !== undefined && key.trim().toLowerCase() === name) return value.trim();
  }
  return undefined;
}

function readCpuInfo(): string | undefined {
  const content = readBoundedFile("/proc/cpuinfo", { maxBytes: maxCpuInfoBytes, followLinks: true });
  return content.ok ? Buffer.from(content.value).toString("latin1") : undefined;
}
