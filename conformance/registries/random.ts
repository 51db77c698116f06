/** A small random generator: the same seed gives the same. */
export class Random {
  #state: number;
  #oddity = 1;

  constructor(seed: number) {
    this.#state = ((seed * 2_654_435_761) ^ 0x5bd1e995) >>> 0 || 1;
  }

  /** From 0 to below 1 (xorshift32). */
  next(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state >>> 0;
    return this.#state / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Like {@link chance}, for what is not as people write it. */
  odd(probability: number): boolean {
    return this.next() < probability * this.#oddity;
  }

  /** How much of that there is from now on: none, some, or much. */
  setOddity(): void {
    this.#oddity = this.pick([0, 0, 0, 0.2, 1]);
  }

  upTo(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.upTo(choices.length)] ?? choices[0];
  }

  list<T>(least: number, most: number, make: () => T): T[] {
    return Array.from({ length: least + this.upTo(most - least + 1) }, make);
  }

  /** The same letters, some of them in the other case. */
  anyCase(text: string): string {
    return text.replaceAll(/[a-z]/g, (letter) => (this.chance(0.3) ? letter.toUpperCase() : letter));
  }

  /** One byte of it is another, missing, or twice. */
  damaged(text: string): Buffer {
    const bytes = Buffer.from(text);
    const at = this.upTo(bytes.length + 1);
    const inserted = this.chance(0.6) ? Buffer.from(this.pick(structural)) : Buffer.from([this.upTo(256)]);
    return Buffer.concat([
      bytes.subarray(0, at),
      this.chance(0.4) ? Buffer.alloc(0) : inserted,
      bytes.subarray(at + this.upTo(2)),
    ]);
  }
}

const structural = [
  "\n",
  "\r\n",
  "\r",
  "\t",
  " ",
  "#",
  '"',
  "'",
  "[",
  "]",
  "{",
  "}",
  ",",
  "=",
  ".",
  ":",
  "-",
  "&",
  "*",
  "!",
  "\\",
  "\ufeff",
  "\u0085",
  "\u2028",
  "\0",
] as const;
