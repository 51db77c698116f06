import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hostPlatform } from "../../src/host/host-platform.ts";

const cpu = (architecture: string, model?: string) =>
  `processor\t: 0\n${model === undefined ? "" : `model name\t: ${model}\n`}BogoMIPS\t: 108.00\nCPU architecture: ${architecture}\n`;

describe("hostPlatform", () => {
  const rows: readonly (readonly [platform: string, arch: string, cpuInfo: string | undefined, expected: string])[] = [
    ["linux", "x64", cpu("8"), "linux/amd64/"],
    ["linux", "ia32", undefined, "linux/386/"],
    ["linux", "ppc64", undefined, "linux/ppc64le/"],
    ["linux", "s390x", undefined, "linux/s390x/"],
    ["linux", "riscv64", undefined, "linux/riscv64/"],
    ["linux", "mipsel", undefined, "linux/mipsle/"],
    ["win32", "x64", undefined, "windows/amd64/"],
    ["win32", "arm", undefined, "windows/arm/v7"],
    ["darwin", "arm64", undefined, "darwin/arm64/v8"],
    ["sunos", "x64", undefined, "solaris/amd64/"],
    ["freebsd", "arm64", cpu("8"), "freebsd/arm64/"],
    ["linux", "arm64", cpu("8"), "linux/arm64/v8"],
    ["linux", "arm64", cpu("AArch64"), "linux/arm64/v8"],
    ["linux", "arm64", undefined, "linux/arm64/"],
    ["linux", "arm64", "", "linux/arm64/"],
    ["linux", "arm", cpu("8"), "linux/arm/v8"],
    ["linux", "arm", cpu("7", "ARMv7 Processor rev 4 (v7l)"), "linux/arm/v7"],
    ["linux", "arm", cpu("7", "ARMv6-compatible processor rev 7 (v6l)"), "linux/arm/v6"],
    ["linux", "arm", cpu("7"), "linux/arm/"],
    ["linux", "arm", cpu("7M"), "linux/arm/v7"],
    ["linux", "arm", cpu("?(12)"), "linux/arm/v7"],
    ["linux", "arm", cpu("6TEJ"), "linux/arm/v6"],
    ["linux", "arm", cpu("5TE"), "linux/arm/v5"],
    ["linux", "arm", cpu("4T"), "linux/arm/v4"],
    ["linux", "arm", cpu("3"), "linux/arm/v3"],
    ["linux", "arm", cpu("constructor"), "linux/arm/"],
    ["linux", "arm", `${cpu("5")}${cpu("8")}`, "linux/arm/v5"],
    ["constructor", "x64", undefined, "constructor/amd64/"],
  ];
  for (const [platform, arch, cpuInfo, expected] of rows) {
    it(`${platform} ${arch} ${JSON.stringify(cpuInfo)}`, () => {
      const { os, architecture, variant } = hostPlatform({ platform, arch, cpuInfo: () => cpuInfo });
      assert.equal(`${os}/${architecture}/${variant}`, expected);
    });
  }

  it("of this machine has a system and an architecture", () => {
    const { os, architecture } = hostPlatform();
    assert.match(`${os}/${architecture}`, /^[a-z0-9]+\/[a-z0-9]+$/);
  });
});
