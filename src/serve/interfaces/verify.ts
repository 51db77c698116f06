import { decodeBase64 } from "../../encoding/base64.ts";
import { errorVerdict } from "../../engine/error-verdict.ts";
import type { JudgeRequest } from "../../engine/request.ts";
import { parseManifestDigest } from "../../image/manifest.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { decodeSignatures } from "../../image/sent-signatures.ts";
import { maxManifestBytes } from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";
import { openDirIn } from "../../source/dir/dir-source.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import { requirementText } from "../../words/requirement-words.ts";
import { judgeFor, type ServiceCore } from "../service/service-core.ts";
import { type Implementation, implement } from "../varlink/implement.ts";
import { type Call, errorReply, invalidParameter, reply } from "../varlink/interface.ts";
import { type DevSealcheckVerify, dev_sealcheck_Verify } from "../varlink/interfaces/dev-sealcheck-verify.ts";
import { sealed, takeDirectory } from "./call-files.ts";
import { judgingError, said } from "./wire-error.ts";
import { wireVerdict } from "./wire-verdict.ts";

type Types = DevSealcheckVerify["types"];

/** Of `verdict` in the replies: that of the JSON document. */
const verdictVersion = 1;

/** dev.sealcheck.Verify: docs/varlink has what it promises. */
export function verifyInterface(core: ServiceCore): Implementation {
  return implement(dev_sealcheck_Verify, {
    VerifyBytes: async ({ parameters, connection, signal }) => {
      const request = bytesRequest(parameters);
      if (!request.ok) return invalidParameter(request.problem);
      const { verdict } = await judgeFor(connection, core, request.value, signal);
      return verdict.outcome === "error" ? judgingError(verdict) : reply({ verdict: wireVerdict(verdict) });
    },
    VerifyDirectory: (call) => verifyDirectory(call, core),
    VerifyMany: async function* ({ parameters: { requests }, connection, signal }) {
      if (requests.length === 0) return invalidParameter("requests");
      // What makes no sense is found before anything is judged.
      const prepared: BytesRequest[] = [];
      for (const [index, request] of requests.entries()) {
        const one = bytesRequest(request);
        if (!one.ok) return invalidParameter(`requests[${index}].${one.problem}`);
        prepared.push(one.value);
      }
      for (const [index, request] of prepared.entries()) {
        const { verdict } = await judgeFor(connection, core, request, signal);
        // A bug is no failure of one request: nothing may be read from it.
        if (verdict.code === "internal.error") return errorReply("InternalFailure", said(verdict));
        const answer = reply({ index, id: requests[index]?.id ?? null, ...verdictOrFailure(verdict) });
        if (index + 1 === prepared.length) return answer;
        yield answer;
      }
      throw new Error("the last request ends the loop");
    },
    ExplainIdentity: async ({ parameters, connection }) => {
      const explained = await core.engine.explain(parameters.identity, core.policy);
      if (!explained.ok) {
        const verdict = errorVerdict(explained.problem.problem, explained.problem);
        core.log.verdict(verdict, connection.peer);
        return judgingError(verdict);
      }
      const { identity, scope, candidates, requirements } = explained.value;
      return reply({
        identity: identity.text,
        transport: scope.kind === "transport" ? scope.transport : "",
        scope: scope.kind === "transport" ? scope.scope : "",
        candidates: [...candidates],
        requirements: requirements.map((requirement) => ({
          kind: requirement.type,
          text: requirementText(requirement),
        })),
      });
    },
    GetStatus: async () => {
      const { metrics } = core.meter;
      return reply({
        version: core.version,
        verdict_version: verdictVersion,
        ...(await policyStatus(core)),
        metrics: {
          calls: metrics.calls,
          accepted: metrics.accepted,
          rejected: metrics.rejected,
          errors: metrics.errors,
          p50_microseconds: metrics.p50Microseconds ?? null,
          p99_microseconds: metrics.p99Microseconds ?? null,
          connections: core.connections(),
        },
      });
    },
  });
}

type BytesRequest = Pick<JudgeRequest, "identity" | "image"> & { readonly requireSigned: boolean };

/** @returns the parameter that makes no sense, if one does not. */
function bytesRequest({
  identity,
  manifest,
  manifest_digest: digestText,
  signatures,
  options,
}: Pick<Types["Request"], "identity" | "manifest" | "manifest_digest" | "signatures" | "options">): Result<
  BytesRequest,
  string
> {
  const requireSigned = options?.require_signed === true;
  const decoded = decodeSignatures(signatures, decodeBase64);
  if (!decoded.ok) return fail(`signatures[${decoded.problem}]`);
  if (manifest === null) {
    const digest = digestText === null ? undefined : parseManifestDigest(digestText);
    if (digest === undefined) return fail("manifest_digest");
    return ok({ identity, requireSigned, image: { kind: "bytes", manifest: { digest }, signatures: decoded.value } });
  }
  if (digestText !== null) return fail("manifest_digest");
  const bytes = decodeBase64(manifest);
  if (bytes === undefined) return fail("manifest");
  const tooLarge = { code: "image.manifest.too-large", maxBytes: maxManifestBytes } as const;
  if (bytes.length > maxManifestBytes) {
    return ok({ identity, requireSigned, image: { kind: "open", open: () => fail(tooLarge) } });
  }
  return ok({ identity, requireSigned, image: { kind: "bytes", manifest: bytes, signatures: decoded.value } });
}

async function verifyDirectory(
  call: Call<DevSealcheckVerify["methods"]["VerifyDirectory"]["parameters"]>,
  core: ServiceCore,
) {
  const { parameters, connection, signal } = call;
  const directory = takeDirectory(parameters.directory_fd_index, call, core);
  if (!directory.ok) return directory.problem;
  const opened = openDirIn(directory.value, "the directory that was sent");
  const close = () => (opened.ok ? opened.value.close() : undefined);
  const open = () =>
    opened.ok ? ok({ image: opened.value, source: opened.value, close }) : fail<ImageProblem>(opened.problem);
  const request = {
    identity: parameters.identity,
    image: { kind: "open", transport: "dir", open } as const,
    requireSigned: parameters.options?.require_signed === true,
  };
  const { verdict, manifest } = await judgeFor(connection, core, request, signal).finally(close);
  if (verdict.outcome === "error") return judgingError(verdict);
  const wire = wireVerdict(verdict);
  if (verdict.outcome === "rejected" || manifest === undefined || !connection.carriesDescriptors) {
    return reply({ verdict: wire, manifest_fd_index: null });
  }
  return reply({ verdict: wire, manifest_fd_index: 0 }, [sealed("manifest", manifest, core)]);
}

function verdictOrFailure(verdict: Verdict): {
  readonly verdict: Types["Verdict"] | null;
  readonly failure: Types["Failure"] | null;
} {
  if (verdict.outcome !== "error") return { verdict: wireVerdict(verdict), failure: null };
  return { verdict: null, failure: failureOf(verdict) };
}

function failureOf(verdict: Extract<Verdict, { outcome: "error" }>): Types["Failure"] {
  const { name } = judgingError(verdict);
  const kind = name === "IdentityInvalid" ? "identity" : name === "PolicyUnusable" ? "policy" : "image";
  return { kind, ...said(verdict) };
}

/** Which policy is in force, and since when. */
async function policyStatus({ engine, policy }: ServiceCore) {
  const checked = await engine.checkPolicy(policy);
  if (checked.ok) {
    const { path, readAtSeconds } = checked.value;
    return {
      policy_path: path ?? "",
      policy_loaded_at_seconds: Math.trunc(readAtSeconds),
      policy_failure: null,
    };
  }
  return {
    policy_path: checked.problem.policyPath ?? "",
    policy_loaded_at_seconds: null,
    policy_failure: { kind: "policy", ...said(errorVerdict(checked.problem.problem, checked.problem)) } as const,
  };
}
