import { sha256Bytes } from "../../../runtime/sha256.ts";
import { html } from "./escape.ts";

/** The beginning of a page that asks nobody for anything, and in which nothing runs but this script, if there is one. */
export function pageHead({
  title,
  script,
  style,
}: {
  readonly title: string;
  readonly script?: string;
  readonly style: string;
}): string {
  const policy = [
    "default-src 'none'",
    ...(script === undefined ? [] : [`script-src ${hashSource(script)}`]),
    `style-src ${hashSource(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return (
    `<!DOCTYPE html>\n<html lang="en" dir="ltr">\n<head>\n<meta charset="utf-8">\n` +
    `<meta http-equiv="Content-Security-Policy" content="${html(policy)}">\n` +
    `<meta name="viewport" content="width=device-width, initial-scale=1">\n` +
    `<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n` +
    `<title>${html(title)}</title>\n<style>${style}</style>\n</head>\n<body>\n`
  );
}

/** Of exactly what is between the tags (CSP Level 3, 2.3.1). */
function hashSource(text: string): string {
  return `'sha256-${Buffer.from(sha256Bytes(Buffer.from(text))).toString("base64")}'`;
}
