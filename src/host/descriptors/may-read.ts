import type { Peer } from "./channel.ts";

/** What decides who may do what with a file: its owner and its mode bits. */
export interface FileRights {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/**
 * Whether a user could open this file for reading, by its owner, group and mode (path_resolution(7)): the first class that the user is in
 * decides. Access control lists are not seen, but for their mask, which stands in the place of the group's bits: whom such a list
 * refuses by name is taken for anybody else.
 */
export function mayRead(user: Pick<Peer, "userId" | "groupId" | "groups">, file: FileRights): boolean {
  return may(user, file, 0o4);
}

/** Whether a user could look up names in this directory. */
export function maySearch(user: Pick<Peer, "userId" | "groupId" | "groups">, directory: FileRights): boolean {
  return may(user, directory, 0o1);
}

function may(
  { userId, groupId, groups }: Pick<Peer, "userId" | "groupId" | "groups">,
  { uid, gid, mode }: FileRights,
  bit: number,
): boolean {
  if (userId === 0) return true;
  const [ofOwner, ofGroup, ofOthers] = [6, 3, 0].map((shift) => (mode & (bit << shift)) !== 0);
  // Whoever may or may not be in a class gets no more than those in it, and no more than those outside.
  let isAllowed = true;
  if (userId === uid) {
    isAllowed = ofOwner === true;
    if (uid !== unmappedId) return isAllowed;
  }
  if (groupId === gid || groups.includes(gid)) {
    isAllowed &&= ofGroup === true;
    if (gid !== unmappedId) return isAllowed;
  }
  return isAllowed && ofOthers === true;
}

/**
 * What every user and group looks like that a user namespace has no number for, each other's equals or not (user_namespaces(7);
 * /proc/sys/kernel/overflowuid).
 */
const unmappedId = 65534;
