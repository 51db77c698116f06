/** Certificate policies: RFC 5280, section 6.1, with the graph of RFC 9618 (go: crypto/x509 policiesValid). */
import type { Certificate } from "./certificate.ts";
import type { PolicyExtensions, PolicyMapping } from "./policy-extensions.ts";

/** 2.5.29.32.0 */
const anyPolicy = "551d2000";

interface Node {
  readonly policy: string;
  expected: readonly string[];
  readonly parents: Set<Node>;
  readonly children: Set<Node>;
}

type Level = Map<string, Node>;

/** Any policy of the leaf is acceptable: what can fail is only what the certificates demand of each other. Leaf first. */
export function arePoliciesValid(chain: readonly Certificate[]): boolean {
  // The trust anchor's own policies do not count.
  const path = chain.slice(0, -1).reverse();
  const [leaf] = chain;
  if (leaf === undefined || path.length === 0) return true;
  let graph: Level[] | undefined = [new Map([[anyPolicy, newNode(anyPolicy, [])]])];
  const left = { explicit: path.length + 1, mapping: path.length + 1, any: path.length + 1 };

  for (const [i, certificate] of path.entries()) {
    const isLeaf = i === path.length - 1;
    const isSelfIssued = Buffer.compare(certificate.rawIssuer, certificate.rawSubject) === 0;
    const { identifiers, mappings } = certificate.policies;
    if (identifiers.length === 0) graph = undefined;
    if (left.explicit === 0 && graph === undefined) return false;
    if (graph !== undefined) {
      addLevel(graph, identifiers, left.any > 0 || (!isLeaf && isSelfIssued));
      prune(graph);
      if (!isLeaf && mappings.length > 0 && !applyMappings(graph, mappings, left.mapping > 0)) return false;
    }
    if (!isLeaf) count(left, certificate.policies, isSelfIssued);
  }

  const mustBeExplicit = left.explicit <= 1 || leaf.policies.requireExplicit === 0;
  return !mustBeExplicit || (graph !== undefined && hasValidPolicy(graph));
}

interface Left {
  explicit: number;
  mapping: number;
  any: number;
}

/** RFC 5280, section 6.1.4 (h) to (j). */
function count(left: Left, policies: PolicyExtensions, isSelfIssued: boolean): void {
  const next = (before: number, demanded: number | undefined): number => {
    const after = isSelfIssued ? before : Math.max(before - 1, 0);
    return demanded !== undefined && demanded >= 0 ? Math.min(after, demanded) : after;
  };
  left.explicit = next(left.explicit, policies.requireExplicit);
  left.mapping = next(left.mapping, policies.inhibitMapping);
  left.any = next(left.any, policies.inhibitAny);
}

function newNode(policy: string, parents: readonly Node[]): Node {
  const node: Node = { policy, expected: [policy], parents: new Set(parents), children: new Set() };
  for (const parent of parents) parent.children.add(node);
  return node;
}

/** RFC 9618, section 5.2 (d) (1) and (2). */
function addLevel(graph: Level[], identifiers: readonly string[], mayUseAny: boolean): void {
  const above = graph.at(-1) ?? new Map<string, Node>();
  const level: Level = new Map();
  graph.push(level);
  const expecting = new Map<string, Node[]>();
  for (const node of above.values()) {
    for (const policy of node.expected) addTo(expecting, policy, node);
  }
  const anyAbove = above.get(anyPolicy);
  for (const policy of identifiers) {
    if (policy === anyPolicy) continue;
    const parents = expecting.get(policy) ?? (anyAbove === undefined ? [] : [anyAbove]);
    if (parents.length > 0) level.set(policy, newNode(policy, parents));
  }
  if (!identifiers.includes(anyPolicy) || !mayUseAny) return;
  const missing = new Map<string, Node[]>();
  for (const node of above.values()) {
    for (const policy of node.expected) if (!level.has(policy)) addTo(missing, policy, node);
  }
  for (const [policy, parents] of missing) level.set(policy, newNode(policy, parents));
}

function addTo<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

function remove(level: Level, policy: string): void {
  const node = level.get(policy);
  if (node === undefined) return;
  for (const parent of node.parents) parent.children.delete(node);
  level.delete(policy);
}

/** Drops what leads to nothing, but not from the level just added. */
function prune(graph: readonly Level[]): void {
  for (let depth = graph.length - 2; depth > 0; depth--) {
    const level: Level = graph[depth] ?? new Map();
    for (const node of level.values()) {
      if (node.children.size === 0) remove(level, node.policy);
    }
  }
}

/** RFC 9618, section 5.3 (b). `false`: a mapping from or to anyPolicy, which makes the path invalid. */
function applyMappings(graph: readonly Level[], mappings: readonly PolicyMapping[], areAllowed: boolean): boolean {
  const level = graph.at(-1) ?? new Map<string, Node>();
  const subjects = new Map<string, string[]>();
  for (const { issuer, subject } of mappings) {
    if (areAllowed) {
      if (issuer === anyPolicy || subject === anyPolicy) return false;
      addTo(subjects, issuer, subject);
    } else {
      remove(level, issuer);
    }
  }
  prune(graph);
  for (const [issuer, expected] of subjects) {
    const matching = level.get(issuer);
    const any = level.get(anyPolicy);
    if (matching !== undefined) {
      matching.expected = expected;
    } else if (any !== undefined) {
      const node = newNode(issuer, [any]);
      node.expected = expected;
      level.set(issuer, node);
    }
  }
  return true;
}

/** Whether the set of valid policies (RFC 9618, section 5.4 (g)) has a member. */
function hasValidPolicy(graph: readonly Level[]): boolean {
  if (graph.at(-1)?.has(anyPolicy) === true) return true;
  return graph.some((level) =>
    [...level.values()].some((node) => {
      const [parent] = node.parents;
      return node.policy !== anyPolicy && node.parents.size === 1 && parent?.policy === anyPolicy;
    }),
  );
}
