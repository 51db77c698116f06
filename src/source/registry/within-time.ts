import type { TimeAllowance } from "../../host/time-allowance.ts";
import type { AccessFailure } from "../../image/access-problem.ts";
import { fail, type Result } from "../../result.ts";

/** Asks for something of an image within what is left of its time. */
export async function withinTime<T, P>(
  time: TimeAllowance,
  from: string,
  work: () => Promise<Result<T, P>>,
): Promise<Result<T, P | AccessFailure>> {
  const done = await time.spend(work);
  return done.ok ? done.value : fail({ code: "source.timeout", from, phase: "image", seconds: time.seconds });
}
