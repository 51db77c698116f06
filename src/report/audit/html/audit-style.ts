import { pageStyle } from "../../check/html/page-style.ts";

/** That of the page of verify-policy, and the tables. */
export const auditStyle = `${pageStyle}
div.kind { cursor: default; }
html:not(.scripted) div.kind { pointer-events: auto; }
.counts { margin-top: 22px; }
.counts h2 { margin-bottom: 7px; }
.scroll { overflow-x: auto; background: var(--panel); border: 1px solid var(--line); border-radius: 8px; }
.table { border-collapse: collapse; width: 100%; font-size: 13px; }
.table th { text-align: left; font-weight: 500; color: var(--dim); padding: 6px 14px; border-bottom: 1px solid var(--line); white-space: nowrap; }
.table td { padding: 5px 14px; border-top: 1px solid var(--line); vertical-align: baseline; overflow-wrap: anywhere; }
.table tr:first-child td { border-top: 0; }
.table .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; overflow-wrap: normal; }
.table code { overflow-wrap: anywhere; }
.table .share { width: 120px; height: 4px; border-radius: 2px; background: var(--line); overflow: hidden; vertical-align: middle; }
.more { padding: 7px 14px; color: var(--dim); }
.all { margin-top: 4px; }
a { color: var(--accent); }
.pages { display: flex; flex-wrap: wrap; gap: 4px 12px; margin: 14px 0; font-size: 13px; }
.filter { display: flex; gap: 12px; align-items: center; margin: 14px 0 10px; }
.filter #search { max-width: 560px; padding: 0 10px; }
html:not(.scripted) .filter { display: none; }
.images { margin-top: 14px; }
`;
