import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { commandTable } from "../src/cli/arguments/table.ts";

const unit = "packaging/systemd/sealcheck.service";

const cannotAnalyse =
  spawnSync("systemd-analyze", ["security", "--offline=true", unit]).error === undefined
    ? false
    : "systemd-analyze is not installed";

it("the unit of systemd exposes next to nothing", { skip: cannotAnalyse }, () => {
  const { stdout } = spawnSync("systemd-analyze", ["security", "--offline=true", unit], { encoding: "utf8" });
  const [, level = ""] = /Overall exposure level for \S+: ([\d.]+)/.exec(stdout) ?? [];
  assert.notEqual(level, "", stdout);
  assert.ok(Number(level) <= 2, `exposure level ${level}`);
});

it("the unit starts a command that there is, with options that it takes", () => {
  const [, command = "", options = ""] =
    /^ExecStart=\/usr\/bin\/sealcheck (\S+)(.*)$/m.exec(readFileSync(unit, "utf8")) ?? [];
  assert.equal(command, "serve");
  const taken: readonly string[] = commandTable.serve.options;
  for (const option of options.trim().split(" ")) assert.ok(taken.includes(option.replace(/^--|=.*$/g, "")), option);
});
