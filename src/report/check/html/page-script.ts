/**
 * The script of the page, for a browser: no template of its own, so that this can be one. It makes elements and sets their text; nothing here
 * may parse markup. A test has the compiler read it, and another drives it in a browser.
 */
export const pageScript = String.raw`"use strict";
(() => {
  const rowHeight = 32;
  const spare = 8;
  const pageOf = (id) => document.getElementById(id);
  const parsed = (name) =>
    [...document.querySelectorAll("script." + name)].flatMap((element) => {
      const values = JSON.parse(element.textContent);
      element.remove();
      return values;
    });
  const rows = parsed("rows");
  const texts = parsed("texts");
  const [settings] = parsed("settings");
  const section = pageOf("images");
  const search = pageOf("search");
  const list = pageOf("list");
  const detail = pageOf("detail");
  const toolbar = document.querySelector(".toolbar");
  const selects = { code: pageOf("code"), registry: pageOf("registry") };

  /* What is asked for, and what is to be seen. */
  const filter = { words: [], kind: "", code: "", registry: "", cause: -1 };
  let shown = [];
  let active = -1;
  let opened = -1;

  /* Elements. Text is always text. */
  const element = (name, className, ...children) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children.filter((child) => child !== undefined));
    return made;
  };
  const text = (place) => texts[place];
  const svgNamespace = "http://www.w3.org/2000/svg";
  const icon = (kind) => {
    const svg = document.createElementNS(svgNamespace, "svg");
    const use = document.createElementNS(svgNamespace, "use");
    svg.setAttribute("class", "icon " + kind);
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", "#icon-" + kind);
    svg.append(use);
    return svg;
  };
  const grouped = (count) => count.toLocaleString("en");

  /* Search and filters. */
  const said = (facts) => facts.map(([, place]) => text(place)).join("\n");
  const haystackOf = (row) =>
    [
      row.reference,
      row.pinned ?? "",
      text(row.code),
      text(row.reason),
      said(row.origin),
      said(row.manifest),
      ...row.explanation.map(text),
      ...row.requirements.flatMap(({ signatures }) =>
        signatures.map(({ code, signer = [], claimed }) => [text(code), said(signer), said(claimed)].join("\n")),
      ),
    ]
      .join("\n")
      .toLowerCase();
  const haystacks = [];
  const haystack = (index) => {
    haystacks[index] ??= haystackOf(rows[index]);
    return haystacks[index];
  };
  const has = (index) => filter.words.every((word) => haystack(index).includes(word));
  /* In advance, while nobody waits: the first search would have to make them all. */
  const whenIdle = window.requestIdleCallback ?? window.requestAnimationFrame;
  const prepare = (first) => {
    const last = Math.min(rows.length, first + 250);
    for (let index = first; index < last; index += 1) haystack(index);
    if (last < rows.length) whenIdle(() => prepare(last));
  };
  const isShown = (row, index) =>
    (filter.kind === "" || row.kind === filter.kind) &&
    (filter.code === "" || text(row.code) === filter.code) &&
    (filter.registry === "" || text(row.registry) === filter.registry) &&
    (filter.cause < 0 || row.cause === filter.cause) &&
    (filter.words.length === 0 || has(index));

  const apply = () => {
    const chosen = shown[active];
    shown = [];
    for (let index = 0; index < rows.length; index += 1) if (isShown(rows[index], index)) shown.push(index);
    active = chosen === undefined ? -1 : shown.indexOf(chosen);
    list.style.height = Math.max(1, shown.length) * rowHeight + "px";
    pageOf("shown").textContent =
      shown.length === rows.length
        ? grouped(rows.length) + (rows.length === 1 ? " image" : " images")
        : grouped(shown.length) + " of " + grouped(rows.length);
    for (const card of document.querySelectorAll(".kind")) {
      card.setAttribute("aria-pressed", String(card.dataset.kind === filter.kind));
    }
    pageOf("cause").hidden = filter.cause < 0;
    pageOf("reset").hidden = shown.length === rows.length;
    draw();
  };

  /* The table: only the rows that can be seen exist. */
  const drawn = [];
  const makeRow = () => {
    const cells = {
      kind: element("span", "kind-cell"),
      reference: element("span", "reference"),
      reason: element("span", "reason"),
    };
    const row = element("div", "row", cells.kind, cells.reference, cells.reason);
    row.setAttribute("role", "option");
    row.addEventListener("click", () => {
      move(Number(row.dataset.place));
      open();
    });
    list.append(row);
    return { row, cells, index: -1 };
  };
  const fill = (made, place) => {
    const index = shown[place];
    const { row, cells } = made;
    row.hidden = false;
    row.style.transform = "translateY(" + place * rowHeight + "px)";
    row.dataset.place = String(place);
    row.id = "row-" + index;
    row.setAttribute("aria-posinset", String(place + 1));
    row.setAttribute("aria-setsize", String(shown.length));
    row.setAttribute("aria-selected", String(place === active));
    row.classList.toggle("opened", index === opened);
    if (made.index === index) return;
    made.index = index;
    const data = rows[index];
    cells.kind.replaceChildren(icon(data.kind), settings.kindWords[data.kind]);
    const [, scheme, rest] = /^([a-z-]+:\/\/)?(.*)$/s.exec(data.reference);
    cells.reference.replaceChildren(...(scheme === undefined ? [] : [element("span", "scheme", scheme)]), rest);
    cells.reference.title = data.reference;
    cells.reason.textContent = text(data.reason);
  };
  const draw = () => {
    const top = -list.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(top / rowHeight) - spare);
    const last = Math.min(shown.length, Math.ceil((top + window.innerHeight) / rowHeight) + spare);
    const count = Math.max(0, last - first);
    while (drawn.length < count) drawn.push(makeRow());
    /* A row keeps its element while it can be seen, so that scrolling fills only the new ones. */
    for (let place = first; place < first + count; place += 1) fill(drawn[place % drawn.length], place);
    for (const made of drawn) {
      const place = Number(made.row.dataset.place);
      made.row.hidden = !(place >= first && place < first + count && shown[place] === made.index);
    }
    list.classList.toggle("empty", shown.length === 0);
    if (active >= 0) list.setAttribute("aria-activedescendant", "row-" + shown[active]);
    else list.removeAttribute("aria-activedescendant");
  };
  let isDrawing = false;
  const drawSoon = () => {
    if (isDrawing) return;
    isDrawing = true;
    requestAnimationFrame(() => {
      isDrawing = false;
      draw();
    });
  };

  const move = (place) => {
    if (shown.length === 0) return;
    active = Math.min(Math.max(0, place), shown.length - 1);
    const box = list.getBoundingClientRect();
    const top = box.top + active * rowHeight;
    const ceiling = toolbar.getBoundingClientRect().height + 4;
    if (top < ceiling) window.scrollBy(0, top - ceiling);
    else if (top + rowHeight > window.innerHeight - 8) window.scrollBy(0, top + rowHeight - window.innerHeight + 8);
    draw();
  };
  const step = (by) => {
    goTo(active < 0 ? 0 : active + by);
  };
  const goTo = (place) => {
    move(place);
    if (!detail.hidden) open();
  };

  /* What is known of one image. */
  const heading = (words) => element("h3", "", words);
  const factList = (facts) =>
    element(
      "dl",
      "facts",
      ...facts.flatMap(([name, place]) => [element("dt", "", text(name)), element("dd", "", text(place))]),
    );
  const copyButton = (words, copied) => {
    const button = element("button", "copy", words);
    button.type = "button";
    button.addEventListener("click", async () => {
      button.textContent = (await isCopied(copied)) ? "Copied" : "Press Ctrl+C";
    });
    return button;
  };
  const isCopied = async (copied) => {
    try {
      await navigator.clipboard.writeText(copied);
      return true;
    } catch {
      const area = element("textarea", "copied");
      area.value = copied;
      document.body.append(area);
      area.select();
      const isDone = document.execCommand("copy");
      area.remove();
      return isDone;
    }
  };
  const more = (count, listed, noun) =>
    count > listed ? element("p", "dim", "and " + grouped(count - listed) + " more " + noun) : undefined;

  const signatureCard = (signature) => {
    const { name, format, isAccepted, code, message, signer, claimed, backEnds } = signature;
    const kind = isAccepted ? "accepted" : "rejected";
    const top = element(
      "p",
      "top",
      icon(kind),
      element("b", "", text(name)),
      element("span", "dim", text(format)),
      element("code", "", text(code)),
    );
    return element(
      "article",
      "signature " + kind,
      top,
      element("p", "", text(message)),
      signer === undefined ? undefined : element("div", "signer", element("h4", "", "Signed by"), factList(signer)),
      claimed.length === 0
        ? undefined
        : element(
            "div",
            "claimed",
            element("h4", "", "It says of itself", element("span", "tag", settings.claimsWarning)),
            factList(claimed),
          ),
      backEnds.length === 0
        ? undefined
        : element(
            "div",
            "back-ends",
            element("h4", "", "OpenPGP back ends"),
            element(
              "ul",
              "",
              ...backEnds.map(([backEnd, isTaken, why]) =>
                element(
                  "li",
                  "",
                  icon(isTaken ? "accepted" : "rejected"),
                  element("b", "", text(backEnd)),
                  text(why) === "" ? undefined : element("span", "", text(why)),
                ),
              ),
            ),
          ),
    );
  };
  const requirementCard = (requirement, place) => {
    const { type, isMet, code, message, signatures, count } = requirement;
    const kind = isMet ? "accepted" : "rejected";
    return element(
      "div",
      "requirement",
      element(
        "p",
        "top",
        icon(kind),
        element("b", "", place + 1 + ". " + text(type)),
        element("span", "dim", isMet ? "met" : "not met"),
        isMet ? undefined : element("code", "", text(code)),
      ),
      element("p", "", text(message)),
      ...signatures.map(signatureCard),
      more(count, signatures.length, "signatures"),
    );
  };
  const instanceTable = ({ shown: listed, count }) =>
    element(
      "div",
      "",
      element(
        "table",
        "instances",
        ...listed.map(([platform, digest, kind, code]) =>
          element(
            "tr",
            "",
            element("td", "", icon(kind)),
            element("td", "", platform === "" ? "no platform" : platform),
            element("td", "digest", digest),
            element("td", "dim", kind === "accepted" ? "" : text(code)),
          ),
        ),
      ),
      more(count, listed.length, "images"),
    );
  const blobList = (words, { shown: listed, count }) =>
    count === 0
      ? undefined
      : element(
          "div",
          "blobs",
          element("p", "", icon("rejected"), grouped(count) + " " + words),
          element("ul", "", ...listed.map((digest) => element("li", "digest", digest))),
          more(count, listed.length, "blobs"),
        );

  const describe = (row) => {
    const { reference, kind, code, reason, explanation, next, command, pinned, isCopyable } = row;
    const { origin, requirements, manifest, instances, blobs } = row;
    const close = element("button", "close", "Close");
    close.type = "button";
    close.addEventListener("click", shut);
    const lines = explanation.map((place) => element("p", "", text(place)));
    const isToldBelow = requirements.some(({ signatures }) => signatures.length > 0);
    const whole = element(
      "details",
      "whole",
      element("summary", "", "The explanation in full"),
      element("div", "explanation", ...lines),
    );
    whole.open = !isToldBelow;
    return [
      element(
        "div",
        "detail-head",
        element("span", "badge " + kind, icon(kind), settings.kindWords[kind]),
        kind === "accepted" ? undefined : element("code", "dim", text(code)),
        close,
      ),
      element("h2", "reference", reference),
      element("p", "why", text(reason)),
      next === undefined ? undefined : element("p", "next", element("b", "", "Next"), " ", text(next)),
      command === undefined
        ? undefined
        : element(
            "p",
            "command",
            element("b", "", "See also"),
            element("code", "", command),
            copyButton("Copy", command),
          ),
      pinned === undefined
        ? element("p", "dim", "Nothing to pin: no manifest was read.")
        : element(
            "div",
            "pinned",
            element("h3", "", "Pinned"),
            element("code", "", pinned),
            isCopyable ? copyButton("Copy", pinned) : undefined,
          ),
      factList(origin),
      requirements.length === 0 ? undefined : heading(requirements.length === 1 ? "Requirement" : "Requirements"),
      ...requirements.map(requirementCard),
      manifest.length === 0 ? undefined : heading("Manifest"),
      manifest.length === 0 ? undefined : factList(manifest),
      instances === undefined ? undefined : heading("Images of the index"),
      instances === undefined ? undefined : instanceTable(instances),
      blobs === undefined ? undefined : heading("Blobs"),
      blobs === undefined ? undefined : element("p", "", grouped(blobs.checked) + " compared with their digests"),
      blobs === undefined ? undefined : blobList("missing", blobs.missing),
      blobs === undefined ? undefined : blobList("corrupt", blobs.corrupt),
      whole,
    ].filter((part) => part !== undefined);
  };

  const open = () => {
    const index = shown[active];
    if (index === undefined) return;
    opened = index;
    detail.replaceChildren(...describe(rows[index]));
    detail.setAttribute("aria-label", "Details of " + rows[index].reference);
    detail.hidden = false;
    detail.scrollTop = 0;
    section.classList.add("split");
    draw();
    detail.focus({ preventScroll: true });
  };
  const shut = () => {
    opened = -1;
    detail.hidden = true;
    detail.replaceChildren();
    section.classList.remove("split");
    draw();
    list.focus({ preventScroll: true });
  };

  /* Keys. */
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    "/": () => {
      search.focus();
      search.select();
    },
  };
  const listKeys = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    PageDown: () => step(Math.floor(window.innerHeight / rowHeight) - 4),
    PageUp: () => step(4 - Math.floor(window.innerHeight / rowHeight)),
    Home: () => goTo(0),
    End: () => goTo(shown.length - 1),
    Enter: () => open(),
  };
  const leave = () => {
    if (!detail.hidden) shut();
    else if (search.value !== "") {
      search.value = "";
      searchNow();
      list.focus({ preventScroll: true });
    } else reset();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const { target } = event;
    const isTyping = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
    const isOnList = target === list || target === document.body || target === search;
    const isText = target === search && (event.key === "Home" || event.key === "End");
    const act =
      event.key === "Escape"
        ? leave
        : ((isTyping ? undefined : keys[event.key]) ?? (isOnList && !isText ? listKeys[event.key] : undefined));
    if (act === undefined || (target === document.body && event.key in listKeys && active < 0 && event.key !== "Enter"))
      return;
    event.preventDefault();
    if (target === search && event.key.startsWith("Arrow")) list.focus({ preventScroll: true });
    if (target === search && event.key === "Enter" && active < 0) move(0);
    act();
  });

  const searchNow = () => {
    filter.words = search.value
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== "");
    apply();
  };
  const reset = () => {
    search.value = "";
    Object.assign(filter, { words: [], kind: "", code: "", registry: "", cause: -1 });
    for (const select of Object.values(selects)) select.value = "";
    apply();
  };
  const offer = (select, all, placeOf) => {
    const counts = new Map();
    for (const row of rows) counts.set(text(placeOf(row)), (counts.get(text(placeOf(row))) ?? 0) + 1);
    const sorted = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 500);
    const option = (value, words) => {
      const made = element("option", "", words);
      made.value = value;
      return made;
    };
    select.replaceChildren(
      option("", all),
      ...sorted.map(([value, count]) => option(value, value + " (" + grouped(count) + ")")),
    );
    select.hidden = sorted.length < 2;
  };
  offer(selects.code, "Any code", (row) => row.code);
  offer(selects.registry, "Any registry", (row) => row.registry);
  for (const [name, select] of Object.entries(selects)) {
    select.addEventListener("change", () => {
      filter[name] = select.value;
      apply();
    });
  }
  search.addEventListener("input", searchNow);
  pageOf("reset").addEventListener("click", reset);
  pageOf("cause").addEventListener("click", () => {
    filter.cause = -1;
    apply();
  });
  for (const card of document.querySelectorAll(".kind")) {
    card.addEventListener("click", () => {
      filter.kind = filter.kind === card.dataset.kind ? "" : card.dataset.kind;
      apply();
    });
  }
  for (const button of document.querySelectorAll("button.show")) {
    button.addEventListener("click", () => {
      reset();
      filter.cause = Number(button.dataset.cause);
      pageOf("cause").textContent = "Cause " + (filter.cause + 1) + " \u00d7";
      pageOf("cause").title = "Show all causes again";
      apply();
      section.scrollIntoView();
      list.focus({ preventScroll: true });
    });
  }
  window.addEventListener("scroll", drawSoon, { passive: true });
  window.addEventListener("resize", drawSoon, { passive: true });
  for (const cause of document.querySelectorAll("details.cause, details.rare"))
    cause.addEventListener("toggle", drawSoon);

  /* On paper: every cause in full, and all that was not accepted. */
  const unfolded = [];
  window.addEventListener("beforeprint", () => {
    const printed = pageOf("print");
    const refused = rows.filter(({ kind }) => kind !== "accepted");
    printed.replaceChildren(
      ...refused.map((row) =>
        element(
          "tr",
          "",
          element("td", "", settings.kindWords[row.kind]),
          element(
            "td",
            "",
            element("span", "reference", row.reference),
            element("br"),
            element("span", "digest", row.pinned ?? ""),
          ),
          element("td", "", text(row.reason)),
        ),
      ),
    );
    printed.hidden = refused.length === 0;
    for (const cause of document.querySelectorAll("details.cause:not([open]), details.rare:not([open])")) {
      cause.open = true;
      unfolded.push(cause);
    }
  });
  window.addEventListener("afterprint", () => {
    pageOf("print").replaceChildren();
    pageOf("print").hidden = true;
    for (const cause of unfolded.splice(0)) cause.open = false;
  });

  document.documentElement.classList.add("scripted");
  section.hidden = rows.length === 0;
  section.classList.toggle("long", rows.length > 20);
  apply();
  whenIdle(() => prepare(0));
})();
`;
