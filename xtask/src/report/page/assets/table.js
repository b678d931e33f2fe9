// Tables: sorted by any column, filtered by words, saved as CSV. Long ones show their first rows only,
// so that a page stays quick.
const shownAtFirst = 60;

// What stands in a cell for sorting: the value without its ends.
const plain = (value) => (Array.isArray(value) ? value[0] : value);

// `columns` are `{name, unit, get, csv}`; `rows` is a function that gives the rows. Engines that are not
// chosen are left out where a row has an engine.
function makeTable({ name, columns, rows, filter = "" }) {
  const state = { by: null, down: false, limit: shownAtFirst };
  const input = element("input", { type: "search", value: filter, oninput: () => { state.limit = shownAtFirst; update(); } });
  const said = element("span", { class: "said", "aria-live": "polite" });
  const saveButton = element("button", { type: "button", onclick: () => save(`${fileName(name)}.csv`, "text/csv", csv(columns, chosen())) }, "Save as CSV");
  const heads = columns.map((column, place) => {
    const button = element("button", { type: "button", onclick: () => { sortBy(place); } }, column.name);
    return element("th", { scope: "col", class: column.unit === "text" ? "" : "number" }, button);
  });
  const body = element("tbody");
  const more = element("button", { type: "button", class: "more", onclick: () => { state.limit = Infinity; update(); } });
  const table = element("table", {}, element("caption", { class: "hidden" }, name), element("thead", {}, element("tr", {}, ...heads)), body);
  const box = element("div", { class: "table-box", tabindex: 0, role: "region", "aria-label": name }, table);

  function chosen() {
    const words = input.value.toLowerCase().split(/[\s,]+/).filter(Boolean);
    const texts = columns.filter((column) => column.unit === "text");
    const matches = (row) => {
      const text = texts.map((column) => column.get(row)).join(" ").toLowerCase();
      return words.every((word) => text.includes(word));
    };
    const found = rows().filter((row) => (row.engine === undefined || isChosen(row.engine)) && matches(row));
    if (state.by === null) return found;
    const get = columns[state.by].get;
    const compare = (a, b) => (typeof a === "string" ? a.localeCompare(b, "en", { numeric: true }) : a - b);
    const nothing = (value) => value === null || value === undefined || value === "";
    return found.map((row) => [plain(get(row)), row]).sort(([a], [b]) => {
      if (nothing(a) || nothing(b)) return nothing(a) - nothing(b);
      return state.down ? compare(b, a) : compare(a, b);
    }).map(([, row]) => row);
  }

  function sortBy(place) {
    state.down = state.by === place ? !state.down : false;
    state.by = place;
    heads.forEach((head, other) => {
      if (other === place) head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    update();
  }

  function update() {
    const found = chosen();
    const cells = (row) => columns.map((column, place) => element(place === 0 ? "th" : "td",
      { scope: place === 0 ? "row" : null, class: column.unit === "text" ? "" : "number" }, written(column.get(row), column.unit)));
    body.replaceChildren(...found.slice(0, state.limit).map((row) => element("tr", {}, ...cells(row))));
    said.textContent = `${found.length} ${found.length === 1 ? "row" : "rows"}`;
    more.textContent = `Show all ${found.length} rows`;
    more.hidden = found.length <= state.limit;
  }

  update();
  const controls = element("div", { class: "table-controls" }, element("label", {}, "Rows with ", input), said, saveButton);
  return { element: element("div", {}, controls, box, more), update };
}

// A table that opens below a picture; it is made when it is opened.
function openTable(details, make) {
  let table = null;
  details.addEventListener("toggle", () => {
    if (!details.open || table) return;
    table = makeTable(make());
    details.append(table.element);
  });
  return () => { if (table) table.update(); };
}

// Values as CSV. A text that a spreadsheet would take for a formula gets an apostrophe.
function csv(columns, rows) {
  const text = (value) => {
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const units = { ns: "_ns", bytes: "_bytes", ratio: "_ratio", count: "", text: "" };
  const header = columns.flatMap(({ csv: name, unit, ends }) => {
    const full = name + units[unit];
    return ends ? [full, `low_${full}`, `high_${full}`] : [full];
  });
  const number = (value) => (value === null || value === undefined ? "" : String(value));
  const cells = (row) => columns.flatMap(({ get, unit, ends }) => {
    const value = get(row);
    if (unit === "text") return [text(value || "")];
    if (ends) return [0, 1, 2].map((place) => number(Array.isArray(value) ? value[place] : null));
    return [number(value)];
  });
  return [header.map(text), ...rows.map(cells)].map((row) => `${row.join(",")}\r\n`).join("");
}

// A table that is in the page already: its columns sort, its rows stay.
function enhance(table) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
  const value = (row, place) => {
    const cell = row.cells[place];
    return cell.dataset.value === undefined ? cell.textContent : cell.dataset.value === "" ? null : Number(cell.dataset.value);
  };
  heads.forEach((head, place) => {
    const button = element("button", { type: "button" }, ...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...body.rows].map((row) => [value(row, place), row]);
      rows.sort(([a], [b]) => {
        if (a === null || b === null) return (a === null) - (b === null);
        const order = typeof a === "string" ? a.localeCompare(b, "en", { numeric: true }) : a - b;
        return down ? -order : order;
      });
      body.append(...rows.map(([, row]) => row));
    });
  });
}
