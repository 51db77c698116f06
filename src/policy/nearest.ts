/** Longer words are not compared: nobody mistypes a key of policy.json into one of those, and hostile files could make it slow. */
const lengthMax = 64;

/**
 * What somebody who wrote `word` may have meant: the same word in other letter case, or else the one with the fewest letters
 * inserted, removed, replaced or swapped with their neighbour, if these are few for its length.
 *
 * @returns one of `known`, the first of those equally near, or `undefined` if none is near.
 */
export function nearest<Word extends string>(word: string, known: readonly Word[]): Word | undefined {
  if (word.length > lengthMax) return undefined;
  const lower = word.toLowerCase();
  let best: Word | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) > tolerance(candidate)) continue;
    const distance = editDistance(lower, candidate.toLowerCase());
    if (distance < bestDistance && distance <= tolerance(candidate)) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** A third of the letters, at most three: `pki` tolerates one. */
function tolerance(word: string): number {
  return Math.min(3, Math.floor(word.length / 3));
}

/** Optimal string alignment distance. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(at(previous, j) + 1, at(row, j - 1) + 1, at(previous, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, at(beforePrevious, j - 2) + 1);
      }
      row.push(cost);
    }
    beforePrevious = previous;
    previous = row;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
