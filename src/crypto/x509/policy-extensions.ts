/** OIDs as the hex of their DER content, since they may have components of any size. */
export interface PolicyExtensions {
  readonly identifiers: readonly string[];
  readonly mappings: readonly PolicyMapping[];
  /** `undefined`: absent. Negative values, which Go lets pass, count as absent. */
  readonly requireExplicit: number | undefined;
  readonly inhibitMapping: number | undefined;
  readonly inhibitAny: number | undefined;
}

export interface PolicyMapping {
  readonly issuer: string;
  readonly subject: string;
}
