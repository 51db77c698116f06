import { type OpenPgpBackEnd, openPgpBackEnds } from "../../crypto/openpgp/back-end.ts";
import type { Options } from "./parse-arguments.ts";

/** The back ends that `--openpgp` names; all of them without it. The names were checked when the command line was read. */
export function openPgpOf({ openpgp = ["all"] }: Options): readonly OpenPgpBackEnd[] {
  return openPgpBackEnds.filter((name) => openpgp.includes("all") || openpgp.includes(name));
}
