import { parseJson } from "../encoding/json.ts";
import { GoJsonDecoder } from "../encoding/json-go.ts";
import { trimSpaceAsGo } from "../encoding/space.ts";
import { decodeUtf8AsGo } from "../encoding/utf8.ts";
import type { HelperOutcome } from "../host/credential-helper.ts";
import { maxCredentialsValues } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import { type Credential, credentialOf } from "./credential.ts";

/** docker-credential-helpers: credentials `errCredentialsNotFoundMessage`. */
const notFound = "credentials not found in native keychain";

/**
 * What a credential helper knows of a registry; `undefined` if nothing (docker-credential-helpers: client `Get`; image/v5:
 * pkg/docker/config `getCredsFromCredHelper`). The problem is a text for a person.
 */
export async function credentialOfHelper(
  name: string,
  registry: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Result<Credential | undefined, string>> {
  const { askCredentialHelper } = await import("../host/credential-helper.ts");
  const outcome = await askCredentialHelper(name, registry, { environment });
  return outcome.ok ? readOutcome(outcome.value) : outcome;
}

function readOutcome({ succeeded, output, account }: HelperOutcome): Result<Credential | undefined, string> {
  if (succeeded) return readAnswer(decodeUtf8AsGo(output));
  const bytes = Buffer.from(output.buffer, output.byteOffset, output.length);
  return trimSpaceAsGo(bytes).toString() === notFound ? ok(undefined) : fail(account);
}

/** The first JSON value counts (go: encoding/json Decoder). Its user name may say that the secret is an identity token. */
function readAnswer(untrustedText: string): Result<Credential | undefined, string> {
  const limits = { maxValues: maxCredentialsValues };
  const whole = parseJson(untrustedText, limits);
  const isFollowed = !whole.ok && whole.problem.kind === "syntax" && whole.problem.expected === "the end of the text";
  const parsed = isFollowed ? parseJson(untrustedText.slice(0, whole.problem.at), limits) : whole;
  if (!parsed.ok) return fail("what it printed is not JSON");
  const decoder = new GoJsonDecoder();
  const answer = { username: "", secret: "" };
  decoder.struct(
    parsed.value,
    new Map([
      [
        "serverurl",
        (node) => {
          decoder.string(node);
        },
      ],
      [
        "username",
        (node) => {
          answer.username = decoder.string(node, answer.username);
        },
      ],
      [
        "secret",
        (node) => {
          answer.secret = decoder.string(node, answer.secret);
        },
      ],
    ]),
  );
  if (decoder.mismatch) return fail("what it printed is not a user name and a secret");
  const { username, secret } = answer;
  return ok(
    username === "<token>"
      ? credentialOf({ username: "", password: "", token: secret })
      : credentialOf({ username, password: secret, token: "" }),
  );
}
