import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { it } from "node:test";
import { temporaryDirectory } from "./support/temporary.ts";

// Whoever takes a verdict apart writes functions over its parts, and needs their names. So every type that can be reached from
// a public one is public too. What is read here are the declarations that the compiler makes for the package.

const root = join(import.meta.dirname, "..");

interface Module {
  /** What is declared here, by its name, with the text of the declaration. */
  readonly declared: ReadonlyMap<string, string>;
  /** What is imported or re-exported, by its name here. */
  readonly imported: ReadonlyMap<string, { readonly path: string; readonly name: string }>;
}

/** Parses one file of declarations as the compiler prints them: each statement begins at the left margin. */
function readModule(path: string): Module {
  const text = readFileSync(path, "utf8")
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/^\s*\/\/.*$/gm, "");
  const declared = new Map<string, string>();
  const imported = new Map<string, { path: string; name: string }>();
  for (const statement of text.split(/^(?=import |export |interface |type |declare )/m)) {
    const list = /^(?:import|export) (?:type )?\{([^}]*)\} from "([^"]+)"/.exec(statement);
    if (list !== null) {
      for (const entry of (list[1] ?? "").split(",")) {
        const [, name = "", alias = name] = /^\s*(?:type )?(\w+)(?: as (\w+))?\s*$/.exec(entry) ?? [];
        if (name === "" || !(list[2] ?? "").startsWith(".")) continue;
        imported.set(alias, { path: join(dirname(path), (list[2] ?? "").replace(/\.ts$/, ".d.ts")), name });
      }
      continue;
    }
    const name = /^(?:export )?(?:declare )?(?:interface|type|class|abstract class|function|const) (\w+)/.exec(
      statement,
    );
    if (name?.[1] !== undefined) declared.set(name[1], (declared.get(name[1]) ?? "") + statement);
    else assert.match(statement, /^\s*(?:export \{\};\s*)?$/, `${path}: a statement that this test cannot read`);
  }
  return { declared, imported };
}

/** Names in a declaration, without those in texts, of members, and of its own type parameters. */
function namesIn(declaration: string): readonly string[] {
  const code = declaration.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  const parameters = new Set(
    [...code.matchAll(/(?:[<,]\s*|infer )([A-Z]\w*)(?= extends| =|[,>])/g)].map(([, name]) => name),
  );
  const isShadowed = (name: string): boolean => /^[A-Z]$/.test(name) && parameters.has(name);
  return [...new Set(code.match(/(?<![.\w])[A-Za-z_]\w*(?!\w|\??:)/g) ?? [])].filter((name) => !isShadowed(name));
}

it("every type that a public one holds is exported by name", () => {
  const out = temporaryDirectory();
  const args = ["-p", "tsconfig.build.json", "--emitDeclarationOnly", "--outDir", out];
  execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), ...args], { cwd: root });

  const modules = new Map<string, Module>();
  const moduleAt = (path: string): Module => {
    const module = modules.get(path) ?? readModule(path);
    modules.set(path, module);
    return module;
  };
  /** Where a name is declared; `undefined` if it is no name of ours. */
  const resolve = (path: string, name: string): string | undefined => {
    const { declared, imported } = moduleAt(path);
    if (declared.has(name)) return `${path} ${name}`;
    const origin = imported.get(name);
    return origin === undefined ? undefined : resolve(origin.path, origin.name);
  };

  const declarationAt = (place: string): string => {
    const [path = "", name = ""] = place.split(" ");
    return moduleAt(path).declared.get(name) ?? assert.fail(place);
  };

  const index = join(out, "index.d.ts");
  const publicNames = new Map(
    [...moduleAt(index).imported.keys()].map((name) => [resolve(index, name) ?? assert.fail(name), name]),
  );
  for (const name of ["Verdict", "RequirementOutcome", "verdictDocument"]) {
    assert.ok([...publicNames.values()].includes(name), name);
  }

  const missing = new Map<string, string>();
  const visited = new Set<string>();
  const visit = (place: string): void => {
    if (visited.has(place)) return;
    visited.add(place);
    const [path = "", name = ""] = place.split(" ");
    for (const used of namesIn(declarationAt(place))) {
      const target = resolve(path, used);
      if (target === undefined || used === name) continue;
      // A constant is here by the type that is made of it (`typeof`).
      const isType = !/^(?:export )?declare const /.test(declarationAt(target));
      if (isType && !publicNames.has(target)) missing.set(target.slice(out.length + 1), name);
      visit(target);
    }
  };
  for (const place of publicNames.keys()) visit(place);

  assert.ok(visited.size > 60, `only ${visited.size} declarations were found`);
  assert.deepEqual(
    [...missing].map(([place, user]) => `${place}, used by ${user}`).sort(),
    [],
    "add these to src/index.ts",
  );
});
