import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { type Noted, type NotedReply, type PlayedConversation, play } from "../../support/image-proxy/play.ts";
import { closeClients } from "../../support/image-proxy/proxy-client.ts";
import { runtimes } from "../../support/run.ts";
import { conversations } from "./conversations.ts";
import { differences } from "./differences.ts";

/** What the reference answered: conformance/image-proxy. */
const recorded = new Map<string, PlayedConversation>(
  readFileSync(join(import.meta.dirname, "recorded.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))
    .map((played) => [played.name, played]),
);

const source = { name: "source", command: [process.execPath, join(import.meta.dirname, "../../../src/bin.ts")] };
const programs = [source, ...runtimes.filter(({ name }) => name === "executable")];

after(closeClients);

for (const { name, command } of programs) {
  describe(`the image proxy answers as the reference does: ${name}`, () => {
    for (const conversation of conversations) {
      test(conversation.name, { timeout: 60_000 }, async () => {
        const program = { name, command: [...command, "experimental-image-proxy"] };
        const played = await play(program, conversation);
        assert.equal(played.stdout, "");
        const reference = recorded.get(conversation.name);
        assert.ok(reference !== undefined, "not recorded: conformance/image-proxy/run.sh");
        const different = differences[conversation.name];
        assert.equal(played.exitCode, different?.exitCode ?? reference.exitCode);
        assert.equal(played.steps.length, reference.steps.length);
        const unlike = new Set<string>();
        for (const [index, step] of played.steps.entries()) {
          const expected: Noted | undefined = reference.steps[index];
          const where = `${index} ${JSON.stringify(conversation.steps[index]).slice(0, 200)}`;
          const ours = different?.steps?.[index];
          if (ours === undefined) assert.deepEqual(step, expected, where);
          else {
            unlike.add(String(index));
            assert.notDeepEqual(step, expected, `${where}: no longer different`);
            assert.deepEqual(briefly(step), ours, where);
          }
        }
        assert.deepEqual([...unlike], Object.keys(different?.steps ?? {}));
      });
    }
    test("each difference is one of a conversation", () => {
      const names = new Set(conversations.map((conversation) => conversation.name));
      assert.deepEqual(
        Object.keys(differences).filter((difference) => !names.has(difference)),
        [],
      );
    });
  });
}

/** Of a step that differs: its outcome. */
function briefly(noted: Noted): string {
  if (noted === "none") return "none";
  if (isList(noted)) return noted.map(briefly).join(" ");
  const afterwards = noted.finish && noted.finish !== "none" ? outcomeOf(noted.finish) : (noted.pipes?.[1]?.text ?? "");
  return `${outcomeOf(noted)} ${afterwards}`.trimEnd();
}

function isList(noted: Noted): noted is readonly (NotedReply | "none")[] {
  return Array.isArray(noted);
}

function outcomeOf({ success, error_code }: NotedReply): string {
  return success ? "success" : error_code;
}
