import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { openProgress, progressLine } from "../../src/report/progress.ts";

const counts = { total: 10_000, accepted: 4100, rejected: 90, error: 10 };
const speed = { perSecond: 38.4, secondsLeft: 151 };

describe("the line, by what there is room for", () => {
  const text = "4200/10000  4100 accepted  90 rejected  10 not verified  about 3 minutes left  38/s";
  const rows: readonly (readonly [columns: number, line: string])[] = [
    [200, `[${"#".repeat(15)}${"-".repeat(23)}]  ${text}`],
    [100, `[#####-------]  ${text}`],
    [98, `[####------]  ${text}`],
    [97, text],
    [84, text],
    [83, "4200/10000  4100 accepted  90 rejected  10 not verified  about 3 minutes left"],
    [70, "[####------]  4200/10000  4100 accepted  90 rejected  10 not verified"],
    [40, "4200/10000  4100 accepted  90 rejected"],
    [26, "4200/10000  4100 accepted"],
    [25, "[####------]  4200/10000"],
    [11, "4200/10000"],
    [8, "4200/10"],
    [1, ""],
    [0, ""],
  ];
  for (const [columns, line] of rows) {
    it(`${columns} columns`, () => assert.equal(progressLine(counts, { ...speed, columns, colour: false }), line));
  }

  it("is never as long as the terminal is wide, and has nothing that moves the cursor", () => {
    const count = fc.nat(1_000_000);
    const anyCounts = fc.record({ total: count, accepted: count, rejected: count, error: count });
    const number = fc.double({ min: 0, noNaN: true });
    const anySpeed = fc.record({ perSecond: number, secondsLeft: number }, { requiredKeys: [] });
    fc.assert(
      fc.property(anyCounts, anySpeed, fc.nat(300), (some, { ...its }, columns) => {
        const line = progressLine(some, { ...its, columns, colour: false });
        assert.ok(line.length < Math.max(1, columns), line);
        assert.match(line, /^[ -~]*$/);
      }),
    );
  });

  it("colours what there is of each outcome, and is as long", () => {
    const how = { ...speed, columns: 120 };
    const line = progressLine(counts, { ...how, colour: true });
    assert.ok(
      line.includes(
        "  \u001b[32m4100 accepted\u001b[0m  \u001b[31m90 rejected\u001b[0m  \u001b[33m10 not verified\u001b[0m  ",
      ),
    );
    assert.equal(line.replaceAll(/\u001b\[\d+m/g, ""), progressLine(counts, { ...how, colour: false }));
  });

  const times: readonly (readonly [perSecond: number, secondsLeft: number, text: RegExp])[] = [
    [1000, 5, /less than a minute left {2}1000\/s$/],
    [1, 60, /about 1 minute left {2}1\/s$/],
    [0.5, 3599, /about 60 minutes left {2}30\/min$/],
    [0.5, 3601, /about 1 h 0 min left/],
    [0.01, 35_000, /about 9 h 43 min left {2}1\/min$/],
    [0.01, 360_000, /about 100 hours left/],
  ];
  for (const [perSecond, secondsLeft, expected] of times) {
    it(`${secondsLeft} s at ${perSecond}/s`, () =>
      assert.match(progressLine(counts, { perSecond, secondsLeft, columns: 200, colour: false }), expected));
  }
});

class Screen {
  text = "";
  at = 100;
  columns = 30;
  isTimerOn = true;
  #work: () => void = () => undefined;

  write = async (text: string): Promise<boolean> => {
    this.text += text;
    return true;
  };

  bar(total: number) {
    return openProgress(total, this, {
      ...{ kind: "bar", columns: () => this.columns, colour: false, now: () => this.at },
      every: (_, work) => {
        this.#work = work;
        return () => {
          this.isTimerOn = false;
        };
      },
    });
  }

  /** What is written until the timer's work is done. */
  async tick(seconds = 0.2): Promise<string> {
    this.at += seconds;
    this.#work();
    return this.written();
  }

  async written(): Promise<string> {
    await new Promise((resolve) => setImmediate(resolve));
    const { text } = this;
    this.text = "";
    return text;
  }
}

const erase = "\r\u001b[K";

describe("a bar", () => {
  it("is drawn from time to time, when something changed, and taken away in the end", async () => {
    const screen = new Screen();
    const bar = screen.bar(2);
    assert.equal(await screen.written(), "");
    assert.equal(await screen.tick(), `${erase}[----------------------]  0/2`);
    assert.equal(await screen.tick(), "");
    bar.done("accepted", "a");
    assert.equal(await screen.written(), "", "not for each");
    assert.equal(await screen.tick(), `${erase}[#####-----]  1/2  1 accepted`);
    screen.columns = 12;
    assert.equal(await screen.tick(), `${erase}1/2`);
    await bar.stop();
    assert.equal(await screen.written(), erase);
    assert.equal(screen.isTimerOn, false);
    assert.equal(await screen.tick(), "");
    await bar.stop();
    assert.equal(await screen.written(), "");
  });

  it("goes out of the way of results, and comes back below", async () => {
    const screen = new Screen();
    const bar = screen.bar(9);
    assert.equal(await bar.printAbove("one\n", screen), true);
    assert.equal(await screen.written(), "one\n", "nothing is shown yet");
    const shown = await screen.tick();
    await bar.printAbove("two\nthree\n", screen);
    assert.equal(await screen.written(), `${erase}two\nthree\n${shown.slice(erase.length)}`);
    await bar.stop();
    await bar.printAbove("four\n", screen);
    assert.equal(await screen.written(), `${erase}four\n`);
  });

  it("says whether the results were delivered", async () => {
    const bar = new Screen().bar(9);
    assert.equal(await bar.printAbove("one\n", { write: async () => false }), false);
    await bar.stop();
  });

  it("tells the rate of the last half minute, once there are three seconds of it", async () => {
    const screen = new Screen();
    screen.columns = 80;
    const bar = screen.bar(10_000);
    await screen.tick(0);
    // Known from an earlier run.
    for (let n = 0; n < 5000; n += 1) bar.done("accepted", "");
    assert.doesNotMatch(await screen.tick(2), /left/);
    for (let second = 0; second < 40; second += 1) {
      bar.done("accepted", "");
      bar.done("rejected", "");
      await screen.tick(1);
    }
    bar.done("rejected", "");
    assert.match(await screen.tick(0), /5081\/10000 {2}5040 accepted {2}41 rejected {2}about 40 minutes left {2}2\/s$/);
    await bar.stop();
  });
});

describe("without a terminal", () => {
  it("a line for each image, if that is asked for; what is foreign is escaped", async () => {
    const screen = new Screen();
    const lines = openProgress(2, screen, { kind: "lines" });
    lines.done("accepted", "example.com/a:1");
    lines.done("error", "b\n\u001b[2J");
    await lines.printAbove("result\n", screen);
    await lines.stop();
    assert.deepEqual((await screen.written()).split("\n").sort(), [
      ...["", "1/2 accepted example.com/a:1", '2/2 error "b\\n\\u{1b}[2J"', "result"],
    ]);
  });

  it("or nothing", async () => {
    const screen = new Screen();
    const none = openProgress(2, screen, { kind: "none" });
    none.done("accepted", "a");
    await none.printAbove("result\n", screen);
    await none.stop();
    assert.equal(await screen.written(), "result\n");
  });
});

describe("on a real terminal", { concurrency: true }, () => {
  const root = join(import.meta.dirname, "../..");
  const python = spawnSync("python3", ["-c", "import pty, os; os.waitstatus_to_exitcode"]).status === 0;

  for (const runtime of ["node", "bun"]) {
    const run = (what: string) => {
      const tool = execFileSync("sh", [join(root, "scripts/tool.sh"), runtime], { encoding: "utf8", cwd: root }).trim();
      const words = ["test/report/terminal.py", what, tool, "test/report/progress.run.ts"];
      return JSON.parse(execFileSync("python3", words, { encoding: "utf8", cwd: root }));
    };
    const options = { skip: python ? false : "no python3 with pty", timeout: 60_000 };

    it(`leaves the results, and a clean line (${runtime})`, options, () => {
      const { output, status } = run("end");
      assert.equal(status, 0);
      assert.match(output, /39 accepted|38 accepted|37 accepted/);
      const left = output.split("\r\n").map((line: string) => line.split(erase).at(-1));
      assert.deepEqual(left, [...Array.from({ length: 40 }, (_, n) => `result ${n + 1}`), ""]);
      assert.ok(!output.includes("\u001b[?25l"), "the cursor is never hidden");
    });

    it(`fits a window that was made narrower (${runtime})`, options, () => {
      const { output, before } = run("resize");
      const widths = (text: string) => [...text.matchAll(/\[[#-]+\][ -~]*/g)].map(([line]) => line.length);
      assert.equal(Math.max(...widths(output.slice(0, before))) > 40, true);
      const later = widths(output.slice(before));
      // One line may have been under way.
      assert.ok(later.length > 5 && later.slice(5).every((width) => width < 40), String(later));
    });

    it(`is taken away by Ctrl-C (${runtime})`, options, () => {
      const { output, status } = run("interrupt");
      assert.equal(status, 130);
      assert.match(output.slice(output.lastIndexOf("\r\n")), /\r\u001b\[K(?:\^C)?$|\^C\r\u001b\[K$/);
    });
  }
});
