import { maxSecretForms } from "../../limits.ts";

/** What stands for a secret, as in the addresses that Go prints. */
const redaction = "xxxxx";

/** A word of three letters is found in every text: to leave it out there would tell it. */
const minLength = 4;

/** Of what a server says no more is looked at: far more than is shown. */
const maxTextLength = 4096;

/**
 * What registries, token servers, lookasides and proxies were sent to say who asks. Each may say it again, in the text of an error: it is taken out
 * of all that they say to people.
 */
export class Secrets {
  /** In lower case, the oldest first. */
  readonly #forms = new Set<string>();
  /** By the first letters. */
  readonly #byBeginning = new Map<string, Set<string>>();
  #maxLength = 0;

  /** @param header the value of `Authorization` or `Proxy-Authorization` */
  addAuthorization(header: string): void {
    const [, scheme = "", value = ""] = /^(\S+) (.*)$/s.exec(header) ?? [];
    this.add(value);
    if (scheme.toLowerCase() !== "basic") return;
    const user = Buffer.from(value, "base64").toString("utf8");
    this.add(user.slice(user.indexOf(":") + 1));
    this.add(Buffer.from(user).toString("base64url"));
  }

  /** As it is, without its padding, in base64, and as JSON, URLs and forms write it. */
  add(secret: string): void {
    if (secret.length < minLength) return;
    const forms = [
      secret.replace(/=+$/, ""),
      Buffer.from(secret).toString("base64").replace(/=+$/, ""),
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret.toWellFormed()),
      new URLSearchParams([["", secret]]).toString().slice(1),
    ];
    for (const form of forms) this.#addForm(lowerCase(form));
  }

  #addForm(form: string): void {
    if (form.length < minLength || this.#forms.has(form)) return;
    this.#forms.add(form);
    this.#maxLength = Math.max(this.#maxLength, form.length);
    const beginning = form.slice(0, minLength);
    const alike = this.#byBeginning.get(beginning) ?? new Set();
    this.#byBeginning.set(beginning, alike.add(form));
    if (this.#forms.size > maxSecretForms) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const [oldest = ""] = this.#forms;
    this.#forms.delete(oldest);
    const beginning = oldest.slice(0, minLength);
    const alike = this.#byBeginning.get(beginning);
    alike?.delete(oldest);
    if (alike?.size === 0) this.#byBeginning.delete(beginning);
  }

  /** What a server says, in whatever letter case it says a secret; a long text is cut off. */
  redacted(untrustedText: string): string {
    const isCut = untrustedText.length > maxTextLength;
    const text = untrustedText.slice(0, maxTextLength);
    const lower = lowerCase(text);
    let result = "";
    // What ends there may be the beginning of a secret that goes on behind it.
    const end = isCut ? Math.max(0, text.length - this.#maxLength) : text.length;
    let at = 0;
    while (at < end) {
      const secretEnd = this.#secretEnd(lower, at);
      result += secretEnd === undefined ? (text[at] ?? "") : redaction;
      at = secretEnd ?? at + 1;
    }
    return result;
  }

  /** Where those end that begin here, or within one that does. */
  #secretEnd(lower: string, start: number): number | undefined {
    let end = this.#longestAt(lower, start);
    if (end === undefined) return undefined;
    for (let at = start + 1; at < end; at += 1) end = Math.max(end, this.#longestAt(lower, at) ?? 0);
    return end;
  }

  #longestAt(lower: string, at: number): number | undefined {
    let longest = 0;
    for (const form of this.#byBeginning.get(lower.slice(at, at + minLength)) ?? []) {
      if (form.length > longest && lower.startsWith(form, at)) longest = form.length;
    }
    return longest === 0 ? undefined : at + longest;
  }
}

/** Of ASCII alone, so that nothing changes its length. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
