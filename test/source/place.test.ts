import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { referenceText } from "../../src/identity/docker-reference.ts";
import { type Place, parsePlace } from "../../src/source/place.ts";

describe("parsePlace", () => {
  const rows: readonly { source: string; expected: string; why: string }[] = [
    { source: "./download", expected: "dir ./download", why: "a path" },
    { source: "dir:/var/x", expected: "dir /var/x", why: "with its transport" },
    { source: "dir:///var/x", expected: "dir ///var/x", why: "slashes are the path's" },
    { source: "dir:docker://x", expected: "dir docker://x", why: "dir: always means a path" },
    { source: "a:b", expected: "dir a:b", why: "a is no transport, so this is a path" },
    { source: "./oci:x", expected: "dir ./oci:x", why: "what precedes the colon is not the name of a transport" },
    { source: "DIR:x", expected: "dir DIR:x", why: "letter case" },
    { source: "dir", expected: "dir dir", why: "without a colon" },
    { source: "-", expected: "dir -", why: "a name like any other" },
    {
      source: "docker://registry.example.com/x",
      expected: "usage.source.registry",
      why: "may change after it was verified",
    },
    { source: "docker:x", expected: "usage.source.registry", why: "also if it is misspelt" },
    { source: "oci:x", expected: "oci x only", why: "the only image of a layout" },
    { source: "oci:x:", expected: "oci x only", why: "an empty name is none" },
    { source: "oci:x:app-1.0", expected: "oci x name app-1.0", why: "by its name" },
    {
      source: "oci:x:registry.example.com/app:1.0",
      expected: "oci x name registry.example.com/app:1.0",
      why: "names may have colons",
    },
    { source: "oci:x:@1", expected: "oci x index 1", why: "by its place" },
    { source: "oci:x:@-1", expected: "usage.source.invalid", why: "no place" },
    { source: "oci:x:a b", expected: "usage.source.invalid", why: "no name" },
    { source: "oci:", expected: "usage.source.invalid", why: "no path" },
    { source: "oci-archive:x.tar", expected: "oci-archive x.tar only", why: "the only image of an archive" },
    { source: "oci-archive:x.tar:@0", expected: "usage.source.invalid", why: "the reference has no places there" },
    { source: "docker-archive:x.tar", expected: "docker-archive x.tar only", why: "the only image of an archive" },
    {
      source: "docker-archive:x.tar:app",
      expected: "docker-archive x.tar name docker.io/library/app:latest",
      why: "by its name",
    },
    { source: "docker-archive:x.tar:@2", expected: "docker-archive x.tar index 2", why: "by its place" },
    { source: "docker-archive:x.tar:app@sha256:00", expected: "usage.source.invalid", why: "not a name" },
    { source: "docker-archive:", expected: "usage.source.invalid", why: "no path" },
    { source: "containers-storage:app:1", expected: "containers-storage @ app:1", why: "in the user's storage" },
    { source: "containers-storage:[vfs@/s+/r]app", expected: "containers-storage vfs@/s app", why: "in another" },
    { source: "containers-storage:[x@/s]app", expected: "usage.source.invalid", why: "no driver" },
    { source: "containers-storage:[/s", expected: "usage.source.invalid", why: "not closed" },
    { source: "docker-daemon:x:1", expected: "usage.source.unsupported", why: "another transport" },
    { source: "tarball:x", expected: "usage.source.unsupported", why: "another transport" },
  ];
  for (const { source, expected, why } of rows) {
    it(`${source}: ${why}`, () => {
      const place = parsePlace(source);
      assert.equal(place.ok ? textOf(place.value) : place.problem.code, expected);
    });
  }
});

function textOf(place: Place): string {
  if (place.transport === "dir") return `dir ${place.path}`;
  if (place.transport === "containers-storage") {
    const { driver = "", graphRoot = "" } = place.store;
    return `containers-storage ${driver}@${graphRoot} ${place.image}`;
  }
  const { image } = place;
  const which = "name" in image ? ` ${image.name}` : "index" in image ? ` ${image.index}` : "";
  const named = "reference" in image ? ` ${referenceText(image.reference)}` : which;
  return `${place.transport} ${place.path} ${image.kind}${named}`;
}
