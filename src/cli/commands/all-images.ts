import { errorVerdict } from "../../engine/error-verdict.ts";
import type { JudgeRequest } from "../../engine/request.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { type StoredVerdict, storedTable, summaryOf } from "../../report/all-images.ts";
import { documentLine, type VerdictDocument, verdictDocument } from "../../report/document.ts";
import { ok, type Result } from "../../result.ts";
import type { Place } from "../../source/place.ts";
import { identityOf, type NamedImage, namedImages } from "../../source/storage/named-images.ts";
import { openStorageOf } from "../../source/storage/open-storage.ts";
import type { ImageStorage } from "../../source/storage/storage.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import { formatOf } from "../arguments/format-option.ts";
import { policyOf } from "../arguments/policy-option.ts";
import { undeliveredExitCode } from "../io.ts";
import { reportCommandProblem, reportVerdict } from "../report.ts";
import { commandEngine } from "./command-engine.ts";
import type { JudgingCommand } from "./judge-one.ts";

/**
 * Judges every image of a storage under each of its names. One that has no name is asked for by what it is called in the storage.
 *
 * @returns the exit code, as that of `batch`.
 */
export async function allImages(
  place: Extract<Place, { transport: "containers-storage" }>,
  called: JudgingCommand,
): Promise<number> {
  const { command, options, io } = called;
  const format = formatOf(options);
  const storage = await openStorageOf(place.store, io.environment);
  if (!storage.ok) return reportVerdict(unread(storage.problem), { format }, io);
  try {
    const images = storage.value.list();
    if (!images.ok) return await reportVerdict(unread(images.problem), { format }, io);
    const requests = namedImages(storage.value, images.value).map((named) =>
      requestFor(storage.value, named, options["as-stored"] === true),
    );
    if (requests.length === 0 && options["allow-empty"] !== true) {
      return await reportCommandProblem(
        { code: "usage.input.empty", storage: storage.value.graphRoot },
        command,
        format,
        io,
      );
    }
    return await judgeAll(requests, called);
  } finally {
    storage.value.close();
  }
}

function unread(problem: ImageProblem): Verdict {
  return { ...errorVerdict(problem), transport: "containers-storage" };
}

interface StoredRequest {
  readonly named: NamedImage;
  readonly request: Pick<JudgeRequest, "identity" | "image">;
}

function requestFor(storage: ImageStorage, named: NamedImage, asStored: boolean): StoredRequest {
  const { reference, source } = named;
  const open = (): Result<{ image: Opened; source: Opened; path: string; close(): void }, ImageProblem> => {
    const opened = storage.open(reference);
    if (!opened.ok) return opened;
    const close = () => void opened.value.close();
    return ok({ image: opened.value, source: opened.value, path: source, close });
  };
  const identity = asStored ? source : identityOf(named);
  return { named, request: { identity, image: { kind: "open", transport: "containers-storage", open } } };
}

type Opened = Extract<ReturnType<ImageStorage["open"]>, { ok: true }>["value"];

async function judgeAll(requests: readonly StoredRequest[], called: JudgingCommand): Promise<number> {
  const { options, io } = called;
  const engine = commandEngine(called);
  const verdicts: StoredVerdict[] = [];
  let exitCode = 0;
  for (const { named, request } of requests) {
    const { id } = named.image;
    const { verdict } = await engine.judge({
      ...request,
      policy: policyOf(options),
      requireSigned: options["require-signed"] === true,
    });
    const document: VerdictDocument = verdictDocument(verdict, { id });
    exitCode = Math.max(exitCode, document.exitCode);
    verdicts.push({ name: named.untrustedName, id, document });
    if (formatOf(options) === "json" && options.quiet !== true && !(await io.stdout.write(documentLine(document)))) {
      return exitCode || undeliveredExitCode;
    }
  }
  if (options.quiet === true) return exitCode;
  const isDelivered =
    formatOf(options) === "json"
      ? await io.stderr.write(`${summaryOf(verdicts)}\n`)
      : await io.stdout.write(`${storedTable(verdicts)}${summaryOf(verdicts)}\n`);
  return isDelivered ? exitCode : exitCode || undeliveredExitCode;
}
