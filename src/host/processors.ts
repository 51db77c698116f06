/** How many processors this process may use. */
export function processorsAtHand(): number {
  return process.getBuiltinModule("node:os").availableParallelism();
}
