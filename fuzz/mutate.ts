/** Makes hostile inputs out of good ones. */
import type { Random } from "./random.ts";

/** Larger ones only cost time: that size is bounded is tested elsewhere (test/attacks). */
const maxBytes = 64 * 1024;

const integers = ["0", "-1", "1e999", "2147483648", "18446744073709551616", "0.5", "-0"].map((text) =>
  Buffer.from(text),
);
const octets = [0x00, 0x01, 0x7f, 0x80, 0xff, 0x0a, 0x0d, 0x22, 0x5c];

/**
 * One to eight changes of `input`.
 *
 * @param others whose pieces may be put in.
 * @param words that mean something to what reads the input.
 */
export function mutate(
  input: Uint8Array,
  random: Random,
  others: readonly Uint8Array[],
  words: readonly Uint8Array[],
): Uint8Array {
  let bytes: Buffer = Buffer.from(input);
  for (let changes = 1 << random.below(4); changes > 0; changes--) bytes = change(bytes, random, others, words);
  return bytes.subarray(0, maxBytes);
}

function change(bytes: Buffer, random: Random, others: readonly Uint8Array[], words: readonly Uint8Array[]): Buffer {
  const at = random.below(bytes.length + 1);
  const length = random.below(Math.min(bytes.length - at, 1 << random.below(12)) + 1);
  const replace = (by: Uint8Array, removed = length): Buffer =>
    Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + removed)]);
  switch (random.below(11)) {
    case 0:
      return flip(bytes, random);
    case 1:
      return replace(Buffer.of(random.pick(octets)), 1);
    case 2:
      return replace(Buffer.of(random.below(256)), random.below(2));
    case 3:
      return replace(new Uint8Array());
    case 4:
      return replace(Buffer.concat([bytes.subarray(at, at + length), bytes.subarray(at, at + length)]));
    case 5: {
      const other = random.pick(others);
      const from = random.below(other.length + 1);
      return replace(other.subarray(from, from + random.below(1 << random.below(12)) + 1));
    }
    case 6:
      return replace(random.pick(words), random.below(2) * length);
    case 7:
      return replace(random.pick(integers), Math.min(length, 4));
    case 8:
      return replace(Buffer.alloc(1 << random.below(12), bytes[at] ?? 0), 0);
    case 9:
      return grow(bytes, random);
    default:
      return insideBase64(bytes, random, others, words);
  }
}

function flip(bytes: Buffer, random: Random): Buffer {
  if (bytes.length === 0) return bytes;
  const changed = Buffer.from(bytes);
  const at = random.below(bytes.length);
  changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8));
  return changed;
}

/** Adds to, or takes from, what may be a length. */
function grow(bytes: Buffer, random: Random): Buffer {
  if (bytes.length === 0) return bytes;
  const changed = Buffer.from(bytes);
  const at = random.below(bytes.length);
  changed[at] = ((changed[at] ?? 0) + random.below(9) - 4) & 0xff;
  return changed;
}

/** Changes what a run of base64 stands for: signatures, payloads and certificates are hidden in it. */
function insideBase64(
  bytes: Buffer,
  random: Random,
  others: readonly Uint8Array[],
  words: readonly Uint8Array[],
): Buffer {
  const runs = [...bytes.toString("latin1").matchAll(/[A-Za-z0-9+/\n]{24,}={0,2}/g)];
  if (runs.length === 0) return flip(bytes, random);
  const { 0: run, index } = random.pick(runs);
  const inner = change(Buffer.from(run, "base64"), random, others, words);
  const encoded = Buffer.from(inner.toString("base64"));
  return Buffer.concat([bytes.subarray(0, index), encoded, bytes.subarray(index + run.length)]);
}
