import type { Audit } from "../../audit/audits/audit.ts";
import type { AuditStatus } from "../../audit/audits/status.ts";
import type { AuditCause, AuditRegistry, AuditSigner, Largest } from "../../audit/audits/summary.ts";
import type { AuditPolicyFacts } from "../../words/audit-report-words.ts";

/** What an audit found, counted. */
export interface AuditFacts {
  readonly audit: Audit;
  readonly policy: AuditPolicyFacts;
  readonly status: AuditStatus;
  readonly isFinished: boolean;
  readonly causes: Largest<AuditCause>;
  readonly registries: Largest<AuditRegistry>;
  readonly signers: Largest<AuditSigner>;
}
