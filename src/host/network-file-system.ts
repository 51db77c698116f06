import { statfsSync } from "node:fs";

/** Of linux/magic.h, and of the modules themselves: NFS, SMB1, CIFS, SMB2, AFS, Ceph. */
const networkTypes: readonly number[] = [0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x5346414f, 0x00c36400];

/**
 * Whether other machines may have the same file: what processes on one machine share in memory they do not see. FUSE and 9p are not among
 * these: containers and virtual machines have them for what is their own. Where it cannot be told, it is said not to be.
 */
export function isOnNetworkFileSystem(path: string): boolean {
  try {
    // The kernel's type is signed on some machines.
    return networkTypes.includes(statfsSync(path).type >>> 0);
  } catch {
    return false;
  }
}
