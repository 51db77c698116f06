/** What is kept of a verdict beside its JSON, for those who ask by it. */
export interface KeptLine {
  readonly reference: string;
  readonly outcome: "accepted" | "rejected" | "error";
  readonly code: string;
  readonly pinned: string | null;
  readonly digest: string | null;
}

/** `undefined` for what is no verdict with a reference. */
export function readLine(line: string): KeptLine | undefined {
  const { reference, outcome, code, pinned, manifest } = fieldsOf(parsed(line));
  const { digest } = fieldsOf(manifest);
  if (typeof reference !== "string" || typeof code !== "string") return undefined;
  if (outcome !== "accepted" && outcome !== "rejected" && outcome !== "error") return undefined;
  return {
    reference,
    outcome,
    code,
    pinned: textOrNull(pinned),
    digest: textOrNull(digest),
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
