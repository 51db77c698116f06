import { constants, openSync, writeSync } from "node:fs";
import { fail, ok, type Result } from "../../result.ts";
import { errnoOf } from "../system-error.ts";
import type { ChannelProblem, Descriptor } from "./channel.ts";
import { ownDescriptor } from "./descriptor.ts";
import { allSeals, memoryFile } from "./layouts.ts";
import { errnoName, errnos, type Libc } from "./libc.ts";

/**
 * A file in memory with these bytes, at its start, which nobody can change any more, whoever gets it (memfd_create(2)).
 *
 * @param name is shown in /proc; it may be anything without a NUL, of up to 249 bytes
 */
export function sealedFile(libc: Libc, name: string, bytes: Uint8Array): Result<Descriptor, ChannelProblem> {
  if (name.includes("\0")) return fail({ errno: "EINVAL" });
  const flags = memoryFile.closeOnExec | memoryFile.allowSealing;
  let number = libc.memoryFile(name, flags | memoryFile.neverExecutable);
  if (number === -errnos.EINVAL) number = libc.memoryFile(name, flags);
  if (number < 0) return fail({ errno: errnoName(number) });
  const writable = ownDescriptor(number);
  try {
    // pwrite(2) leaves the offset at the start.
    for (let written = 0; written < bytes.length; ) {
      written += writeSync(number, bytes, written, bytes.length - written, written);
    }
  } catch (error) {
    writable.close();
    return fail({ errno: errnoOf(error) });
  }
  const sealed = libc.addSeals(number, allSeals);
  if (sealed < 0) {
    writable.close();
    return fail({ errno: errnoName(sealed) });
  }
  return ok(readOnly(writable));
}

/** Opened once more only for reading, where /proc shows descriptors; elsewhere the seals have to do, which suffice. */
function readOnly(writable: Descriptor): Descriptor {
  try {
    const descriptor = ownDescriptor(openSync(`/proc/self/fd/${writable.number}`, constants.O_RDONLY));
    writable.close();
    return descriptor;
  } catch (error) {
    errnoOf(error);
    return writable;
  }
}
