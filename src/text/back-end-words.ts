import type { BackEndOpinion, OpenPgpBackEnd } from "../crypto/openpgp/back-end.ts";
import { listText } from "./format.ts";

/** What people call the programs that verify OpenPGP in podman, and where they meet them. */
const names = {
  gnupg: "GnuPG (as on Debian and RHEL)",
  go: "go-crypto (pure Go)",
  sequoia: "Sequoia (as on Fedora 43 and newer)",
} as const satisfies Record<OpenPgpBackEnd, string>;

export function backEndText(backEnd: OpenPgpBackEnd): string {
  return names[backEnd];
}

/** Where the back ends do not agree: which builds of podman refuse what others accept. Empty if they do. */
export function differenceText(opinions: readonly BackEndOpinion[]): string {
  const refusing = opinions.filter(({ problem }) => problem !== undefined);
  const accepting = opinions.filter(({ problem }) => problem === undefined);
  if (refusing.length === 0 || accepting.length === 0) return "";
  const list = (some: readonly BackEndOpinion[]) =>
    listText(
      some.map(({ backEnd }) => names[backEnd]),
      "and",
    );
  return `; podman built with ${list(refusing)} refuses this, with ${list(accepting)} it accepts it`;
}
