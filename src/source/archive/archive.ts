import type { FileProblem } from "../../host/bounded-file.ts";
import { type OpenFile, openFile } from "../../host/open-file.ts";
import { reasonOf } from "../../host/system-error.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { maxArchiveKeptBytes, maxArchiveKeptFileBytes, maxArchiveMembers } from "../../limits.ts";
import { assertNever, fail, type Result } from "../../result.ts";
import { ArchiveFailure, attempt, badMember, malformed } from "./archive-failure.ts";
import { type ByteInput, fileInput, filePieces, inputPieces, streamInput } from "./byte-input.ts";
import { type Compression, compressionOf, magicBytes, UnpackBudget, unpack } from "./compression.ts";
import { cleanMemberName, linkTarget } from "./member-name.ts";
import { paddingOf, readTarHeader, type TarMember } from "./tar-header.ts";

/** A tar archive whose members are known. What it throws is an {@link ArchiveFailure}. */
export interface Archive {
  /** As on disk, compressed or not. */
  readonly fileBytes: number;
  /** By its clean name. A link is found as such. */
  find(name: string): Member | undefined;
  /** The whole of a small file. */
  read(member: FileMember): Promise<Uint8Array>;
  /** A file in pieces. In a compressed archive that unpacks all that precedes it. */
  contents(member: FileMember): AsyncIterable<Uint8Array>;
  /** Several files in one go, in the order of the archive. `use` may stop before the end of one. */
  visit(
    members: readonly FileMember[],
    use: (member: FileMember, pieces: AsyncIterable<Uint8Array>) => Promise<void>,
  ): Promise<void>;
  close(): Promise<void>;
}

type Member = FileMember | LinkMember | { readonly kind: "directory" };

export interface FileMember {
  readonly kind: "file";
  readonly name: string;
  readonly sizeBytes: number;
  /** Where its content begins in the archive, once unpacked. */
  readonly offset: number;
  /** The first bytes of its content, which tell a compression. */
  readonly start: Uint8Array;
  /** All of it, where it was kept. */
  readonly content: Uint8Array | undefined;
}

interface LinkMember {
  readonly kind: "link";
  readonly target: string;
}

/**
 * Opens the file, once, and reads the headers of its members. Contents are passed over; of a compressed archive, where they go by
 * but once, small files are kept.
 *
 * @param options.links `docker-archive:` has honest links. Where they are not expected, one is a problem.
 * @param options.toEnd the reference unpacks a docker-archive whole before it looks into it, and so sees what is wrong behind
 *   the last member; of an oci-archive it unpacks no more than needed.
 */
export async function openArchive(
  path: string,
  options: { readonly links: boolean; readonly toEnd: boolean },
): Promise<Result<Archive, ImageProblem>> {
  const opened = openFile(path);
  if (!opened.ok) return fail({ code: "image.source.unreadable", path, reason: openReason(opened.problem) });
  const file = opened.value;
  const archive = await attempt(() => readArchive(file, options));
  if (!archive.ok) file.close();
  return archive;
}

function openReason(problem: FileProblem): string {
  switch (problem.kind) {
    case "missing":
      return reasonOf("ENOENT");
    case "system":
      return reasonOf(problem.errno);
    case "special":
      return problem.isDirectory ? reasonOf("EISDIR") : "not a regular file";
    case "symlink":
    case "too-large":
      return problem.kind;
    default:
      return assertNever(problem);
  }
}

async function readArchive(
  file: OpenFile,
  { links, toEnd }: { readonly links: boolean; readonly toEnd: boolean },
): Promise<Archive> {
  if (file.sizeBytes === 0) throw malformed("it is empty");
  const start = await fileInput(file).read(beginBytes);
  const compression = compressionOf(start);
  // Said here of a web page, a key or the like; that each header is right is looked at later.
  if (compression === undefined && !mayBeTar(start)) throw malformed("it is no tar archive");
  const pass = compression === undefined ? undefined : unpackFile(file, compression, new UnpackBudget(file.sizeBytes));
  const members = await inPass(pass, file, async (input) => {
    const found = await readMembers(input, { links, keepSmall: pass !== undefined });
    if (toEnd && pass !== undefined) for await (const _ of pass);
    return found;
  });
  // Members are often asked for in another order than they are in, but not for ever.
  const later = new UnpackBudget(file.sizeBytes, morePasses);
  const again = () => (compression === undefined ? undefined : unpackFile(file, compression, later));
  const passes = new Passes(() => unpackFile(file, compression ?? "gzip", later));
  const visit: Archive["visit"] = async (wanted, use) => {
    const kept = wanted.filter(({ content }) => content !== undefined);
    const unkept = wanted.filter(({ content }) => content === undefined).sort((a, b) => a.offset - b.offset);
    for (const member of kept) await use(member, keptPieces(member));
    if (unkept.length === 0) return;
    await inPass(again(), file, async (input) => {
      for (const member of unkept) {
        await input.skip(member.offset - input.position);
        await use(member, inputPieces(input, member.sizeBytes));
      }
    });
  };
  const contents = (member: FileMember): AsyncIterable<Uint8Array> => {
    if (member.content !== undefined) return keptPieces(member);
    return compression === undefined ? filePieces(file, member.offset, member.sizeBytes) : passes.contents(member);
  };
  return {
    fileBytes: file.sizeBytes,
    find: (name) => members.get(name),
    read: async (member) => {
      if (member.content !== undefined) return member.content;
      const pieces: Uint8Array[] = [];
      for await (const piece of contents(member)) pieces.push(piece);
      return Buffer.concat(pieces);
    },
    contents,
    visit,
    close: async () => {
      await passes.close();
      file.close();
    },
  };
}

/** How often as much as may be in a compressed archive is unpacked to get at members that were not kept. */
const morePasses = 4;

/** As much as tells the format of a header. */
const beginBytes = 262;

function mayBeTar(start: Uint8Array): boolean {
  return Buffer.from(start.subarray(257)).toString("latin1") === "ustar" || start.every((octet) => octet === 0);
}

/** Lets `use` read the archive from its beginning, unpacked by `pass` where it is compressed, which then ends. */
async function inPass<T>(
  pass: AsyncGenerator<Uint8Array, void> | undefined,
  file: OpenFile,
  use: (input: ByteInput) => Promise<T>,
): Promise<T> {
  try {
    return await use(pass === undefined ? fileInput(file) : streamInput(pass));
  } finally {
    await pass?.return();
  }
}

function unpackFile(file: OpenFile, compression: Compression, budget: UnpackBudget): Unpacked {
  return unpack(compression, filePieces(file, 0, file.sizeBytes), budget);
}

type Unpacked = AsyncGenerator<Uint8Array, void>;

interface Pass {
  readonly unpacked: Unpacked;
  readonly input: ByteInput;
}

/** Contents of a compressed archive: what was unpacked up to one member goes on to those behind it. */
class Passes {
  readonly #start: () => Unpacked;
  /** The one that nobody reads from just now. */
  #idle: Pass | undefined;

  constructor(start: () => Unpacked) {
    this.#start = start;
  }

  async *contents(member: FileMember): Unpacked {
    const pass = this.#upTo(member.offset);
    let isBroken = true;
    try {
      await pass.input.skip(member.offset - pass.input.position);
      for await (const piece of inputPieces(pass.input, member.sizeBytes)) {
        isBroken = false;
        yield piece;
        isBroken = true;
      }
      isBroken = false;
    } finally {
      if (isBroken || this.#idle !== undefined) await pass.unpacked.return();
      else this.#idle = pass;
    }
  }

  async close(): Promise<void> {
    await this.#idle?.unpacked.return();
    this.#idle = undefined;
  }

  #upTo(offset: number): Pass {
    const idle = this.#idle;
    if (idle !== undefined && idle.input.position <= offset) {
      this.#idle = undefined;
      return idle;
    }
    const unpacked = this.#start();
    return { unpacked, input: streamInput(unpacked) };
  }
}

async function* keptPieces(member: FileMember): AsyncGenerator<Uint8Array, void> {
  if (member.content !== undefined) yield member.content;
}

async function readMembers(
  input: ByteInput,
  { links, keepSmall }: { readonly links: boolean; readonly keepSmall: boolean },
): Promise<ReadonlyMap<string, Member>> {
  const members = new Map<string, Member>();
  const parents = new Set<string>();
  let count = 0;
  let keepBytes = keepSmall ? maxArchiveKeptBytes : 0;
  for (let header = await readTarHeader(input); header !== undefined; header = await readTarHeader(input)) {
    count += 1;
    if (count > maxArchiveMembers) throw malformed(`it has more than ${maxArchiveMembers} members`);
    const name = cleanMemberName(header.untrustedName);
    if (header.kind !== "directory" && name === "") throw badMember(header.untrustedName, "path");
    const former = members.get(name);
    // Only a directory says nothing new.
    if (former !== undefined && (former.kind !== "directory" || header.kind !== "directory")) {
      throw badMember(header.untrustedName, "duplicate");
    }
    // Nor is something a file and a directory: which of the two comes of it hangs on who unpacks it.
    const above = parentsOf(name);
    const isTwoThings =
      (header.kind !== "directory" && parents.has(name)) ||
      above.some((parent) => (members.get(parent)?.kind ?? "directory") !== "directory");
    if (isTwoThings) throw badMember(header.untrustedName, "duplicate");
    for (const parent of above) parents.add(parent);
    if (header.kind === "link" && !links) throw badMember(header.untrustedName, "link");
    const member = await readMember(input, header, name, keepBytes);
    if (member.kind === "file") keepBytes -= member.content?.length ?? 0;
    members.set(name, member);
  }
  return members;
}

/** `a` and `a/b` of `a/b/c`. */
function parentsOf(name: string): readonly string[] {
  const parts = name.split("/");
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join("/"));
}

async function readMember(input: ByteInput, header: TarMember, name: string, keepBytes: number): Promise<Member> {
  const { kind, sizeBytes } = header;
  if (kind === "directory") return { kind };
  if (kind === "link") return { kind, target: linkTarget(name, header.untrustedTarget) };
  const offset = input.position;
  const isKept = sizeBytes <= Math.min(maxArchiveKeptFileBytes, keepBytes);
  const begin = (await input.read(isKept ? sizeBytes : Math.min(magicBytes, sizeBytes))).slice();
  await input.skip(sizeBytes - begin.length + paddingOf(sizeBytes));
  return { kind, name, sizeBytes, offset, start: begin.slice(0, magicBytes), content: isKept ? begin : undefined };
}
