/** A scope of the policy that reads as if it were for an image, and is not looked up for it. */
export type MissedScope =
  /** It is in the section of another transport. */
  | { readonly kind: "other-transport"; readonly transport: string; readonly scope: string; readonly meant: string }
  /** The section's name is no transport. `meant` is the one that the image has, if the name looks like a slip for that. */
  | {
      readonly kind: "no-transport";
      readonly transport: string;
      readonly scope: string;
      readonly meant: string | undefined;
    }
  /** Scopes are compared as text, with the full name of the image: `docker.io/busybox` is not docker.io/library/busybox. */
  | { readonly kind: "spelling"; readonly scope: string; readonly meant: string };
