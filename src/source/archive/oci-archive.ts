import type { ImageProblem } from "../../image/problem.ts";
import { ok, type Result } from "../../result.ts";
import type { LayoutFileProblem, LayoutFiles } from "../layout/layout-files.ts";
import { type Archive, type FileMember, openArchive } from "./archive.ts";
import { attempt } from "./archive-failure.ts";

/**
 * Opens the file of an `oci-archive:` image, a tar archive of an OCI image layout, compressed or not, without unpacking it to disk.
 *
 * Stricter than the reference (image/v5: oci/archive/oci_src.go, which unpacks it into a directory): no links of any kind, and no
 * name twice, of which there the last counts.
 */
export async function openOciArchive(path: string): Promise<Result<LayoutFiles, ImageProblem>> {
  const archive = await openArchive(path, { links: false, toEnd: false });
  return archive.ok ? ok(layoutFilesOf(archive.value)) : archive;
}

function layoutFilesOf(archive: Archive): LayoutFiles {
  return {
    readSmall: async (name, maxBytes) => {
      const file = fileIn(archive, name);
      if (!file.ok) return file;
      if (file.value.sizeBytes > maxBytes) return { ok: false, problem: { kind: "too-large" } };
      const content = await attempt(() => archive.read(file.value));
      return content.ok ? content : { ok: false, problem: { kind: "archive", problem: content.problem } };
    },
    blob: (name) => {
      const file = fileIn(archive, name);
      if (!file.ok) return file;
      return ok({ sizeBytes: file.value.sizeBytes, content: archive.contents(file.value) });
    },
    has: (name) => archive.find(name)?.kind === "file",
    close: () => archive.close(),
  };
}

function fileIn(archive: Archive, name: string): Result<FileMember, LayoutFileProblem> {
  const member = archive.find(name);
  if (member === undefined) return { ok: false, problem: { kind: "missing" } };
  if (member.kind === "file") return ok(member);
  return { ok: false, problem: { kind: "special", isDirectory: member.kind === "directory" } };
}
