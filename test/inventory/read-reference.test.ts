import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readReference, readReferenceField } from "../../src/inventory/read-reference.ts";
import { listedImageProblemText } from "../../src/words/inventory-words.ts";

const digest = `sha256:${"a".repeat(64)}`;
const long = `a.b/${"x".repeat(252)}`;

/** The identity, the transport of an image on disk, or the flaw and what it tells. */
function shown(text: string, read: typeof readReference): string {
  const result = read(text);
  if (!result.ok) {
    assert.match(listedImageProblemText(text, result.problem), /^\S[^\n]{10,}$/);
    const { flaw, ...facts } = result.problem;
    return [flaw, ...Object.values(facts).map((fact) => (typeof fact === "string" ? fact : fact.flaw))].join(" ");
  }
  return result.value.kind === "local" ? `local ${result.value.transport}` : result.value.identity;
}

describe("what REF means, on a command line or in a list, and in a field of a manifest", () => {
  const rows: readonly { text: string; line: string; field?: string }[] = [
    { text: "a.b/c:1", line: "docker://a.b/c:1" },
    { text: "docker://a.b/c:1", line: "docker://a.b/c:1" },
    { text: "a.b/c", line: "docker://a.b/c:latest" },
    { text: `a.b/c@${digest}`, line: `docker://a.b/c@${digest}` },
    { text: `a.b/c:1@${digest}`, line: "tag-and-digest", field: `docker://a.b/c@${digest}` },
    { text: `docker://a.b/c:1@${digest}`, line: "tag-and-digest", field: `docker://a.b/c@${digest}` },
    { text: "a.b:5000/c/d_e:v1", line: "docker://a.b:5000/c/d_e:v1" },
    { text: "localhost/c", line: "docker://localhost/c:latest" },
    { text: "localhost:5000/c", line: "docker://localhost:5000/c:latest" },
    { text: "docker.io/busybox", line: "docker://docker.io/library/busybox:latest" },
    { text: "docker://busybox", line: "docker://docker.io/library/busybox:latest" },
    { text: "busybox", line: "short-name docker.io/library/busybox" },
    { text: "busybox:1.36", line: "short-name docker.io/library/busybox:1.36" },
    { text: `busybox@${digest}`, line: `short-name docker.io/library/busybox@${digest}` },
    { text: "library/app", line: "short-name docker.io/library/app" },
    { text: "localhost:5000", line: "short-name docker.io/library/localhost:5000" },
    { text: "Localhost/c", line: "docker-reference upper-case" },
    { text: "ho_st.com/c", line: "docker-reference domain" },
    { text: "docker://ho_st.com/c", line: "docker-reference domain" },
    { text: "[::1]/c", line: "docker-reference domain" },
    { text: "a.b/C", line: "docker-reference upper-case" },
    { text: "a.b/c:", line: "docker-reference tag-empty" },
    { text: "a.b/c@sha256:1", line: "docker-reference digest" },
    { text: "a.b/c@@unknown-digest@@", line: "docker-reference digest" },
    { text: "a.b//c", line: "docker-reference component" },
    { text: "a.b/c/", line: "docker-reference component" },
    { text: long, line: "docker-reference name-length" },
    { text: "0".repeat(64), line: "docker-reference identifier" },
    { text: "dir:/srv/a", line: "local dir", field: "local dir" },
    { text: "oci:/srv/a:1", line: "local oci", field: "local oci" },
    { text: "oci-archive:a.tar", line: "local oci-archive", field: "short-name docker.io/library/oci-archive:a.tar" },
    { text: "docker-archive:/a.tar", line: "local docker-archive", field: "local docker-archive" },
    { text: "containers-storage:a.b/c", line: "local containers-storage", field: "local containers-storage" },
    { text: "dir:/srv/a b$c", line: "local dir", field: "variable c" },
    { text: "dir:/srv/a ", line: "blank  " },
    { text: "dir:/srv/a\nb", line: "blank \n" },
    { text: "docker-daemon:a.b/c:1", line: "transport-unsupported docker-daemon", field: "local docker-daemon" },
    { text: "docker:a.b/c", line: "slashes-missing", field: "local docker" },
    { text: "https://a.b/c", line: "scheme https://" },
    { text: "Docker://a.b/c", line: "scheme Docker://" },
    { text: "docker://https://a.b/c", line: "scheme https://" },
    { text: "/srv/a", line: "path" },
    { text: "../a", line: "path" },
    { text: "~/a", line: "path" },
    { text: "", line: "empty" },
    { text: "docker://", line: "docker-reference empty" },
    { text: " a.b/c", line: "blank  " },
    { text: "a.b/c\u00a0", line: "blank \u00a0" },
    { text: "a.b/c\0", line: "blank \0" },
    { text: "a.b/c:$TAG", line: "variable TAG" },
    { text: "a.b/c:$$TAG", line: "variable $" },
    { text: `\${R:-a.b}/c`, line: "variable R" },
    { text: "$(IMAGE)", line: "variable IMAGE" },
    { text: "a.b/{{ .Values.name }}", line: "template" },
  ];
  for (const { text, line, field = line } of rows) {
    it(JSON.stringify(text.slice(0, 60)), () => {
      assert.equal(shown(text, readReference), line);
      assert.equal(shown(text, readReferenceField), field);
    });
  }
});
