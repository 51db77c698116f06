/** Interface names have at most 255 letters; a path into parameters has some more. */
const maxShownName = 300;

/** A name that the caller made up, as it is told to the caller again: of any length, it would make the reply larger than it may be. */
export function shownName(untrustedName: string): string {
  return untrustedName.slice(0, maxShownName).toWellFormed();
}
