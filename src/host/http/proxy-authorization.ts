/** What a proxy is told for the user and password in its address, which may have escapes. */
export function proxyAuthorization({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  const text = Buffer.concat([unescaped(username), Buffer.from(":"), unescaped(password)]);
  return `Basic ${text.toString("base64")}`;
}

/** A percent sign that begins no escape stands for itself, and an escape for a byte. */
function unescaped(text: string): Buffer {
  const bytes = text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1");
}
