import { atomic } from "./transport/atomic.ts";
import { containersStorage } from "./transport/containers-storage.ts";
import { dir } from "./transport/dir.ts";
import { docker } from "./transport/docker.ts";
import { dockerArchive } from "./transport/docker-archive.ts";
import { dockerDaemon } from "./transport/docker-daemon.ts";
import { oci } from "./transport/oci.ts";
import { ociArchive } from "./transport/oci-archive.ts";
import { ostree } from "./transport/ostree.ts";
import { sif } from "./transport/sif.ts";
import { tarball } from "./transport/tarball.ts";
import type { Transport } from "./transport.ts";

/** As containers/image registers them on Linux (transports/alltransports). */
const transports: ReadonlyMap<string, Transport> = new Map(
  [atomic, containersStorage, dir, docker, dockerArchive, dockerDaemon, oci, ociArchive, ostree, sif, tarball].map(
    (transport) => [transport.name, transport],
  ),
);

/** The names of all transports, sorted. */
export const transportNames: readonly string[] = [...transports.keys()];

/** The transport of exactly this name; `undefined` for a name that is none, under which policy.json may have any scope. */
export function transportNamed(name: string): Transport | undefined {
  return transports.get(name);
}
