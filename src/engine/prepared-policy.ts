import type { OpenPgpBackEnd } from "../crypto/openpgp/back-end.ts";
import type { Identity } from "../identity/identity.ts";
import { judge, type Subject } from "../judge/judge.ts";
import type { Policy } from "../policy/policy.ts";
import { trustFilesOf } from "../policy/trust-sources.ts";
import { errorText } from "../result.ts";
import type { ReadTrustFile } from "../trust/trust-content.ts";
import { TrustStore } from "../trust/trust-store.ts";
import type { Verdict } from "../verdict/verdict.ts";
import { errorVerdict } from "./error-verdict.ts";
import { explainScope, type ScopeExplanation } from "./explain-scope.ts";

/** What judging needs of the machine, apart from images. */
export interface JudgingHost {
  /** Reads a key or certificate file that the policy names. */
  readonly readFile: ReadTrustFile;
  /** The current time in Unix seconds. */
  readonly now: () => number;
  /** Whether this process ends after one image: then what loads quickly is used, not what is quick once it is loaded. */
  readonly isForOneImage?: boolean | undefined;
}

/** A policy with its trust material, loaded on first use and shared by all images it judges. */
export class PreparedPolicy {
  readonly #policy: Policy;
  readonly #host: JudgingHost;
  readonly #trust: TrustStore;

  /** @param openPgp the back ends that have to accept an OpenPGP signature, each of them; all unless it is given */
  constructor(policy: Policy, host: JudgingHost, openPgp?: readonly OpenPgpBackEnd[]) {
    this.#policy = policy;
    this.#host = host;
    this.#trust = new TrustStore(host.readFile, openPgp);
  }

  get path(): string | undefined {
    return this.#policy.path;
  }

  explain(identity: Identity): ScopeExplanation {
    return explainScope(this.#policy, identity);
  }

  /** The files of keys and certificates that it names. */
  get trustFiles(): readonly string[] {
    const { default: byDefault, transports } = this.#policy;
    const scoped = [...transports.values()].flatMap((scopes) => [...scopes.values()].flat());
    return trustFilesOf([...byDefault, ...scoped]);
  }

  /** Never throws: a bug ends as a verdict with the code `internal.error`. */
  async judge(
    identity: Identity,
    subject: Subject,
    { requireSigned }: { readonly requireSigned: boolean },
  ): Promise<Verdict> {
    try {
      const nowSeconds = this.#host.now();
      // Nothing has expired, and nothing is from the future, at a time that no number can be compared with.
      if (!Number.isFinite(nowSeconds)) throw new TypeError("the clock (now) gives no finite number");
      return await judge(this.#policy, identity, subject, {
        trust: this.#trust,
        nowSeconds,
        isForOneImage: this.#host.isForOneImage === true,
        requireSigned,
      });
    } catch (error) {
      return errorVerdict({ code: "internal.error", detail: errorText(error) }, { policyPath: this.path });
    }
  }
}
