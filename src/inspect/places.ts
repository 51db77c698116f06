import type { JsonNode } from "../encoding/json.ts";
import type { JsonPath, Position } from "../policy/problem.ts";
import { LineIndex } from "../policy/reader/line-index.ts";

/** Where the values of a policy stand in its text, by their paths. Keys are unique in a policy that was parsed. */
export class Places {
  readonly #root: JsonNode;
  readonly #lines: LineIndex;
  readonly #members = new WeakMap<JsonObject, ReadonlyMap<string, JsonMember>>();

  constructor(text: string, root: JsonNode) {
    this.#root = root;
    this.#lines = new LineIndex(text);
  }

  /** The value itself; `undefined` if there is none. */
  node(path: JsonPath): JsonNode | undefined {
    let node: JsonNode | undefined = this.#root;
    for (const step of path) node = node && this.#child(node, step);
    return node;
  }

  /** Of the value, or of the nearest value around it that is there. */
  ofValue(path: JsonPath): Position {
    const node = this.node(path);
    return node === undefined ? this.ofValue(path.slice(0, -1)) : this.#lines.position(node.at);
  }

  /** Of the key that the value stands under; of the value itself in a list. */
  ofKey(path: JsonPath): Position {
    const parent = path.length === 0 ? undefined : this.node(path.slice(0, -1));
    const key = path.at(-1);
    const member = parent?.kind === "object" && typeof key === "string" ? this.#membersOf(parent).get(key) : undefined;
    return member === undefined ? this.ofValue(path) : this.#lines.position(member.keyAt);
  }

  #child(node: JsonNode, step: string | number): JsonNode | undefined {
    if (node.kind === "object" && typeof step === "string") return this.#membersOf(node).get(step)?.value;
    return node.kind === "array" && typeof step === "number" ? node.items[step] : undefined;
  }

  /** Made once for each object: a policy may have very many scopes, and each is looked up. */
  #membersOf(node: JsonObject): ReadonlyMap<string, JsonMember> {
    const known = this.#members.get(node) ?? new Map(node.members.map((member) => [member.key, member]));
    this.#members.set(node, known);
    return known;
  }
}

type JsonObject = Extract<JsonNode, { kind: "object" }>;
type JsonMember = JsonObject["members"][number];
