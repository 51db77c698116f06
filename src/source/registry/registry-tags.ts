import { parseJson } from "../../encoding/json.ts";
import { GoJsonDecoder } from "../../encoding/json-go.ts";
import { decodeUtf8AsGo } from "../../encoding/utf8.ts";
import type { AccessFailure } from "../../image/access-problem.ts";
import { maxTagListBytes, maxTagPageAddress, maxTagPages, maxTags } from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";
import type { Endpoint } from "./endpoint.ts";
import { readBody } from "./read-body.ts";

/** All tags of a repository, page after page (OCI distribution-spec, "Listing Tags"; docker/docker_image.go `GetRepositoryTags`). */
export async function listTags(
  endpoint: Endpoint,
  signal: AbortSignal | undefined,
): Promise<Result<readonly string[], AccessFailure>> {
  const { host } = endpoint.client.requester;
  const tags = new Set<string>();
  const seen = new Set<string>();
  for (let path: string | undefined = "tags/list"; path !== undefined; ) {
    if (path.length > maxTagPageAddress || seen.size === maxTagPages) {
      return fail({ code: "source.malformed", from: host, detail: "its list of tags has no end" });
    }
    seen.add(path);
    const answer = await endpoint.ask(path, { signal });
    if (!answer.ok) {
      const { failure } = answer.problem;
      // The address of a page is what the registry says.
      return fail(failure.code === "source.not-found" ? { ...failure, wanted: "tags/list" } : failure);
    }
    const { response, from } = answer.value;
    const body = await readBody(response, maxTagListBytes);
    if (!body.ok) return fail(endpoint.client.requester.broken(body.problem, from));
    const page = parseTags(body.value);
    if (page === undefined)
      return fail({ code: "source.malformed", from: host, detail: "its list of tags is not one" });
    for (const tag of page) if (isTag(tag)) tags.add(tag);
    if (tags.size > maxTags) {
      return fail({ code: "source.malformed", from: host, detail: `it lists more than ${maxTags} tags` });
    }
    const next = nextPage(response.header("link")[0]);
    if (next !== undefined && seen.has(next)) {
      return fail({ code: "source.malformed", from: host, detail: "its list of tags leads back to where it began" });
    }
    path = next;
  }
  return ok([...tags]);
}

function parseTags(body: Uint8Array): readonly string[] | undefined {
  const parsed = parseJson(decodeUtf8AsGo(body), { maxValues: maxTags });
  if (!parsed.ok) return undefined;
  const decoder = new GoJsonDecoder();
  let tags: readonly string[] = [];
  decoder.struct(
    parsed.value,
    new Map([["tags", (node) => (tags = decoder.list(node).map((item) => decoder.string(item)))]]),
  );
  return decoder.mismatch ? undefined : tags;
}

/** Some registries list digests, which are no tags and which the reference passes over too. */
function isTag(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(text);
}

/** Only the query of the link counts: the rest is where it was asked already. */
function nextPage(link: string | undefined): string | undefined {
  const address = /^\s*<([^<>]*)>\s*;.*rel="?next"?/.exec(link ?? "")?.[1];
  const query = address === undefined ? undefined : address.split("?", 2)[1];
  return query === undefined || /[#\s]/.test(query) ? undefined : `tags/list?${query}`;
}
