import type { Peer } from "./channel.ts";

/** What decides who may do what with a file: its owner and its mode bits. */
export interface FileRights {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/**
 * Whether a user could open this file for reading, by its owner, group and mode (path_resolution(7)): the first class that the user is in
 * decides. Of access control lists nothing is known: a mask in the group's place can only be wider than what a user really may, so
 * that a file with one may be refused, and of it nothing is given to somebody in none of its groups.
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
  if (userId === uid) return (mode & (bit << 6)) !== 0;
  if (groupId === gid || groups.includes(gid)) return (mode & (bit << 3)) !== 0;
  return (mode & bit) !== 0;
}
