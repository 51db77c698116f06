import type { BlobsChoice, PlatformChoice } from "../../../engine/choices.ts";
import { sha256Hex } from "../../../runtime/sha256.ts";
import { registriesOnDemand } from "../../../source/registry/open-registries.ts";
import { openPgpOf } from "../../arguments/openpgp-option.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import { policyOf } from "../../arguments/policy-option.ts";
import { registriesOptionsOf } from "../../arguments/registries-options.ts";
import type { Io } from "../../io.ts";
import { version } from "../../version.ts";
import { commandEngine } from "../command-engine.ts";
import type { Check } from "./judge-reference.ts";

/** By what the images of a run are judged. */
export function checkSettings(
  options: Options,
  chosen: { readonly platform: PlatformChoice; readonly blobs: BlobsChoice },
  {
    io,
    signal,
    onThrottled,
  }: { readonly io: Io; readonly signal: AbortSignal; readonly onThrottled: (host: string) => void },
): Check {
  return {
    ...chosen,
    engine: commandEngine({ options, io }),
    registries: registriesOnDemand({ ...registriesOptionsOf(options, io), onThrottled }),
    policy: policyOf(options),
    requireSigned: options["require-signed"] === true,
    blobMemo: new Map(),
    signal,
  };
}

/** Everything that decides, by the name that a person knows it by: a hash of it, or a short text. */
export async function decidedBy(
  { engine, policy, registries, requireSigned, platform, blobs }: Check,
  options: Options,
): Promise<Readonly<Record<string, string>>> {
  const { policies, files } = await engine.snapshot(policy);
  const access = await registries();
  const keys = [...files].map(([path, file]) => [path, file.ok ? sha256Hex(file.value) : file.problem]);
  const asked = {
    requireSigned,
    platform,
    blobs,
    openPgp: openPgpOf(options),
    tlsVerify: options["tls-verify"],
    certDir: options["cert-dir"],
  };
  return {
    sealcheck: version,
    policy: hashOf(
      [...policies.values()].map((text) => (text.ok ? sha256Hex(text.value.bytes) : text.problem.problem)),
    ),
    "keys of the policy": hashOf(keys.sort()),
    ...(access.ok ? access.value.decidedBy() : { "registries.conf": hashOf(access.problem) }),
    options: JSON.stringify(asked),
  };
}

function hashOf(value: unknown): string {
  return sha256Hex(Buffer.from(JSON.stringify(value)));
}
