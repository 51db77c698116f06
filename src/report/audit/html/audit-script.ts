/** The script of a page of images, for a browser: it hides the rows that do not have what is searched, and makes nothing. */
export const auditScript = String.raw`"use strict";
(() => {
  const search = document.getElementById("search");
  const shown = document.getElementById("shown");
  const rows = [...document.querySelectorAll("#images tbody tr")];
  const haystacks = rows.map((row) => row.textContent.toLowerCase());
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
    let count = 0;
    rows.forEach((row, index) => {
      const isShown = words.every((word) => haystacks[index].includes(word));
      row.hidden = !isShown;
      if (isShown) count += 1;
    });
    shown.textContent = count.toLocaleString("en") + " of " + rows.length.toLocaleString("en") + " on this page";
  };
  search.addEventListener("input", apply);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/" && event.target !== search) {
      event.preventDefault();
      search.focus();
    }
    if (event.key === "Escape" && search.value !== "") {
      search.value = "";
      apply();
    }
  });
  document.documentElement.classList.add("scripted");
  apply();
})();
`;
