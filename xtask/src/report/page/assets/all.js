// What is shown over all cases: the heat map, cost against the size of the code, and the values of a cell.
const heat = { quantity: "Call, warm", at: [0, 0] };
// The upper ends of the heat map's shades, as times of the fastest engine.
const shades = [1.05, 1.25, 1.6, 2.5, 4, 8, 20, Infinity];

const failuresOf = new Map();
data.failures.forEach((failure) => {
  (failure.cases || data.cases.map((_, index) => index)).forEach((index) => {
    const key = cellPlace(index, failure.engine);
    failuresOf.set(key, [...(failuresOf.get(key) || []), failure]);
  });
});

// Why a cell has no time in the heat map: a mark, and words.
function absence(cell) {
  const failures = failuresOf.get(cell) || [];
  const failed = failures.find((one) => one.kind === "failed");
  if (failed) return ["✕", `failed: ${failed.reason}`];
  const changing = failures.find((one) => one.kind === "not steady");
  if (changing) return ["~", changing.reason];
  return ["–", failures.length ? `not offered: ${failures[0].reason}` : "not measured"];
}

function heatMap() {
  const engines = chosenEngines();
  const head = element("tr", {}, element("th", { scope: "col" }, "sample"),
    ...engines.map((engine) => element("th", { scope: "col", class: "up" }, element("span", {}, data.engines[engine].name))));
  const rows = data.cases.map((one, caseIndex) => element("tr", {}, element("th", { scope: "row" }, caseName(one)),
    ...engines.map((engine, column) => heatCell(caseIndex, engine, column))));
  return element("table", { class: "heat", "aria-label": `${heat.quantity}: each cell's time in proportion to the fastest engine on its sample. Arrow keys move, Enter opens a cell.` },
    element("thead", {}, head), element("tbody", {}, ...rows));
}

function heatCell(caseIndex, engine, column) {
  const cell = cellPlace(caseIndex, engine);
  const ratio = data.ratios[heat.quantity][cell];
  const here = heat.at[0] === caseIndex && heat.at[1] === column;
  const [mark, words] = ratio ? [digits(ratio[0]), written(ratio, "ratio")] : absence(cell);
  const shade = ratio ? `h${shades.findIndex((end) => ratio[0] < end)}` : mark === "✕" ? "failed" : "none";
  const button = element("button", {
    type: "button", tabindex: here ? 0 : -1, "data-row": caseIndex, "data-column": column, "data-engine": engine,
    title: `${data.engines[engine].name} on ${caseName(data.cases[caseIndex])}: ${words}`.slice(0, 300),
  }, mark);
  return element("td", { class: shade }, button);
}

// Arrow keys move from cell to cell; one of them is reached by Tab.
function moveInHeat(event) {
  const from = event.target.closest("button[data-row]");
  const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
  if (!from || !step) return;
  event.preventDefault();
  const [row, column] = [Number(from.dataset.row) + step[0], Number(from.dataset.column) + step[1]];
  const to = event.currentTarget.querySelector(`button[data-row="${row}"][data-column="${column}"]`);
  if (!to) return;
  from.tabIndex = -1;
  to.tabIndex = 0;
  heat.at = [row, column];
  to.focus();
}

const growth = { quantity: "compile" };
const growthValues = {
  compile: ["compile time (a+b)", "ns", (cell) => plain(timeOf("compile", cell))],
  "run-load": ["load time (c')", "ns", (cell) => plain(timeOf("run-load", cell))],
  artifact: ["artifact", "bytes", (cell) => data.artifacts[cell] || null],
  memory: ["memory of compiling above idle", "bytes", (cell) => (data.memory && data.memory["jit-ab"][cell] > data.memory.idle[cell] ? data.memory["jit-ab"][cell] - data.memory.idle[cell] : null)],
};

const isOfScale = (one) => /^scale-\d+$/.test(one.sample);

// Cost against the bytes of code: lines over the generated samples where they were measured, else a dot a
// sample. The first six of the chosen engines have colours.
function growthChart(width) {
  const scaled = data.cases.some(isOfScale);
  const [name, unit, get] = growthValues[growth.quantity];
  const cases = data.cases.map((one, index) => [one, index]).filter(([one]) => one.code && (!scaled || isOfScale(one)));
  cases.sort(([a], [b]) => a.code - b.code);
  let coloured = 0;
  const series = chosenEngines().filter((engine) => !data.engines[engine].native).map((engine) => {
    const points = cases.map(([one, index]) => [one.code, get(cellPlace(index, engine))]).filter(([, value]) => value);
    return { name: data.engines[engine].name, points, dots: !scaled, look: 0 };
  }).filter((one) => one.points.length > 1);
  series.forEach((one) => { if (coloured < 6) { coloured += 1; one.look = coloured; } });
  if (series.length === 0) return null;
  return lineChart({
    title: `${name} against the bytes of the code section, ${series.length} engines. The table below the picture has the values.`,
    x: { name: "code section", unit: "bytes", kind: "log" },
    y: { name, unit, kind: "log" },
    series, width,
  });
}
