/** The style of the page. Fonts are those of the system: the page may ask for nothing. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --back: #f7f7f5; --panel: #ffffff; --raised: #fbfbfa; --line: #e3e3de; --line-strong: #cfcfc8;
  --text: #1d2023; --dim: #646a72; --accent: #2457c5; --hover: #f1f3f7; --chosen: #e6edfb;
  --accepted: #187547; --rejected: #c4303b; --unreachable: #875d08; --unverified: #6a54b0;
  --accepted-back: #e7f4ec; --rejected-back: #fbebec; --unreachable-back: #f9f0dc; --unverified-back: #efebfa;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #101214; --panel: #17191c; --raised: #1c1f23; --line: #2a2e33; --line-strong: #3b4047;
    --text: #e4e6e8; --dim: #979ea7; --accent: #86aefc; --hover: #1e2227; --chosen: #1e2b44;
    --accepted: #4cc38a; --rejected: #ff7b82; --unreachable: #e2b04a; --unverified: #b3a2f5;
    --accepted-back: #15271e; --rejected-back: #301a1d; --unreachable-back: #2b2314; --unverified-back: #231f35;
  }
}
* { box-sizing: border-box; }
html { background: var(--back); scroll-padding-top: 0; }
body { margin: 0; color: var(--text); font: 14px/1.5 var(--sans); -webkit-text-size-adjust: 100%; }
main, footer { max-width: 1560px; margin: 0 auto; padding: 0 28px; }
[hidden] { display: none !important; }
h1, h2, h3, h4, p, ul, dl, dd { margin: 0; padding: 0; }
code, .digest, kbd { font-family: var(--mono); font-size: 12px; font-variant-ligatures: none; }
code, .reference, .digest, dd, .explanation, .reason, td { unicode-bidi: isolate; direction: ltr; }
.dim { color: var(--dim); }
button, input, select { font: inherit; color: inherit; }
button { cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.symbols { position: absolute; width: 0; height: 0; }
.icon { width: 14px; height: 14px; flex: none; fill: none; stroke: var(--panel); stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; vertical-align: -2px; }
.icon circle { stroke: none; }
.icon.accepted { fill: var(--accepted); } .icon.rejected { fill: var(--rejected); }
.icon.unreachable { fill: var(--unreachable); } .icon.unverified { fill: var(--unverified); }
.fill-accepted { fill: var(--accepted); } .fill-rejected { fill: var(--rejected); }
.fill-unreachable { fill: var(--unreachable); } .fill-unverified { fill: var(--unverified); }

header { padding: 26px 0 14px; }
.brand { color: var(--dim); font-size: 12.5px; letter-spacing: .01em; }
.brand b { color: var(--text); font-weight: 650; margin-right: 3px; }
h1 { font-size: 27px; line-height: 1.25; font-weight: 640; letter-spacing: -.015em; margin: 5px 0 4px; font-variant-numeric: tabular-nums; }
.meta { color: var(--dim); display: flex; flex-wrap: wrap; gap: 2px 18px; font-size: 13px; }
.meta code { overflow-wrap: anywhere; }
.interrupted, .noscript { margin-top: 12px; padding: 8px 12px; border-radius: 6px; background: var(--unreachable-back); border: 1px solid var(--unreachable); }
.bar { display: block; width: 100%; height: 10px; border-radius: 5px; overflow: hidden; background: var(--line); }
.kinds { display: grid; grid-template-columns: repeat(4, 1fr); gap: 10px; margin-top: 12px; }
.kind { display: grid; grid-template-columns: 1fr auto; grid-template-areas: "label label" "number share"; align-items: baseline; text-align: left; padding: 9px 14px 8px; background: var(--panel); border: 1px solid var(--line); border-radius: 8px; }
.kind:not(:disabled):hover { border-color: var(--line-strong); background: var(--hover); }
.kind:disabled { cursor: default; opacity: .5; }
.kind .label { grid-area: label; display: flex; align-items: center; gap: 7px; font-size: 13px; }
.kind .label::first-letter { text-transform: uppercase; }
.kind .number { grid-area: number; font-size: 23px; line-height: 1.3; font-weight: 620; letter-spacing: -.01em; font-variant-numeric: tabular-nums; }
.kind .share { grid-area: share; color: var(--dim); font-size: 12.5px; font-variant-numeric: tabular-nums; }
.kind.accepted[aria-pressed="true"] { border-color: var(--accepted); background: var(--accepted-back); box-shadow: inset 0 0 0 1px var(--accepted); }
.kind.rejected[aria-pressed="true"] { border-color: var(--rejected); background: var(--rejected-back); box-shadow: inset 0 0 0 1px var(--rejected); }
.kind.unreachable[aria-pressed="true"] { border-color: var(--unreachable); background: var(--unreachable-back); box-shadow: inset 0 0 0 1px var(--unreachable); }
.kind.unverified[aria-pressed="true"] { border-color: var(--unverified); background: var(--unverified-back); box-shadow: inset 0 0 0 1px var(--unverified); }
html:not(.scripted) .kind { pointer-events: none; }
html:not(.scripted) .show { display: none; }

h2 { font-size: 14px; font-weight: 640; }
.causes { margin-top: 22px; }
.causes h2 { margin-bottom: 7px; }
.causes h2 .dim { font-weight: 400; font-size: 13px; margin-left: 6px; }
.cause { background: var(--panel); border: 1px solid var(--line); border-top-width: 0; }
h2 + .cause { border-top-width: 1px; border-radius: 8px 8px 0 0; }
.cause:last-of-type { border-radius: 0 0 8px 8px; }
h2 + .cause:last-of-type { border-radius: 8px; }
.cause summary { display: grid; grid-template-columns: 14px 52px 72px minmax(0, 1fr) auto; align-items: center; gap: 10px; padding: 6px 14px; cursor: pointer; list-style: none; }
.cause summary::-webkit-details-marker { display: none; }
.cause summary:hover { background: var(--hover); }
.cause summary:focus-visible { outline-offset: -2px; border-radius: 6px; }
.cause .count { text-align: right; font-weight: 620; font-variant-numeric: tabular-nums; }
.cause summary .share { width: 72px; height: 4px; border-radius: 2px; background: var(--line); overflow: hidden; }
.cause .title { display: flex; gap: 10px; align-items: baseline; min-width: 0; }
.cause .title > span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: isolate; direction: ltr; }
.cause .where { color: var(--dim); font-size: 13px; flex: none; max-width: 40%; }
.cause .code { color: var(--dim); }
.rare > summary { padding: 7px 14px; cursor: pointer; color: var(--accent); border: 1px solid var(--line); border-top-width: 0; background: var(--panel); border-radius: 0 0 8px 8px; }
.rare > summary:hover { background: var(--hover); }
.rare[open] > summary { border-radius: 0; }
.causes:has(> .rare) > .cause { border-radius: 0; }
.causes:has(> .rare) > h2 + .cause { border-radius: 8px 8px 0 0; }
.cause[open] summary { border-bottom: 1px solid var(--line); }
.cause[open] .title > span { white-space: normal; overflow-wrap: anywhere; }
.cause .body { padding: 12px 14px 14px 172px; background: var(--raised); display: grid; grid-template-columns: minmax(0, 1100px); gap: 9px; border-radius: inherit; }
.explanation { overflow-wrap: anywhere; }
.explanation p { white-space: pre-wrap; }
.next { padding: 7px 11px; border-left: 3px solid var(--accent); background: var(--hover); border-radius: 0 5px 5px 0; overflow-wrap: anywhere; }
.next b, .command b { font-weight: 640; margin-right: 4px; }
.command { display: flex; gap: 8px; align-items: baseline; font-size: 13px; }
.command b { flex: none; }
.command code { overflow-wrap: anywhere; user-select: all; }
.references { list-style: none; overflow-wrap: anywhere; columns: 2 380px; column-gap: 24px; }
.show, .copy, .close, #reset, #cause { background: var(--panel); border: 1px solid var(--line-strong); border-radius: 6px; padding: 2px 10px; font-size: 13px; flex: none; white-space: nowrap; overflow-wrap: normal; }
.show:hover, .copy:hover, .close:hover, #reset:hover, #cause:hover { background: var(--hover); }

.unchecked { margin-top: 3px; color: var(--unreachable); font-size: 13px; }
#images { margin-top: 22px; padding-bottom: 30px; }
#images.long, #images.split { min-height: 100vh; }
.toolbar { position: sticky; top: 0; z-index: 2; display: flex; align-items: center; gap: 8px; padding: 10px 0; background: var(--back); }
.field { position: relative; flex: 1 1 260px; max-width: 560px; }
.field .icon { position: absolute; left: 10px; top: 9px; stroke: var(--dim); fill: none; }
.field .icon circle { stroke: var(--dim); }
#search { width: 100%; height: 32px; padding: 0 34px 0 32px; border: 1px solid var(--line-strong); border-radius: 7px; background: var(--panel); }
#search::placeholder { color: var(--dim); opacity: 1; }
.field kbd { position: absolute; right: 9px; top: 6px; padding: 1px 6px; border: 1px solid var(--line); border-radius: 4px; color: var(--dim); pointer-events: none; }
#search:focus + kbd, #search:not(:placeholder-shown) + kbd { display: none; }
select { height: 32px; max-width: 260px; padding: 0 6px; border: 1px solid var(--line-strong); border-radius: 7px; background: var(--panel); }
#reset, #cause { height: 32px; white-space: nowrap; }
#cause { border-color: var(--accent); color: var(--accent); }
#shown { margin-left: auto; color: var(--dim); font-variant-numeric: tabular-nums; white-space: nowrap; }
.columns { display: grid; grid-template-columns: minmax(0, 1fr); gap: 14px; align-items: start; }
#list { position: relative; background: var(--panel); border: 1px solid var(--line); border-radius: 8px; overflow: clip; contain: layout paint; min-height: 34px; box-sizing: content-box; }
#list:focus { outline: none; }
#list:focus-visible { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
#list.empty::before { content: "No image is like that."; display: block; padding: 5px 14px; color: var(--dim); }
.row { position: absolute; left: 0; right: 0; top: 0; height: 32px; display: grid; grid-template-columns: 118px minmax(0, 11fr) minmax(0, 12fr); gap: 14px; align-items: center; padding: 0 14px; border-bottom: 1px solid var(--line); cursor: default; }
.row > span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.row:hover { background: var(--hover); }
.row .kind-cell { display: flex; align-items: center; gap: 8px; font-size: 13px; }
.row .reference { font-family: var(--mono); font-size: 12.5px; }
.row .scheme { color: var(--dim); }
.row .reason { color: var(--dim); font-size: 13px; }
.row[aria-selected="true"] { background: var(--chosen); box-shadow: inset 3px 0 0 var(--accent); }
.row.opened { background: var(--chosen); }
.split .columns { grid-template-columns: minmax(0, 1fr) minmax(400px, 42%); }
.split .row { grid-template-columns: 14px minmax(0, 1fr); }
.split .row .kind-cell { font-size: 0; gap: 0; }
.split .row .reason { display: none; }

#detail { position: sticky; top: 52px; max-height: calc(100vh - 64px); overflow: auto; overscroll-behavior: contain; background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 0 18px 18px; display: grid; gap: 11px; align-content: start; grid-template-columns: minmax(0, 1fr); overflow-wrap: anywhere; }
#detail:focus { outline: none; border-color: var(--line-strong); }
#detail:focus-visible { border-color: var(--accent); }
.detail-head { position: sticky; top: 0; display: flex; align-items: center; gap: 10px; padding: 11px 0 8px; background: var(--panel); border-bottom: 1px solid var(--line); z-index: 1; }
.close { margin-left: auto; }
.badge { display: inline-flex; align-items: center; gap: 6px; padding: 2px 10px 2px 7px; border-radius: 20px; font-weight: 600; font-size: 13px; white-space: nowrap; }
.badge.accepted { background: var(--accepted-back); color: var(--accepted); } .badge.rejected { background: var(--rejected-back); color: var(--rejected); }
.badge.unreachable { background: var(--unreachable-back); color: var(--unreachable); } .badge.unverified { background: var(--unverified-back); color: var(--unverified); }
#detail h2 { font: 600 14.5px/1.45 var(--mono); }
#detail h3 { font-size: 13px; font-weight: 640; margin-top: 6px; }
#detail h4 { font-size: 12.5px; font-weight: 620; display: flex; gap: 8px; align-items: center; flex-wrap: wrap; margin-bottom: 3px; }
.pinned { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 2px 10px; align-items: center; padding: 8px 12px 9px; background: var(--raised); border: 1px solid var(--line); border-radius: 7px; }
.pinned h3 { grid-column: 1 / -1; margin: 0 !important; color: var(--dim); font-weight: 500 !important; font-size: 12.5px !important; }
.facts { display: grid; grid-template-columns: 92px minmax(0, 1fr); gap: 2px 12px; font-size: 13px; }
.facts dt { color: var(--dim); }
.facts dd { font-family: var(--mono); font-size: 12px; line-height: 1.65; }
.requirement { display: grid; gap: 7px; grid-template-columns: minmax(0, 1fr); }
.requirement + .requirement { border-top: 1px solid var(--line); padding-top: 10px; }
.top { display: flex; align-items: center; gap: 8px; flex-wrap: wrap; }
.top code { color: var(--dim); margin-left: auto; }
.signature { border: 1px solid var(--line); border-radius: 7px; padding: 9px 12px 11px; display: grid; gap: 8px; grid-template-columns: minmax(0, 1fr); background: var(--raised); }
.signature.accepted { border-left: 3px solid var(--accepted); } .signature.rejected { border-left: 3px solid var(--rejected); }
.claimed { border: 1px dashed var(--line-strong); border-radius: 6px; padding: 7px 10px 8px; color: var(--dim); }
.claimed dd { color: var(--dim); }
.tag { font-weight: 500; font-size: 11.5px; padding: 1px 8px; border-radius: 10px; background: var(--unreachable-back); color: var(--unreachable); }
.back-ends ul { list-style: none; display: grid; gap: 2px; font-size: 13px; }
.back-ends li { display: grid; grid-template-columns: 14px 64px minmax(0, 1fr); gap: 8px; align-items: baseline; }
.back-ends .icon { width: 12px; height: 12px; }
.instances { border-collapse: collapse; width: 100%; font-size: 13px; }
.instances td { padding: 4px 10px 4px 0; border-top: 1px solid var(--line); vertical-align: baseline; }
.instances td:nth-child(2) { min-width: 108px; }
.instances tr:first-child td { border-top: 0; }
.blobs ul { list-style: none; margin-left: 22px; }
.blobs .icon { margin-right: 8px; }
.whole summary { cursor: pointer; color: var(--accent); font-size: 13px; }
.whole .explanation { margin-top: 6px; font-size: 13px; }
.copied { position: fixed; top: 0; opacity: 0; }
footer { border-top: 1px solid var(--line); padding-top: 14px; padding-bottom: 26px; color: var(--dim); font-size: 13px; margin-top: 22px; max-width: 1504px; }
footer p { max-width: 920px; }
#print { display: none; }

@media (max-width: 1000px) {
  main, footer { padding-left: 16px; padding-right: 16px; }
  .kinds { grid-template-columns: repeat(2, 1fr); }
  .cause summary { grid-template-columns: 14px 44px minmax(0, 1fr); }
  .cause summary .share, .cause .code { display: none; }
  .cause .title { flex-direction: column; gap: 0; }
  .cause .title > span { white-space: normal; overflow-wrap: anywhere; }
  .cause .where { max-width: 100%; }
  .cause .body { padding-left: 14px; }
  .toolbar { flex-wrap: wrap; }
  .field { flex-basis: 100%; max-width: none; }
  select { flex: 1 1 0; min-width: 0; }
  .row { grid-template-columns: 14px minmax(0, 1fr); }
  .row .kind-cell { font-size: 0; gap: 0; }
  .row .reason, .row .scheme { display: none; }
  .split .columns { grid-template-columns: minmax(0, 1fr); }
  #detail { position: fixed; inset: 0 0 0 auto; width: min(100%, 620px); max-height: none; border-radius: 0; border-width: 0 0 0 1px; z-index: 3; box-shadow: -12px 0 32px rgb(0 0 0 / .18); }
}
@media (prefers-reduced-motion: no-preference) {
  .row:hover, .kind, .cause summary { transition: background-color .08s; }
}
@media (forced-colors: active) {
  .row[aria-selected="true"] { outline: 2px solid Highlight; outline-offset: -2px; }
}
@media print {
  :root {
    color-scheme: light;
    --back: #fff; --panel: #fff; --raised: #fff; --line: #ccc; --line-strong: #999; --text: #000; --dim: #444; --hover: #fff;
    --accepted: #1b7f4d; --rejected: #c4303b; --unreachable: #96690c; --unverified: #6a54b0; --accent: #444;
  }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  body { font-size: 10px; }
  main, footer { padding: 0; max-width: none; }
  header { padding-top: 0; }
  h1 { font-size: 19px; }
  h2, .meta, .unchecked, .causes h2 .dim, .cause .where, .command, .rare > summary, .kind .label, .kind .share, .facts, footer { font-size: 10px; }
  h2 { font-size: 12px; }
  .kinds { grid-template-columns: repeat(4, 1fr); }
  .kind { padding: 5px 9px; }
  .kind .number { font-size: 16px; }
  .kind:disabled { opacity: 1; }
  #images, .show, .copy, .noscript { display: none !important; }
  .cause { break-inside: avoid; }
  .cause .body { padding-left: 14px; gap: 5px; }
  code, .digest { font-size: 8.5px; }
  details::details-content { content-visibility: visible; }
  #print { display: table; width: 100%; border-collapse: collapse; margin-top: 18px; font-size: 9px; table-layout: fixed; }
  #print td { border-top: 1px solid var(--line); padding: 3px 8px 3px 0; vertical-align: top; overflow-wrap: anywhere; }
  #print td:first-child { width: 62px; }
  #print tr { break-inside: avoid; }
}
`;
