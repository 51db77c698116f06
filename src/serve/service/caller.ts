import type { Peer } from "../../host/descriptors/channel.ts";
import type { ReadingRights } from "../../host/descriptors/directory-at.ts";
import { mayRead, maySearch } from "../../host/descriptors/may-read.ts";
import { effectiveUserId } from "../../host/user.ts";

const rootId = 0;

/** What may be read for whoever asks: what they could read themselves. Without a socket that is whoever started this process. */
export function rightsOf(peer: Peer | undefined): ReadingRights {
  if (peer === undefined) return { mayRead: () => true, maySearch: () => true };
  return { mayRead: (status) => mayRead(peer, status), maySearch: (status) => maySearch(peer, status) };
}

/** Whether somebody has the rights of this process anyway, and may let it open what they name. */
export function hasOwnRights(peer: Peer | undefined): boolean {
  return peer === undefined || peer.userId === rootId || peer.userId === effectiveUserId();
}
