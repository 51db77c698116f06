/** RFC 7230 `token` */
const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const type = new RegExp(`^\\s*(${token}(?:/${token})?)\\s*(?=;|$)`);
const parameter = new RegExp(`^\\s*;\\s*(${token})\\s*=\\s*(${token}|"(?:[^"\\\\]|\\\\.)*")\\s*`);

/**
 * The media type of a `Content-Type` in lower case, without its parameters; "" if it is malformed, parameters included
 * (docker/docker_image_src.go `simplifyContentType`; Go's mime.ParseMediaType).
 */
export function mediaTypeOf(contentType: string): string {
  const found = type.exec(contentType);
  if (found === null) return "";
  let rest = contentType.slice(found[0].length);
  const values = new Map<string, string>();
  for (let next = parameter.exec(rest); next !== null; next = parameter.exec(rest)) {
    const name = (next[1] ?? "").toLowerCase();
    const value = unquoted(next[2] ?? "");
    if ((values.get(name) ?? value) !== value) return "";
    values.set(name, value);
    rest = rest.slice(next[0].length);
  }
  return /^\s*;?\s*$/.test(rest) ? (found[1] ?? "").toLowerCase() : "";
}

function unquoted(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/g, "$1") : value;
}
