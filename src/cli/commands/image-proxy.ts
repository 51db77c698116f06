import type { Credential, RegistryToken } from "../../config/credential.ts";
import type { PolicyChoice } from "../../engine/read-policy.ts";
import { fail, ok, type Result } from "../../result.ts";
import type { CommandProblem } from "../../words/command-words.ts";
import type { Options } from "../arguments/parse-arguments.ts";
import type { Io } from "../io.ts";
import { reportCommandProblem } from "../report.ts";
import type { ProxyRequest } from "../services.ts";
import { imagesRequestOf } from "./images-request.ts";

const command = "experimental-image-proxy";

/** @returns the exit code. */
export async function imageProxy(options: Options, io: Io): Promise<number> {
  const request = requestOf(options, io);
  if (!request.ok) return reportCommandProblem(request.problem, command, "text", io);
  const failure = await io.serveImageProxy(request.value);
  if (failure === undefined) return 0;
  await io.stderr.write(`sealcheck: ${failure}\n`);
  return 1;
}

function requestOf(options: Options, io: Io): Result<ProxyRequest, CommandProblem> {
  const { sockfd = "0" } = options;
  if (!/^\d{1,9}$/.test(sockfd)) {
    return fail({ code: "usage.option.value", option: "sockfd", why: { kind: "no-descriptor", value: sockfd } });
  }
  const acceptsAll = options["insecure-policy"] === true;
  if (acceptsAll && options["require-signed"] === true) {
    const why = { kind: "not-with", other: "require-signed" } as const;
    return fail({ code: "usage.option.combination", option: "insecure-policy", why });
  }
  const credential = credentialOf(options);
  if (!credential.ok) return credential;
  const images = imagesRequestOf({ options, io });
  const prefix = options["user-agent-prefix"];
  return ok({
    ...images,
    descriptor: Number(sockfd),
    policy: acceptsAll ? acceptAnything : images.policy,
    registries: {
      ...images.registries,
      ...(prefix && { userAgent: `${prefix} ${images.registries.userAgent}` }),
      ...(credential.value && { credential: credential.value }),
    },
    onRefused: (message) => {
      if (options.debug === true) void io.stderr.write(`${message}\n`);
    },
  });
}

/** `--insecure-policy`, as in skopeo. */
const acceptAnything: PolicyChoice = { kind: "text", text: '{"default":[{"type":"insecureAcceptAnything"}]}' };

/** Of the options that exclude each other, as in skopeo (cmd/skopeo/utils.go `dockerImageOptions.newSystemContext`). */
function credentialOf(options: Options): Result<Credential | RegistryToken | "none" | undefined, CommandProblem> {
  const { creds, username, password } = options;
  const given = (["no-creds", "creds", "username", "registry-token"] as const).filter(
    (name) => options[name] !== undefined,
  );
  const [option, other] = given;
  if (option !== undefined && other !== undefined) {
    return fail({ code: "usage.option.combination", option, why: { kind: "not-with", other } });
  }
  if ((username === undefined) !== (password === undefined)) {
    return fail({ code: "usage.option.missing", option: username === undefined ? "username" : "password" });
  }
  if (options["no-creds"] === true) return ok("none");
  if (options["registry-token"] !== undefined) return ok({ kind: "registry-token", token: options["registry-token"] });
  if (username !== undefined && password !== undefined) return ok({ kind: "password", username, password });
  if (creds === undefined) return ok(undefined);
  const colon = creds.indexOf(":");
  if (colon === 0) return fail({ code: "usage.option.value", option: "creds", why: { kind: "empty" } });
  return ok(
    colon === -1
      ? { kind: "password", username: creds, password: "" }
      : { kind: "password", username: creds.slice(0, colon), password: creds.slice(colon + 1) },
  );
}
