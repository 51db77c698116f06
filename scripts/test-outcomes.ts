import { relative, resolve } from "node:path";

/** What is used here of the events of node:test. */
export interface TestEvent {
  readonly name: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly nesting: number;
}

export interface TestEnd extends TestEvent {
  readonly skip?: string | boolean | undefined;
  readonly todo?: string | boolean | undefined;
  readonly details: { readonly type?: string | undefined };
}

export interface TestFailure extends TestEvent {
  readonly details: { readonly error: Error };
}

/** How much is shown of what a file printed. */
const maxOutputCharacters = 10_000;

/** Collects what the tests of a run did, and says it in no more lines than somebody needs who looks for a failure. */
export class Outcomes {
  readonly #root: string;
  #passed = 0;
  #areGood = true;
  readonly #failures: { readonly file: string; readonly title: string }[] = [];
  /** By reason: in which file how many. */
  readonly #skipped = new Map<string, Map<string, number>>();
  /** Of each file, the names of the tests and suites that an event is inside. */
  readonly #names = new Map<string, string[]>();
  readonly #output = new Map<string, string>();

  /** @param root where paths in the texts begin. */
  constructor(root: string) {
    this.#root = root;
  }

  start(event: TestEvent): void {
    const names = this.#names.get(this.#fileOf(event)) ?? [];
    names.splice(event.nesting, names.length, event.name);
    this.#names.set(this.#fileOf(event), names);
  }

  pass({ skip, todo, details, ...event }: TestEnd): void {
    const reason = skip ?? todo ?? false;
    if (reason === false) {
      if (details.type !== "suite") this.#passed += 1;
      return;
    }
    // A suite that is skipped tells nothing of the tests in it: it counts as one.
    const text = typeof reason === "string" && reason !== "" ? reason : "no reason given";
    const files = this.#skipped.get(text) ?? new Map<string, number>();
    files.set(this.#fileOf(event), (files.get(this.#fileOf(event)) ?? 0) + 1);
    this.#skipped.set(text, files);
  }

  /** What to say of it at once; "" if the failures inside it have said it already. */
  fail(event: TestFailure): string {
    this.#areGood = false;
    const { error } = event.details;
    if ("failureType" in error && error.failureType === "subtestsFailed") return "";
    const file = this.#fileOf(event);
    const names = [...(this.#names.get(file) ?? []).slice(0, event.nesting), event.name];
    const isWholeFile = resolve(this.#root, event.name) === event.file;
    const title = isWholeFile ? file : `${file}:${event.line ?? 0} ${names.join(" > ")}`;
    this.#failures.push({ file, title });
    return `FAILED ${title}\n${indented(this.#errorText(error.cause ?? error))}\n`;
  }

  print(file: string | undefined, text: string): void {
    const place = this.#fileOf({ file });
    this.#output.set(place, `${this.#output.get(place) ?? ""}${text}`.slice(-maxOutputCharacters));
  }

  /** Nothing failed, and something passed. */
  get areGood(): boolean {
    return this.#areGood && this.#passed > 0;
  }

  /** `N passed, N failed`, and how many were skipped if any were. */
  get total(): string {
    const failed = this.#areGood ? 0 : Math.max(1, this.#failures.length);
    let skipped = 0;
    for (const files of this.#skipped.values()) for (const count of files.values()) skipped += count;
    return `${this.#passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`;
  }

  /** What was skipped and why, what the files in which something failed had printed, and the failures again. */
  get summary(): string {
    const lines: string[] = [];
    for (const [reason, files] of this.#skipped) {
      lines.push(`skipped: ${reason}`);
      for (const [file, count] of files) lines.push(`  ${file}: ${count}`);
    }
    for (const file of new Set(this.#failures.map((failure) => failure.file))) {
      const output = this.#output.get(file);
      if (output !== undefined) lines.push(`printed by ${file}:`, indented(output.trimEnd()));
    }
    for (const { title } of this.#failures) lines.push(`failed: ${title}`);
    return lines.map((line) => `${line}\n`).join("");
  }

  #fileOf({ file = "" }: { readonly file?: string | undefined }): string {
    return relative(this.#root, file);
  }

  /** The message, which has the difference, and where in our files it was. */
  #errorText(error: unknown): string {
    if (!(error instanceof Error)) return String(error);
    const frames = (error.stack ?? "").split("\n").filter((line) => /^ +at /.test(line) && !line.includes("node:"));
    const named = `${error.name}: ${error.message.trimEnd()}`;
    const cause = error.cause === undefined ? "" : `\ncaused by ${this.#errorText(error.cause)}`;
    return [named, ...frames].join("\n").replaceAll(`file://${this.#root}/`, "") + cause;
  }
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "  ");
}
