import { type JsonNode, parseJson } from "../../encoding/json.ts";
import { decodeUtf8AsGo } from "../../encoding/utf8.ts";
import { maxConvertedConfigValues } from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";
import { partsOf } from "../layers.ts";
import { dockerSchema2, ociConfigType, ociManifest } from "../manifest.ts";
import type { ImageProblem } from "../problem.ts";
import { decodeAs, ociImageType } from "./config-type.ts";
import { schema1Config } from "./schema1-config.ts";

/** The configuration of an image as OCI has it, and its `config` alone: how a container is run. */
export interface OciConfig {
  readonly whole: Uint8Array;
  readonly inner: Uint8Array;
}

/**
 * The configuration of an image of schema 2 or OCI as the reference decodes it and encodes it again, byte for byte: without what OCI does not know (image/v5:
 * internal/image/docker_schema2.go and oci.go OCIConfig, then json.Marshal).
 *
 * @param untrustedConfig the blob, compared with its digest by the caller.
 */
export function ociConfig(untrustedConfig: Uint8Array): Result<OciConfig, ImageProblem> {
  const parsed = parseJson(decodeUtf8AsGo(untrustedConfig), { maxValues: maxConvertedConfigValues });
  if (!parsed.ok) {
    return parsed.problem.kind === "count"
      ? malformed(`its configuration holds more than ${maxConvertedConfigValues} values`)
      : malformed("its configuration is not valid JSON");
  }
  return encodeConfig(parsed.value);
}

function encodeConfig(root: JsonNode): Result<OciConfig, ImageProblem> {
  const image = decodeAs(ociImageType.whole, root);
  if (image === undefined) return malformed("a field of its configuration has a value of the wrong type");
  const whole = ociImageType.whole.encode(image);
  const inner = ociImageType.inner.encode(image.config);
  if (whole === undefined || inner === undefined) {
    return malformed("a time in its configuration is 24 hours or more away from UTC");
  }
  return ok({ whole: Buffer.from(whole), inner: Buffer.from(inner) });
}

/**
 * The configuration of any image as OCI has it (image/v5: types.Image OCIConfig): that of schema 1 is made from its history. Artifacts have none.
 *
 * @param mediaType what the manifest is, by the source or by its content; one that is not known counts as schema 1.
 * @param untrustedConfig the blob that the manifest names, compared with its digest by the caller; `undefined` for schema 1.
 */
export function configOf(
  untrustedManifest: Uint8Array,
  mediaType: string,
  untrustedConfig: Uint8Array | undefined,
): Result<OciConfig, ImageProblem> {
  const parts = partsOf(untrustedManifest, mediaType);
  if (!parts.ok) return parts;
  if (mediaType !== dockerSchema2 && mediaType !== ociManifest) {
    const made = schema1Config(untrustedManifest);
    return made.ok ? ociConfig(made.value) : made;
  }
  const { config } = parts.value;
  if (mediaType === ociManifest && config?.mediaType !== ociConfigType) {
    return malformed("it is no image but an artifact, and those have no configuration");
  }
  if (config === undefined || untrustedConfig === undefined) return malformed("it names no configuration");
  return ociConfig(untrustedConfig);
}

function malformed(detail: string): Result<never, ImageProblem> {
  return fail({ code: "image.manifest.malformed", detail });
}
