// Ends the process with one line where Node is too old: imported before everything else, which would fail in other ways there,
// with a stack trace and exit code 1, which means "rejected". Nothing is imported here: sealcheck.mjs, one file, asks the
// process for built-in modules as Node has them since 22.3 (scripts/bundle.ts).

/** As `engines` of package.json has it; a test compares. */
const required = [22, 3] as const;

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const isNewEnough = major > required[0] || (major === required[0] && minor >= required[1]);
if (!isNewEnough && !("bun" in process.versions)) {
  process.stderr.write(
    `sealcheck needs Node ${required.join(".")} or newer, and this is Node ${process.versions.node}: nothing was verified.\n`,
  );
  process.exit(2);
}

export {};
