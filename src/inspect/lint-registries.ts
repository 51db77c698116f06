import { namespacesWithin, type RegistriesConfig, signatureStoreOf } from "../config/registries.ts";
import type { Lint } from "./findings.ts";
import type { Section } from "./walk.ts";

/** What is wrong with registries.d as a whole. */
export function lintRegistriesFiles({ missing, passedOver, files }: RegistriesConfig): readonly Lint[] {
  const lints: Lint[] = missing === undefined ? [] : [{ code: "lint.registries.missing", source: missing }];
  if (passedOver.length === 0) return lints;
  return [...lints, { code: "lint.registries.passed-over", files: passedOver, isOnly: files.length === 0 }];
}

/**
 * Whether signatures of the kind that a scope asks for are downloaded at all. Nothing is said where there is no registries.d,
 * nor of the policy's default: which images it is for, nobody knows.
 */
export function lintRegistries(
  { transport, scope, requirements }: Section,
  config: RegistriesConfig,
): Lint | undefined {
  if (transport !== "docker" || config.files.length === 0) return undefined;
  const store = signatureStoreOf(config, scope);
  const within = namespacesWithin(config, scope);
  const attachments =
    store.useSigstoreAttachments || within.some(({ useSigstoreAttachments }) => useSigstoreAttachments);
  if (requirements.some(({ type }) => type === "sigstoreSigned") && !attachments) {
    return { code: "lint.registries.no-attachments", scope, files: config.files };
  }
  const hasLookaside = store.lookaside !== undefined || within.some(({ lookaside }) => lookaside !== undefined);
  const isSimple = requirements.some(({ type }) => type === "signedBy");
  return isSimple && !hasLookaside ? { code: "lint.registries.no-lookaside", scope } : undefined;
}
