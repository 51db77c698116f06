import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { mediaTypeOf } from "../../../src/source/registry/media-type.ts";

/** What Go 1.26's mime.ParseMediaType says, with "" for an error, as docker/docker_image_src.go `simplifyContentType` has it. */
const rows: readonly (readonly [string, string])[] = [
  ["application/json", "application/json"],
  ["Application/JSON", "application/json"],
  ["application/json; charset=utf-8", "application/json"],
  ['application/json;charset="utf-8"', "application/json"],
  ["application/json;", "application/json"],
  ["application/json ;", "application/json"],
  ["application/json; ;", ""],
  [" application/json ", "application/json"],
  ["application", "application"],
  ["text/", ""],
  ["/json", ""],
  ["", ""],
  ["a/b/c", ""],
  ["application/json; charset", ""],
  ["application/json; charset=", ""],
  ["application/json; =x", ""],
  ["application/json; a=b; a=c", ""],
  ["application/json; A=b; a=b", "application/json"],
  ["application/json; a=b c", ""],
  ["application/json, text/plain", ""],
  ["application/json x", ""],
  ['application/json; a="b;c"', "application/json"],
  ['application/json; a="b', ""],
  ['application/json; a="\\""', "application/json"],
  ["application/json; a*=utf-8''x", "application/json"],
  ["application/json; a*0=x; a*1=y", "application/json"],
  ["application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.manifest.v1+json"],
  ["application/jsön", ""],
  ["*/*", "*/*"],
  [";a=b", ""],
  ["application/json; a=b;", "application/json"],
  ["application/json; a=b; ;", ""],
  ["application/json;a=b;;c=d", ""],
  ["application/json; a =b", "application/json"],
  ["application/json; a= b", "application/json"],
  ["app lication/json", ""],
  ["application/json\t;a=b", "application/json"],
  ["application /json", ""],
  ["application/ json", ""],
  ['application/json; a="ü"', "application/json"],
  ["application/json;;a=b", ""],
  ['application/json; a="b"; a=b', "application/json"],
  ['application/json; a="b\\\\c"; a="b\\\\d"', ""],
  ['application/json; a="x"; a=""', ""],
];

describe("the media type in a Content-Type", () => {
  for (const [contentType, expected] of rows) {
    it(JSON.stringify(contentType), () => assert.equal(mediaTypeOf(contentType), expected));
  }

  it("a long one takes no longer than its length", () => {
    const before = performance.now();
    for (const part of ['; a="\\', ";", "; a=b", " ", "a/", '"']) mediaTypeOf(`a/b${part.repeat(200_000)}`);
    assert.ok(performance.now() - before < 5000);
  });
});
