import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { tablePieces } from "../../../src/report/check/table.ts";
import type { CheckedImage } from "../../../src/report/checked-image.ts";
import { checkedImage, checkRun, hostileRun, runOf } from "../../support/checked-images.ts";

const text = (...args: Parameters<typeof tablePieces>) => [...tablePieces(...args)].join("");

/** The first image of the kind, under other names. */
function many(code: string, count: number): CheckedImage[] {
  const image = Array.from({ length: 2000 }, (_, number) => checkedImage(number)).find((found) => found.code === code);
  if (image === undefined) throw new Error(`none has the code ${code}`);
  const { reference } = image;
  return Array.from({ length: count }, (_, number) => ({
    ...image,
    reference: `${reference}.${number}`,
    message: image.message.replaceAll(reference.slice("docker://".length), `${reference}.${number}`),
  }));
}

describe("text of a check", () => {
  it("4,000 images that fail for one reason are one block", () => {
    const shown = text(runOf(many("requirement.signature.missing", 4000)));
    assert.equal(shown.match(/^4,000 images rejected: requirement\.signature\.missing$/gm)?.length, 1);
    assert.equal(shown.match(/The image has no signature\./g)?.length, 1);
    assert.equal(shown.match(/^ {2}Next: /gm)?.length, 1);
    assert.equal(shown.match(/^ {4}docker:/gm)?.length, 3);
    assert.match(shown, /^ {4}and 3,997 more$/m);
    assert.match(shown, /^4,000 images: 0 accepted, 4,000 rejected$/m);
    assert.ok(shown.split("\n").length < 25, shown);
  });

  it("the commonest cause comes first, and each image is counted once", () => {
    const shown = text(checkRun(3000), { verbose: true });
    const counts = [...shown.matchAll(/^([\d,]+) images? (?!accepted)[a-z ]+: /gm)].map(([, count = ""]) =>
      Number(count.replaceAll(",", "")),
    );
    assert.deepEqual(
      counts,
      counts.toSorted((a, b) => b - a),
    );
    const [, accepted = ""] = /^3,000 images: ([\d,]+) accepted/m.exec(shown) ?? [];
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      3000 - Number(accepted.replaceAll(",", "")),
    );
  });

  it("one requirement, but signatures that fail otherwise: two causes", () => {
    const [unknown] = many("requirement.signature.not-accepted", 1);
    assert.ok(unknown !== undefined);
    const other = structuredClone(unknown) as { requirements: { signatures: { code: string }[] }[] } & CheckedImage;
    for (const signature of other.requirements.flatMap(({ signatures }) => signatures))
      signature.code = "signature.expired";
    assert.equal(text(runOf([unknown, other, unknown])).match(/^\d images? rejected/gm)?.length, 2);
  });

  it("the same failure of two registries is two causes", () => {
    const refused = many("source.unreachable", 4).map((image, index) =>
      index === 0 ? image : { ...image, identity: `docker://other.example/app:${index}` },
    );
    const shown = text(runOf(refused));
    assert.match(shown, /^3 images not reached: source\.unreachable$/m);
    assert.match(shown, /^1 image not reached: source\.unreachable$/m);
  });

  it("where each image has a cause of its own, most are a number", () => {
    const refused = many("source.unreachable", 300).map((image, index) => ({
      ...image,
      identity: `docker://r${index}.example/app:1`,
    }));
    assert.match(text(runOf(refused)), /^250 images more, for 250 other reasons \(--verbose lists all\)$/m);
    assert.equal(text(runOf(refused), { verbose: true }).match(/^1 image not reached/gm)?.length, 300);
  });

  it("verbose names what was accepted, and how", () => {
    const run = checkRun(20);
    const accepted = [...run.results].filter(({ outcome }) => outcome === "accepted");
    const shown = text(run, { verbose: true });
    for (const { reference, pinned = "" } of accepted) {
      assert.ok(shown.includes(`    ${reference}\n      ${pinned}`), reference);
    }
    assert.ok(!text(run).includes(accepted[0]?.reference ?? ""));
  });

  it("says once what it does not promise, and how many were accepted unchecked", () => {
    const shown = text(checkRun(2000));
    assert.equal(shown.match(/A tag can be moved/g)?.length, 1);
    assert.equal(shown.match(/enforce it there too/g)?.length, 1);
    assert.match(shown, /^Of those accepted, \d+ without any signature checked/m);
  });

  it("an interrupted run says so", () => {
    const shown = text(checkRun(5, { isComplete: false, total: 1205 }));
    assert.match(shown, /^Interrupted after 5 of 1,205 images: nothing is known of the other 1,200\.$/m);
  });

  it("nothing foreign drives a terminal, or begins a line outside a block", () => {
    const shown = text(hostileRun(), { verbose: true });
    assert.doesNotMatch(shown, /[\0-\x09\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe]/);
    assert.doesNotMatch(shown, /^::error/m);
    assert.ok(shown.length < 100_000, `${shown.length} characters`);
  });

  it("results that can be gone through only once are refused", () => {
    const results = [checkedImage(1)].values();
    assert.throws(() => text({ ...checkRun(0), results }), /only once/);
  });
});
