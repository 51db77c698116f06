import type { Descriptor } from "../../host/descriptors/channel.ts";

/** The descriptors that came with a call. Those that no one takes are closed when it is answered. */
export interface TakenDescriptors {
  readonly count: number;
  /** Hands over one, which the caller then has to close; `undefined` if there is none at this place, or it was taken before. */
  take(index: number): Descriptor | undefined;
}

export class CallDescriptors implements TakenDescriptors {
  readonly #descriptors: (Descriptor | undefined)[];

  constructor(descriptors: readonly Descriptor[]) {
    this.#descriptors = [...descriptors];
  }

  get count(): number {
    return this.#descriptors.length;
  }

  take(index: number): Descriptor | undefined {
    const descriptor = this.#descriptors[index];
    if (descriptor !== undefined) this.#descriptors[index] = undefined;
    return descriptor;
  }

  closeRest(): void {
    for (const [index, descriptor] of this.#descriptors.entries()) {
      this.#descriptors[index] = undefined;
      descriptor?.close();
    }
  }
}
