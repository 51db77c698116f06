import { reasonOf } from "../host/system-error.ts";
import { assertNever } from "../result.ts";
import { type CommandLine, type Invocation, parseArguments } from "./arguments/parse-arguments.ts";
import { type Io, undeliveredExitCode } from "./io.ts";
import { version } from "./version.ts";

// What only some commands need is loaded by them: it is most of the start-up (docs/performance.md).

/**
 * Runs the command that `argv` (what follows the program's name) asks for. Never throws: a bug is told in one line.
 *
 * @returns the exit code, 0 only if everything was accepted.
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const line = parseArguments(argv);
  const exitCode = await runLine(line, io);
  const { failure } = io.stdout;
  // Who closes a pipe knows.
  if (failure !== undefined && failure !== "EPIPE") {
    const { undeliveredText } = await import("../words/command-words.ts");
    await io.stderr.write(`sealcheck: ${undeliveredText(reasonOf(failure))}\n`);
  }
  return exitCode !== 0 && line.failsAsSkopeo ? 1 : exitCode;
}

async function runLine({ invocation, command, asksForJson }: CommandLine, io: Io): Promise<number> {
  const format = asksForJson ? "json" : "text";
  try {
    if (invocation.ok) return await execute(invocation.value, io);
    const { reportCommandProblem } = await import("./report.ts");
    return await reportCommandProblem(invocation.problem, command, format, io);
  } catch (error) {
    const { reportInternalError } = await import("./report.ts");
    return reportInternalError(error, format, io);
  }
}

async function execute(invocation: Invocation, io: Io): Promise<number> {
  switch (invocation.kind) {
    case "help": {
      const { helpPage } = await import("./arguments/help.ts");
      return print(helpPage(invocation.command), invocation.isAlone, io);
    }
    case "version":
      return print(`sealcheck ${version}\n`, invocation.isAlone, io);
    case "run":
      break;
    default:
      return assertNever(invocation);
  }
  const { command, options, operands } = invocation;
  switch (command) {
    case "verify-installable": {
      const { verifyInstallable } = await import("./commands/verify-installable.ts");
      return verifyInstallable(options, operands[0] ?? "", io);
    }
    case "batch": {
      const { batch } = await import("./commands/batch/batch.ts");
      return batch(options, io);
    }
    case "verify-policy": {
      const { verifyPolicy } = await import("./commands/verify-policy/verify-policy.ts");
      return verifyPolicy(options, operands, io);
    }
    case "serve": {
      const { serve } = await import("./commands/serve.ts");
      return serve(options, io);
    }
    case "experimental-image-proxy": {
      const { imageProxy } = await import("./commands/image-proxy.ts");
      return imageProxy(options, io);
    }
    case "standalone-verify": {
      const { standaloneVerify } = await import("./commands/standalone/standalone-verify.ts");
      return standaloneVerify(options, operands, io);
    }
    case "standalone-sign": {
      const { standaloneSign } = await import("./commands/standalone/standalone-sign.ts");
      return standaloneSign(options, operands, io);
    }
    case "manifest-digest": {
      const { manifestDigest } = await import("./commands/manifest-digest.ts");
      return manifestDigest(operands[0] ?? "", io);
    }
    case "untrusted-signature-dump": {
      const { signatureDump } = await import("./commands/signature-dump.ts");
      return signatureDump(operands[0] ?? "", io);
    }
    case "audit init":
    case "audit add":
    case "audit work":
    case "audit status":
    case "audit report":
    case "audit rejudge":
    case "audit diff":
    case "audit explain":
    case "audit retry": {
      const { auditCommand } = await import("./commands/audit/audit.ts");
      return auditCommand(command, options, operands, io);
    }
    case "policy check":
    case "policy explain":
    case "policy diff":
    case "policy show":
    case "policy init": {
      const { policyCommand } = await import("./commands/policy/policy.ts");
      return policyCommand(command, options, operands, io);
    }
    default:
      return assertNever(command);
  }
}

/** Beside other arguments, help or the version is not what was meant, and must not pass for an acceptance. */
async function print(text: string, isAlone: boolean, io: Io): Promise<number> {
  const delivered = await io.stdout.write(text);
  return delivered && isAlone ? 0 : undeliveredExitCode;
}
