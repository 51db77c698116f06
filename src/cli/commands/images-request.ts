import { hostWith } from "../arguments/image-options.ts";
import { openPgpOf } from "../arguments/openpgp-option.ts";
import { policyOf } from "../arguments/policy-option.ts";
import { registriesOptionsOf } from "../arguments/registries-options.ts";
import type { ImagesRequest } from "../services.ts";
import { type Called, tellers } from "./command-engine.ts";

/** What the commands that serve images to other programs have in common. */
export function imagesRequestOf({ options, io }: Called): ImagesRequest {
  return {
    policy: policyOf(options),
    requireSigned: options["require-signed"] === true,
    platform: hostWith(options),
    openPgp: openPgpOf(options),
    registries: registriesOptionsOf(options, io),
    environment: io.environment,
    now: io.now,
    ...tellers({ options, io }),
  };
}
