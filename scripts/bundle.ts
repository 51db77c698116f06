/**
 * Makes one file of the program, for systems that have Node or Bun: `bun scripts/bundle.ts ENTRY OUTPUT`.
 *
 * Two things make it start a sixth quicker on Node (docs/performance.md). Built-in modules are asked of the process where
 * they are first used: an `import` makes Node load them all at the start, and touch each of their exports, streams and
 * sockets included. And the file is plain ASCII, which Node reads without decoding.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";

interface Plugin {
  readonly name: string;
  setup(build: {
    onLoad(
      on: { readonly filter: RegExp },
      load: (found: { readonly path: string; readonly loader: string }) => { contents: string; loader: string },
    ): void;
  }): void;
}

/** What is used here of Bun's bundler. */
declare const Bun: {
  build(settings: Readonly<Record<string, unknown>> & { readonly plugins: readonly Plugin[] }): Promise<{
    readonly outputs: readonly [{ text(): Promise<string> }];
  }>;
};

/** `import { a, type B, c as d } from "node:fs";`, `import e from "module";`, `import * as f from "node:crypto";` */
const builtInImport = /^import (?:\{([^}]*)\}|(?:\* as )?(\w+)) from ["']([\w:/]+)["'];?$/gm;

const builtInModules: Plugin = {
  name: "built-in modules",
  setup(build) {
    build.onLoad({ filter: /\.m?[jt]s$/ }, ({ path, loader }) => ({
      contents: readFileSync(path, "utf8").replaceAll(builtInImport, fromProcess),
      loader,
    }));
  },
};

function fromProcess(statement: string, names: string | undefined, whole: string | undefined, module: string): string {
  if (!isBuiltin(module)) return statement;
  const values = names
    ?.split(",")
    .filter((name) => !name.trim().startsWith("type "))
    .join(",")
    .replaceAll(" as ", ": ");
  return `const ${values === undefined ? whole : `{${values}}`} = process.getBuiltinModule("${module}");`;
}

const [entry = "", output = ""] = process.argv.slice(2);
const { outputs } = await Bun.build({
  entrypoints: [entry],
  target: "node",
  format: "esm",
  minify: true,
  // These are found where they were installed, or not at all. koffi looks for a binary beside itself; the client of PostgreSQL would make the
  // file a third larger, and whoever has such a server can install it.
  external: ["koffi", "pg", "pg-boss"],
  // Otherwise the environment can make openpgp.js print what it thinks to standard output.
  define: { "process.env.NODE_ENV": '"production"' },
  plugins: [builtInModules],
});
const text = await outputs[0].text();
// In a string, a regular expression or a name, which is all there is once comments are gone, the escape means the same.
const ascii = text.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
writeFileSync(output, ascii, { mode: 0o755 });
