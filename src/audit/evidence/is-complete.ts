import type { AccessFailure, ConfigProblem } from "../../image/access-problem.ts";
import type { ImageProblem } from "../../image/problem.ts";
import type { Evidence, Finding } from "./evidence.ts";

/** Whether all of it is what there is: nothing in it was only not to be had at that time, so that to fetch it again may find more. */
export function isComplete(evidence: Evidence): boolean {
  return !problemsIn(evidence).some(isPassing);
}

/** All that was not to be had, in the order in which it was asked for. */
function problemsIn(evidence: Evidence): readonly ImageProblem[] {
  if (evidence.kind === "problem") return [evidence.problem];
  const { manifest, signatures, instances, blobs } = evidence;
  const ofInstances = [...instances.values()].flatMap((each) => [each.manifest, each.signatures]);
  const findings: readonly (Finding<unknown> | undefined)[] = [
    ...[manifest, signatures, ...ofInstances],
    ...(blobs?.list ?? []).map(({ finding }) => finding),
  ];
  return findings.flatMap((finding) => (finding !== undefined && "problem" in finding ? [finding.problem] : []));
}

/** The image may be where nobody could ask: a mirror that was out of order, too. */
function isPassing(problem: ImageProblem): boolean {
  const mirrors = "mirrors" in problem ? (problem.mirrors ?? []) : [];
  return [problem, ...mirrors.map(({ failure }) => failure)].some(mayPass);
}

type Failure = ImageProblem | AccessFailure | ConfigProblem;

function mayPass(failure: Failure): boolean {
  if (isWithoutAnswer(failure) || failure.code === "image.source.changed") return true;
  return failure.code === "source.refused" && (failure.status === 408 || failure.status === 425);
}

/** The registry itself gave no answer that is one. */
export function isWithoutAnswer(failure: Failure): boolean {
  switch (failure.code) {
    case "source.unreachable":
    case "source.timeout":
    case "source.throttled":
      return true;
    case "source.refused":
      return failure.status >= 500;
    default:
      return false;
  }
}
