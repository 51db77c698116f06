/** Puts contents into a store, for as long as it lives: `node write-contents.run.ts DIRECTORY FROM`. */
import { openDirectoryStore } from "../../../src/audit/evidence/directory-store.ts";
import { contentNumber } from "./contents.ts";

const [directory = "", from = "0"] = process.argv.slice(2);
const store = await openDirectoryStore(directory);
for (let at = Number(from); ; at += 1) {
  await store.put(contentNumber(at));
  if (at === Number(from)) process.stdout.write("begun\n");
}
