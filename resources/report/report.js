"use strict";
// The page is complete without this: it lets one filter and sort the index of features.
(() => {
  const table = document.querySelector(".index table");
  addEventListener("beforeprint", () => {
    document.querySelectorAll("details").forEach((part) => { part.open = true; });
  });
  if (!table) return;
  const body = table.tBodies[0];
  const rows = Array.from(body.rows, (row) => ({
    row,
    id: +row.id.slice(1),
    label: row.cells[1].textContent,
    words: `${row.id.slice(1)} ${row.cells[1].textContent.toLowerCase()}`,
    documents: +row.cells[3].textContent.replace(/\D/g, ""),
  }));
  const tools = document.querySelector(".tools");
  const field = tools.querySelector("input");
  const told = tools.querySelector("small");
  tools.hidden = false;

  let waiting = 0;
  const filter = () => {
    const wanted = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const entry of rows) {
      const fits = wanted.every((word) => entry.words.includes(word));
      entry.row.hidden = !fits;
      shown += fits;
    }
    told.textContent = wanted.length
      ? `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")}` : "";
  };
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 80);
  });

  const orders = [
    (a, b) => a.id - b.id,
    (a, b) => !a.label - !b.label || a.label.localeCompare(b.label, "en") || a.id - b.id,
    (a, b) => a.documents - b.documents || b.id - a.id,
  ];
  const heads = Array.from(table.tHead.rows[0].cells);
  heads.forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const was = head.getAttribute("aria-sort");
      const first = at < 2 ? "ascending" : "descending";
      const second = at < 2 ? "descending" : "ascending";
      const way = was === first ? second : first;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", way);
      rows.sort(orders[Math.min(at, 2)]);
      if (way === "descending") rows.reverse();
      body.append(...rows.map((entry) => entry.row));
    });
  });
})();
