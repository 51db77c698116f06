/** What a first policy is made from. */
export interface FirstPolicy {
  /** A scope of transport docker. */
  readonly registry: string;
  /** The absolute path of the public key. */
  readonly keyPath: string;
  readonly keyType: "gpg" | "sigstore";
}

/**
 * The text of a policy that rejects everything but signed images of one registry. Signatures by sigstore keys need not
 * name a tag: cosign makes them so.
 */
export function composePolicy({ registry, keyPath, keyType }: FirstPolicy): string {
  const requirement =
    keyType === "gpg"
      ? { type: "signedBy", keyType: "GPGKeys", keyPath }
      : { type: "sigstoreSigned", keyPath, signedIdentity: { type: "matchRepository" } };
  const policy = { default: [{ type: "reject" }], transports: { docker: { [registry]: [requirement] } } };
  return `${JSON.stringify(policy, undefined, 2)}\n`;
}
