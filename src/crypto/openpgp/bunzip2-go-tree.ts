interface Code {
  /** The code stands at the upper end of 32 bits. */
  readonly bits: number;
  readonly symbol: number;
}

/** A branch, or the symbol at its end. Go gives the lower codes the bit 1. */
type Node = number | { readonly zero: Node; readonly one: Node };

/**
 * The Huffman tree that Go makes of code lengths which are not those of a complete code: codes are given out from the longest to the
 * shortest, wrapping around where there are too many, and a level with one side only takes no bit. `undefined` where Go
 * refuses the lengths. For a complete code it is the canonical tree. Go: compress/bzip2/huffman.go newHuffmanTree.
 */
export function goTree(lengths: Uint8Array): ((bits: { read(count: number): number }) => number) | undefined {
  const fromLongest = [...lengths.keys()].sort((a, b) => (lengths[b] ?? 0) - (lengths[a] ?? 0) || b - a);
  let next = 0;
  const codes = fromLongest.map((symbol): Code => {
    const bits = next;
    next = (next + 2 ** (32 - (lengths[symbol] ?? 0))) % 2 ** 32;
    return { bits, symbol };
  });
  const root = branch(codes, 0);
  if (root === undefined) return undefined;
  return (bits) => {
    let node = root;
    while (typeof node !== "number") node = bits.read(1) === 1 ? node.one : node.zero;
    return node;
  };
}

/** Go: compress/bzip2/huffman.go buildHuffmanNode. */
function branch(codes: readonly Code[], level: number): Node | undefined {
  const [only] = codes;
  if (codes.length === 1) return only?.symbol;
  if (level === 32) return undefined; // "equal symbols in Huffman tree"
  const isUpper = ({ bits }: Code): boolean => Math.floor(bits / 2 ** (31 - level)) % 2 === 1;
  const upper = codes.filter(isUpper);
  if (upper.length === codes.length || upper.length === 0) return branch(codes, level + 1);
  const one = branch(
    codes.filter((code) => !isUpper(code)),
    level + 1,
  );
  const zero = branch(upper, level + 1);
  return one === undefined || zero === undefined ? undefined : { zero, one };
}
