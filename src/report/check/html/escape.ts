/** Text, or the value of an attribute in double quotes. */
export function html(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/**
 * JSON for a `script` element that is not run: no `<` in it can end the element, or begin a comment in it (HTML, 4.12.1.3 "Restrictions for
 * contents of script elements"). In a string the escape means the same, and elsewhere JSON has none.
 */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll("<", "\\u003c")
    .replaceAll(/[^\0-\x7f]/g, unicodeEscape);
}

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
