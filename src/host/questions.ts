import { isatty } from "node:tty";

/** Asks somebody at a terminal. */
export interface Asker {
  /** The answer without blanks around it; `interrupted`; or `undefined` if none comes. */
  ask(question: string): Promise<{ readonly text: string } | "interrupted" | undefined>;
  close(): void;
}

/**
 * Asks on standard error and reads standard input, if both are a terminal; `undefined` if nobody can answer.
 *
 * @param onInterrupt how the process is told to stop, where that is no key of the terminal.
 */
export async function openAsker(onInterrupt: (listener: () => void) => void): Promise<Asker | undefined> {
  if (!isatty(0) || !isatty(2)) return undefined;
  const { createInterface } = await import("node:readline/promises");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<"interrupted" | undefined>((resolve) => {
    // On a terminal that readline has in hand, Ctrl-C is a key; elsewhere it is a signal.
    terminal.once("SIGINT", () => resolve("interrupted"));
    onInterrupt(() => resolve("interrupted"));
    terminal.once("close", () => resolve(undefined));
  });
  return {
    // A question that is not answered never settles, or is rejected, depending on the runtime.
    ask: (question) => {
      const answer = terminal.question(question).then(
        (text) => ({ text: text.trim() }),
        () => ended,
      );
      return Promise.race([answer, ended]);
    },
    close: () => terminal.close(),
  };
}
