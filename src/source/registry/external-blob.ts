import type { HttpResponse } from "../../host/http/exchange.ts";
import type { AccessFailure } from "../../image/access-problem.ts";
import { fail, ok, type Result } from "../../result.ts";
import { persistently } from "./persistently.ts";
import type { Answered, Requester } from "./requester.ts";

/**
 * A blob from the first of other places that gives it; `undefined` if none of them is one that is asked, and the registry is to be asked
 * (docker/docker_client.go `getExternalBlob`). The manifest names them, so nobody there is told any credentials (CVE-2020-15157).
 */
export async function askElsewhere(
  requester: Requester,
  untrustedUrls: readonly string[],
  method: "GET" | "HEAD",
  signal: AbortSignal | undefined,
): Promise<Result<Answered | undefined, AccessFailure>> {
  let failure: AccessFailure | undefined;
  for (const untrustedUrl of untrustedUrls) {
    const url = URL.canParse(untrustedUrl) ? new URL(untrustedUrl) : undefined;
    if (url?.protocol !== "http:" && url?.protocol !== "https:") continue;
    const answer = await ask(requester, url, method, signal);
    if (answer.ok) return answer;
    // That it is missing is told only if it is at all of them.
    if (failure === undefined || failure.code === "source.not-found") failure = answer.problem;
  }
  return failure === undefined ? ok(undefined) : fail(failure);
}

async function ask(
  requester: Requester,
  url: URL,
  method: "GET" | "HEAD",
  signal: AbortSignal | undefined,
): Promise<Result<Answered, AccessFailure>> {
  const answer = await persistently({ isLastResort: true, signal, now: () => requester.now() }, () =>
    requester.ask({ method, url, headers: {}, authorization: undefined, signal }),
  );
  if (!answer.ok || answer.value.response.status === 200) return answer;
  const { response, from } = answer.value;
  const { status } = response;
  response.discard();
  // Some servers do not know HEAD.
  if (method === "HEAD") return ask(requester, url, "GET", signal);
  return status === 404
    ? fail({ code: "source.not-found", from, wanted: "", untrustedMessage: "" })
    : fail({ code: "source.refused", from, status, untrustedMessage: "" });
}

/** Its content, which is not asked for again where it breaks off. */
export async function* contentElsewhere({ body }: HttpResponse): AsyncGenerator<Uint8Array> {
  yield* body;
}
