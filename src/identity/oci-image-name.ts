/**
 * Whether `text` may be the name of an image in an OCI layout: runs of letters and digits, joined by one of `-._:@+/` or by `--`.
 * Scanned by hand, as the pattern of containers/image (oci/internal `refRegexp`) backtracks elsewhere.
 */
export function isOciImageName(text: string): boolean {
  let beforeIsAlphanumeric = false;
  for (let at = 0; at < text.length; at++) {
    if (isAlphanumeric(text.charCodeAt(at))) {
      beforeIsAlphanumeric = true;
    } else {
      if (!beforeIsAlphanumeric || !"-._:@+/".includes(text.charAt(at))) return false;
      if (text.startsWith("--", at)) at++;
      beforeIsAlphanumeric = false;
    }
  }
  return beforeIsAlphanumeric;
}

function isAlphanumeric(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}
