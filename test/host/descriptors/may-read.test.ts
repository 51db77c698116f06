import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { mayRead, maySearch } from "../../../src/host/descriptors/may-read.ts";

const root = { userId: 0, groupId: 0, groups: [] };
const user = { userId: 1000, groupId: 1000, groups: [10, 20] };
/** Whoever the kernel has no number for in this user namespace. */
const unmapped = { userId: 65534, groupId: 65534, groups: [65534] };
/** Of whom the kernel knows nothing. */
const nobody = { userId: 0xffffffff, groupId: 0xffffffff, groups: [] };

const rows = [
  ["root, whatever the mode", root, { uid: 1000, gid: 1000, mode: 0o000 }, true],
  ["the owner", user, { uid: 1000, gid: 0, mode: 0o700 }, true],
  ["the owner, whom the mode leaves out, though all others may", user, { uid: 1000, gid: 0, mode: 0o077 }, false],
  ["the first group", user, { uid: 0, gid: 1000, mode: 0o070 }, true],
  ["another group", user, { uid: 0, gid: 20, mode: 0o070 }, true],
  ["a group that the mode leaves out, though all others may", user, { uid: 0, gid: 20, mode: 0o707 }, false],
  ["another group's member", user, { uid: 0, gid: 30, mode: 0o770 }, false],
  ["others", user, { uid: 0, gid: 0, mode: 0o007 }, true],
  ["others, whom the mode leaves out", user, { uid: 0, gid: 0, mode: 0o770 }, false],
  ["with the bits of the kind of file", user, { uid: 0, gid: 0, mode: 0o100770 }, false],
  ["with set-user-ID and sticky", user, { uid: 0, gid: 0, mode: 0o7770 }, false],
  ["two unknown users need not be the same", unmapped, { uid: 65534, gid: 0, mode: 0o700 }, false],
  ["nor be different", unmapped, { uid: 65534, gid: 0, mode: 0o077 }, false],
  ["two unknown groups need not be the same", unmapped, { uid: 0, gid: 65534, mode: 0o070 }, false],
  ["nor be different groups", unmapped, { uid: 0, gid: 65534, mode: 0o707 }, false],
  ["unknown, where everybody may", unmapped, { uid: 65534, gid: 65534, mode: 0o777 }, true],
  ["unknown, and the owner is known", unmapped, { uid: 0, gid: 0, mode: 0o007 }, true],
  ["nobody owns nothing", nobody, { uid: 0, gid: 0, mode: 0o770 }, false],
  ["nobody, where everybody may", nobody, { uid: 0, gid: 0, mode: 0o007 }, true],
] as const;

for (const [what, name, bit] of [
  [mayRead, "may read", 0o444],
  [maySearch, "may search", 0o111],
] as const) {
  describe(name, () => {
    for (const [row, who, { uid, gid, mode }, expected] of rows) {
      it(row, () => {
        const file = { uid, gid, mode: mode & (0o7777000 | bit) };
        assert.equal(what(who, file), expected);
        // The other bits give nothing.
        if (who !== root) assert.equal(what(who, { uid, gid, mode: mode & (0o7777000 | (0o777 & ~bit)) }), false);
      });
    }
  });
}
