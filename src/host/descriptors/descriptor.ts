import { closeSync } from "node:fs";
import type { Descriptor } from "./channel.ts";

/** A net, and not the way: what was received and nobody took is closed when it is found unreachable. */
const forgotten = new FinalizationRegistry<number>((number) => closeSync(number));

class OwnedDescriptor implements Descriptor {
  #number: number;

  constructor(number: number) {
    this.#number = number;
    forgotten.register(this, number, this);
  }

  get number(): number {
    return this.#number;
  }

  close(): void {
    const number = this.#number;
    if (number === closed) return;
    this.#number = closed;
    forgotten.unregister(this);
    closeSync(number);
  }
}

/** What the system takes for no descriptor: EBADF. */
const closed = -1;

/** Takes the ownership of an open descriptor. A closed one has the number -1. */
export function ownDescriptor(number: number): Descriptor {
  return new OwnedDescriptor(number);
}

/** Takes one that was there when the process began. */
export function adoptDescriptor(number: number): Descriptor {
  return number <= standardError ? new StandardDescriptor(number) : ownDescriptor(number);
}

/** Is left open: whatever is opened next would have its number, and get what is meant for standard output. */
class StandardDescriptor implements Descriptor {
  #number: number;

  constructor(number: number) {
    this.#number = number;
  }

  get number(): number {
    return this.#number;
  }

  close(): void {
    this.#number = closed;
  }
}

const standardError = 2;
