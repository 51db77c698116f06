import type { Credential, RegistryToken } from "../../config/credential.ts";
import type { PolicyChoice } from "../../engine/read-policy.ts";
import { fail, ok, type Result } from "../../result.ts";
import type { CommandProblem } from "../../words/command-words.ts";
import { hostWith } from "../arguments/image-options.ts";
import { openPgpOf } from "../arguments/openpgp-option.ts";
import type { Options } from "../arguments/parse-arguments.ts";
import type { Io } from "../io.ts";
import { reportCommandProblem } from "../report.ts";
import type { ProxyRequest } from "../services.ts";
import { version } from "../version.ts";
import { tellers } from "./judge-one.ts";

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
  if (options["insecure-policy"] === true && options["require-signed"] === true) {
    const why = { kind: "not-with", other: "require-signed" } as const;
    return fail({ code: "usage.option.combination", option: "insecure-policy", why });
  }
  const credential = credentialOf(options);
  if (!credential.ok) return credential;
  const { trace, warn } = tellers({ command, options, io });
  const prefix = options["user-agent-prefix"];
  return ok({
    descriptor: Number(sockfd),
    policy: policyOf(options),
    requireSigned: options["require-signed"] === true,
    platform: hostWith(options),
    openPgp: openPgpOf(options),
    registries: {
      registriesConf: options["registries-conf"],
      registriesDirectory: options["registries.d"],
      authFile: options.authfile,
      certificatesDirectory: options["cert-dir"],
      tlsVerify: options["tls-verify"],
      timeoutSeconds: undefined,
      environment: io.environment,
      userAgent: `${prefix === undefined ? "" : `${prefix} `}sealcheck/${version}`,
      now: () => io.now() * 1000,
      ...(credential.value && { credential: credential.value }),
    },
    environment: io.environment,
    now: io.now,
    trace,
    warn,
    onRefused: (message) => {
      if (options.debug === true) void io.stderr.write(`${message}\n`);
    },
  });
}

/** As skopeo: without a policy every image is accepted. */
function policyOf(options: Options): PolicyChoice {
  if (options["insecure-policy"] === true)
    return { kind: "text", text: '{"default":[{"type":"insecureAcceptAnything"}]}' };
  return options.policy === undefined ? { kind: "default" } : { kind: "file", path: options.policy };
}

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
