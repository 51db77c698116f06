import assert from "node:assert/strict";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { implement } from "../../../src/serve/varlink/implement.ts";
import { dev_sealcheck_Image } from "../../../src/serve/varlink/interfaces/dev-sealcheck-image.ts";
import { dev_sealcheck_Verify } from "../../../src/serve/varlink/interfaces/dev-sealcheck-verify.ts";
import { serveConnection } from "../../../src/serve/varlink/serve-connection.ts";
import { createService } from "../../../src/serve/varlink/service.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { certification } from "../../support/varlink/certification.ts";
import { NetChannel } from "../../support/varlink/net-channel.ts";
import { org_varlink_certification } from "../../support/varlink/org-varlink-certification.ts";
import { pythonClient } from "../../support/varlink/python-client.ts";
import { VarlinkClient } from "../../support/varlink/varlink-client.ts";

const path = join(temporaryDirectory(), "socket");
const name = "org.varlink.certification";

// Our own are there to be described.
const service = createService({
  info: { vendor: "Example", product: "Certification", version: "1", url: "https://example.org/" },
  interfaces: [
    certification(),
    implement(dev_sealcheck_Verify, {
      VerifyBytes: "not-implemented",
      VerifyDirectory: "not-implemented",
      VerifyMany: "not-implemented",
      ExplainIdentity: "not-implemented",
      GetStatus: "not-implemented",
    }),
    implement(dev_sealcheck_Image, {
      Open: "not-implemented",
      GetManifest: "not-implemented",
      GetConfig: "not-implemented",
      GetLayerInfo: "not-implemented",
      GetBlob: "not-implemented",
      FinishBlob: "not-implemented",
      Close: "not-implemented",
    }),
  ],
  failureOf: (error) => {
    throw error;
  },
  overLimit: () => ({ error: `${name}.ClientIdError`, parameters: {} }),
});

let server: Server;
before(async () => {
  server = createServer({ allowHalfOpen: true }, (socket) => void serveConnection(new NetChannel(socket), service));
  await new Promise<void>((resolve) => server.listen(path, resolve));
});
after(() => void server.close());

describe("org.varlink.certification", () => {
  it("by our own client", async () => {
    const socket = connect({ path, allowHalfOpen: true });
    const client = new VarlinkClient(new NetChannel(socket), [org_varlink_certification]);
    const { client_id } = (await client.call(`${name}.Start`)).parameters;
    let last: object = {};
    for (const method of ["Test01", "Test02", "Test03", "Test04", "Test05", "Test06", "Test07", "Test08", "Test09"]) {
      const answer = await client.call(`${name}.${method}`, { client_id, ...last });
      assert.equal(answer.error, undefined, JSON.stringify(answer));
      last = answer.parameters;
    }
    const many = await client.callMore(`${name}.Test10`, { client_id, ...last });
    const last_more_replies = many.map(({ parameters: { string } }) => string);
    assert.equal(last_more_replies.length, 10);
    await client.send(`${name}.Test11`, { client_id, last_more_replies }, { oneway: true });
    assert.deepEqual((await client.call(`${name}.End`, { client_id })).parameters, { all_ok: true });
    const again = await client.call(`${name}.Test01`, { client_id });
    assert.equal(again.error, `${name}.CertificationError`);
    client.channel.close();
  });

  describe("by varlink's client for Python", async () => {
    const { missing, python } = await pythonClient();

    it("passes", { skip: missing }, async () => {
      const { stdout } = await python("-m", "varlink.tests.test_certification", "--client", `--varlink=unix:${path}`);
      assert.match(stdout, /^Certification passed$/m);
      assert.match(stdout, /'all_ok': True/);
    });

    it("reads the descriptions, and calls", { skip: missing }, async () => {
      const { stdout } = await python("-c", pythonCalls, `unix:${path}`);
      assert.deepEqual(stdout.trim().split("\n"), [
        "org.varlink.service,org.varlink.certification,dev.sealcheck.Verify,dev.sealcheck.Image",
        "org.varlink.certification 13",
        "dev.sealcheck.Verify 5",
        "dev.sealcheck.Image 7",
        "org.varlink.service.InvalidParameter {'parameter': 'client_id'}",
        "org.varlink.service.MethodNotImplemented {'method': 'dev.sealcheck.Verify.GetStatus'}",
      ]);
    });
  });
});

const pythonCalls = `
import sys, varlink
from varlink.scanner import _Method
client = varlink.Client(sys.argv[1])
names = client.get_interfaces()
print(",".join(names))
for name in names[1:]:
    interface = client.get_interface(name)
    print(name, len([m for m in interface.members.values() if isinstance(m, _Method)]))
def fails(call):
    try:
        call()
    except varlink.VarlinkError as error:
        print(error.error(), error.parameters())
with client.open("org.varlink.certification") as connection:
    fails(lambda: connection.Test01())
with client.open("dev.sealcheck.Verify") as connection:
    fails(lambda: connection.GetStatus())
`;
