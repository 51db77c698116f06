import type { UnreadSignature } from "../image/image.ts";
import { maxSignatures } from "../limits.ts";
import type { Eventually } from "../result.ts";

/** How far behind a number that is missing is looked: one that was deleted, or counted from 0 or 2. */
const reach = 9;

/** The first of `signature-1`, `signature-2`, … that comes behind a gap. */
export async function unreadSignature(
  hasFile: (name: string) => Eventually<boolean>,
): Promise<UnreadSignature | undefined> {
  let number = 1;
  while (number <= maxSignatures && (await hasFile(`signature-${number}`))) number += 1;
  const missing = `signature-${number}`;
  for (let next = number + 1; next <= number + reach; next += 1) {
    if (await hasFile(`signature-${next}`)) return { name: `signature-${next}`, missing };
  }
  return undefined;
}
