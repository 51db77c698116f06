/** Work is paid for, and what was not paid for is never believed. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { WorkBudget } from "../../src/crypto/budget.ts";
import { openPgpBackEnds } from "../../src/crypto/openpgp/back-end.ts";
import { loadKeyring } from "../../src/crypto/openpgp/keyring.ts";
import { verifyMessage } from "../../src/crypto/openpgp/message.ts";
import { maxImageWork, maxTrustWork } from "../../src/limits.ts";
import { untrusted } from "../../src/result.ts";
import { costlyRings } from "../attacks/bombs.ts";
import { fixtureImage, fixtures } from "../support/images.ts";

const nowSeconds = Date.UTC(2026, 10, 23) / 1000;
const key = (name: string): Uint8Array => readFileSync(join(fixtures, "keys", "gpg", name));
const messageOf = (image: string): Uint8Array => fixtureImage(image).signatures[0] ?? new Uint8Array();

/** Counts what is spent. */
class Meter extends WorkBudget {
  spent = 0;

  override spend(units: number): boolean {
    this.spent += units;
    return super.spend(units);
  }
}

describe("WorkBudget", () => {
  test("is spent once, and stays so", () => {
    const budget = new WorkBudget(10);
    assert.equal(budget.spend(4), true);
    assert.equal(budget.spend(6), true);
    assert.equal(budget.isSpent, false);
    assert.equal(budget.spend(0.5), false);
    assert.equal(budget.isSpent, true);
    assert.equal(budget.spend(0), false);
  });

  test("is spent by what is no number", () => {
    const budget = new WorkBudget(10);
    assert.equal(budget.spend(Number.NaN), false);
    assert.equal(budget.isSpent, true);
    assert.equal(budget.spend(0), false);
  });
});

/** From nothing to all that it takes, in steps that are no multiples of anything. */
function* budgetsUpTo(all: number): Generator<number> {
  for (let units = 0; units < all - 0.01; units += Math.max(0.37, all / 60)) yield units;
}

describe("with less than it takes", () => {
  const signers = [
    { image: "gpg-release-oci", ring: "release-rsa4096.gpg", code: "accepted" },
    { image: "gpg-subkey", ring: "subkey.gpg", code: "accepted" },
    { image: "gpg-revoked-key", ring: "revoked.gpg", code: "signature.key.revoked" },
    { image: "gpg-expired-key", ring: "expired.gpg", code: "signature.key.expired" },
  ];
  for (const { image, ring, code } of signers) {
    const codeWith = async (budget: WorkBudget): Promise<string> => {
      // Anew each time: what a keyring remembers costs nothing.
      const keyring = await loadKeyring([key(ring)], openPgpBackEnds);
      assert.ok(keyring.ok);
      const message = untrusted(messageOf(image));
      const verified = await verifyMessage({ message, keyring: keyring.value, nowSeconds, budget });
      return verified.ok ? "accepted" : verified.problem.code;
    };

    test(`${image}: too costly, whatever was seen by then`, async () => {
      const meter = new Meter(maxImageWork);
      assert.equal(await codeWith(meter), code);
      assert.ok(meter.spent < maxImageWork / 100, `an honest signature takes ${meter.spent}`);
      for (const units of budgetsUpTo(meter.spent)) {
        assert.equal(await codeWith(new WorkBudget(units)), "signature.too-costly", `${units} units`);
      }
      assert.equal(await codeWith(new WorkBudget(meter.spent + 0.01)), code);
    });

    test(`${ring}: no keyring rather than one without its revocations`, async () => {
      const meter = new Meter(maxTrustWork);
      assert.ok((await loadKeyring([key(ring)], openPgpBackEnds, meter)).ok);
      assert.ok(meter.spent < maxTrustWork / 1000, `an honest keyring takes ${meter.spent}`);
      for (const units of budgetsUpTo(meter.spent)) {
        const loaded = await loadKeyring([key(ring)], openPgpBackEnds, new WorkBudget(units));
        assert.equal(loaded.ok || loaded.problem.code, "policy.trust.too-costly", `${units} units`);
      }
    });
  }

  test("what is left of an image's budget is for the signatures that are left", async () => {
    const keyring = await loadKeyring([key("release-rsa4096.gpg")], openPgpBackEnds);
    assert.ok(keyring.ok);
    const meter = new Meter(maxImageWork);
    const request = { message: untrusted(messageOf("gpg-release-oci")), keyring: keyring.value, nowSeconds };
    await verifyMessage({ ...request, budget: meter });
    const budget = new WorkBudget(2.5 * meter.spent);
    const outcomes: boolean[] = [];
    for (let i = 0; i < 4; i++) outcomes.push((await verifyMessage({ ...request, budget })).ok);
    assert.deepEqual(outcomes, [true, true, false, false]);
  });
});

describe("a fiftieth of a bomb, for a fiftieth of the budget", () => {
  const share = 1 / 50;
  for (const { what, ring, code } of costlyRings) {
    test(what, { timeout: 60_000 }, async () => {
      const loaded = await loadKeyring([ring(share)], openPgpBackEnds, new WorkBudget(maxTrustWork * share));
      assert.equal(loaded.ok ? "accepted" : loaded.problem.code, code);
    });
  }
});
