// The little of man(7) that the manual pages are written in.

/** The first line of a page. */
export function titleLine(page: string, version: string): string {
  return `.TH ${literal(page.toUpperCase())} 1 "" "sealcheck ${version}" "User Commands"`;
}

/** Text in which `…` and **…** are bold, as in Markdown. */
export function inline(text: string): string {
  const escaped = literal(text.replaceAll(/\s+/g, " "));
  return escaped.replaceAll(/`([^`]+)`/g, "\\fB$1\\fR").replaceAll(/\*\*([^*]+)\*\*/g, "\\fB$1\\fR");
}

/** A line that is printed as it is. */
export function literal(line: string): string {
  return line
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("…", "...")
    .replace(/^([.'])/, "\\&$1");
}
