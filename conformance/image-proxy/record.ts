/** Writes down what the reference answers to the conversations: `node record.ts SERVER FILE`; run.sh makes the server. */
import { writeFileSync } from "node:fs";
import { conversations } from "../../test/serve/image-proxy/conversations.ts";
import { play } from "../../test/support/image-proxy/play.ts";
import { closeClients } from "../../test/support/image-proxy/proxy-client.ts";

const [server = "", file = ""] = process.argv.slice(2);
const lines: string[] = [];
for (const conversation of conversations) {
  const { steps, exitCode } = await play({ name: "reference", command: [server] }, conversation);
  lines.push(`${JSON.stringify({ name: conversation.name, exitCode, steps })}\n`);
}
await closeClients();
writeFileSync(file, lines.join(""));
