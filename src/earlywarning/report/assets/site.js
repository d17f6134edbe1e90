"use strict";
// Adds a search box, tables that sort and filter, and a choice of whom to pick out. Without it
// every page is whole.
(function () {
  const make = (tag, attributes, ...children) => {
    const made = document.createElement(tag);
    for (const name in attributes) made.setAttribute(name, attributes[name]);
    made.append(...children);
    return made;
  };
  const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  function search(room, pages) {
    const most = 8;
    const entries = pages.map(([name, what, href]) => [name, what, href, folded(name + " " + what)]);
    const input = make("input", { id: "search-for", type: "search", autocomplete: "off", "aria-controls": "found" });
    const found = make("ul", { id: "found" });
    const said = make("p", { role: "status", class: "hidden" });
    const look = () => {
      const words = folded(input.value).split(/\s+/).filter(Boolean);
      const hits = words.length ? entries.filter((entry) => words.every((word) => entry[3].includes(word))) : [];
      found.replaceChildren(...hits.slice(0, most).map(([name, what, href]) =>
        make("li", {}, make("a", { href }, name, " ", make("span", {}, what)))));
      said.textContent = !words.length ? "" : hits.length > most ? `${hits.length} found, ${most} shown` : `${hits.length} found`;
    };
    input.addEventListener("input", look);
    room.addEventListener("keydown", (event) => {
      const links = [...found.querySelectorAll("a")];
      const at = links.indexOf(document.activeElement);
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") {
        input.value = "";
        look();
        input.focus();
      } else if (step && links.length) {
        event.preventDefault();
        (links[at + step] || (step > 0 ? links[links.length - 1] : input)).focus();
      } else if (event.key === "Enter" && event.target === input && links.length) {
        links[0].click();
      }
    });
    room.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !room.contains(event.relatedTarget)) found.replaceChildren();
    });
    input.addEventListener("focus", look);
    room.setAttribute("role", "search");
    room.append(make("label", { for: input.id }, "Find an authority, theme or metric"), input, found, said);
  }

  const shown = (cell) => cell.textContent.trim();

  function sortable(table) {
    const headers = [...table.tHead.rows[0].cells];
    headers.forEach((header, place) => {
      const button = make("button", { type: "button" }, ...header.childNodes);
      header.append(button);
      button.addEventListener("click", () => {
        const down = header.getAttribute("aria-sort") === "ascending";
        headers.forEach((other) => other.removeAttribute("aria-sort"));
        header.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = table.tBodies[0];
        const rows = [...body.rows].map((row, was) => {
          const cell = row.cells[place];
          return { row, was, number: cell.dataset.v === undefined ? NaN : Number(cell.dataset.v), text: shown(cell) };
        });
        const numbers = rows.some((row) => !isNaN(row.number));
        rows.sort((a, b) => {
          if (numbers && isNaN(a.number) !== isNaN(b.number)) return isNaN(a.number) ? 1 : -1;
          const order = numbers ? a.number - b.number || 0 : a.text.localeCompare(b.text, "en-GB", { numeric: true });
          return (down ? -order : order) || a.was - b.was;
        });
        body.append(...rows.map((row) => row.row));
      });
    });
  }

  function filterable(table, number) {
    const headers = [...table.tHead.rows[0].cells];
    const rows = [...table.tBodies[0].rows];
    if (rows.length < 4) return;
    const box = make("div", { class: "filter", role: "group", "aria-label": "Filter the table" });
    const said = make("span", { role: "status" });
    const field = (word, input, key) => {
      input.id = `filter-${number}-${key}`;
      box.append(make("div", {}, make("label", { for: input.id }, word), input));
      return input;
    };
    const text = field("Rows with the words", make("input", { type: "search", autocomplete: "off" }), "words");
    const choices = headers.map((header, place) => {
      if (header.dataset.select === undefined) return null;
      const words = [...new Set(rows.map((row) => shown(row.cells[place])))].filter(Boolean).sort();
      if (words.length < 2) return null;
      const choice = make("select", {}, make("option", { value: "" }, "all"));
      words.forEach((word) => choice.append(make("option", { value: word }, word)));
      return [place, field(shown(header), choice, place)];
    }).filter(Boolean);
    const filter = () => {
      const words = folded(text.value).split(/\s+/).filter(Boolean);
      let n = 0;
      rows.forEach((row) => {
        const line = folded(row.textContent);
        row.hidden = !(words.every((word) => line.includes(word)) &&
          choices.every(([place, choice]) => !choice.value || shown(row.cells[place]) === choice.value));
        n += !row.hidden;
      });
      said.textContent = n === rows.length ? "" : `${n} of ${rows.length} rows`;
    };
    box.addEventListener("input", filter);
    box.append(said);
    const room = table.closest(".scroll") || table;
    room.before(box);
  }

  function pickable(section) {
    const rows = [...document.querySelectorAll("tr[id]")];
    const dots = [...section.querySelectorAll("svg a")];
    if (!rows.length) return;
    const choice = make("select", { id: "pick" }, make("option", { value: "" }, "nobody"));
    rows.forEach((row) => choice.append(make("option", { value: row.id }, shown(row.cells[0]))));
    const said = make("span", { role: "status" });
    const page = (row) => `${row.id}.html`;
    const pick = () => {
      const own = rows.find((row) => row.id === choice.value);
      const alike = new Set(rows.filter((row) => own && shown(row.cells[1]) === shown(own.cells[1])).map(page));
      const peers = dots.filter((dot) => {
        const href = dot.getAttribute("href");
        const mine = Boolean(own) && href === page(own);
        dot.classList.toggle("own", mine);
        dot.classList.toggle("peer", alike.has(href) && !mine);
        return dot.classList.contains("peer");
      });
      section.classList.toggle("picking", Boolean(own));
      rows.forEach((row) => row.classList.toggle("own", row === own));
      said.textContent = own
        ? `${shown(own.cells[0])}: ${shown(own.cells[3])}; ${peers.length} more of its type (${shown(own.cells[1]) || "unknown"}) stand out`
        : "";
    };
    const asked = () => {
      const id = decodeURIComponent(location.hash.slice(1));
      if (!rows.some((row) => row.id === id)) return;
      choice.value = id;
      pick();
      requestAnimationFrame(() => scrollTo(0, 0)); // not to its row in the table, as a browser would
    };
    const box = make("div", { class: "filter" }, make("div", {}, make("label", { for: choice.id }, "Pick out, with its peers"), choice), said);
    choice.addEventListener("input", pick);
    addEventListener("hashchange", asked);
    addEventListener("load", asked);
    section.querySelector("h2").after(box);
  }

  const room = document.getElementById("search");
  if (room && window.EARLYWARNING_PAGES) search(room, window.EARLYWARNING_PAGES);
  document.querySelectorAll("table[data-filter]").forEach(filterable);
  document.querySelectorAll("table[data-sort]").forEach(sortable);
  document.querySelectorAll("section[data-pick]").forEach(pickable);
})();
