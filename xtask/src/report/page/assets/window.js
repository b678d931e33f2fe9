// The values of one cell, in a window of its own.
function openCell(caseIndex, engine) {
  const dialog = document.getElementById("cell");
  const cell = cellPlace(caseIndex, engine);
  const known = Object.keys(quantities).filter((name) => name !== "compile" && timeOf(name, cell));
  const drawn = known.filter((name) => roundsOf(name, cell));
  const rows = drawn.map((name) => ({
    name: `${quantities[name][0]} ${quantities[name][1]}`, value: writers.ns(timeOf(name, cell)[0]),
    said: `${quantities[name][1]}: ${written(timeOf(name, cell), "ns")}`,
    // Each in proportion to its value, so that all fit one axis.
    marks: [{ is: "dots", at: roundsOf(name, cell).map((value) => value / timeOf(name, cell)[0]) }, { is: "middle", at: [1] }],
  }));
  const title = `${data.engines[engine].name} on ${caseName(data.cases[caseIndex])}`;
  const width = Math.min(window.innerWidth - 48, 640);
  const picture = rows.length ? [rowChart({ title: `Rounds of ${title}, each as a part of its value`, rows, unit: "ratio", kind: "log", width })] : [];
  const line = (name, text) => element("tr", {}, element("th", { scope: "row" }, name), element("td", { class: "number" }, text));
  const memory = data.memory ? Object.keys(data.memory).filter((name) => data.memory[name][cell]).map((name) => line(`memory, ${name === "idle" ? "idle" : quantities[name][1]}`, writers.bytes(data.memory[name][cell]))) : [];
  const artifact = data.artifacts[cell] ? [line("artifact", writers.bytes(data.artifacts[cell]))] : [];
  const ratios = Object.keys(data.ratios).filter((name) => data.ratios[name][cell]).map((name) => line(`${name}, × fastest`, written(data.ratios[name][cell], "ratio")));
  const failures = (failuresOf.get(cell) || []).map((one) => element("li", {}, `${one.kind} (${one.passes.join(", ")}): ${one.reason}`));
  dialog.querySelector("h2").textContent = title;
  dialog.querySelector(".content").replaceChildren(
    ...picture,
    element("p", { class: "note" }, rows.length ? "One dot a round, as a part of the cell's value; the line is the value." : "This cell has no rounds."),
    element("div", { class: "table-box", tabindex: 0, role: "region", "aria-label": "Values of the cell" },
      element("table", {}, element("caption", { class: "hidden" }, `Values of ${title}`), element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "what"), element("th", { scope: "col", class: "number" }, `value [${intervalName}]`))),
        element("tbody", {}, ...known.map((name) => line(`${quantities[name][0]} ${quantities[name][1]}`, written(timeOf(name, cell), "ns"))), ...ratios, ...artifact, ...memory))),
    ...(failures.length ? [element("h3", {}, "Without a time"), element("ul", {}, ...failures)] : []),
  );
  dialog.showModal();
}
