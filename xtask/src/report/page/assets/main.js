// Puts everything together: pictures are drawn for the width that they have, and again when something is
// chosen.
const drawings = {
  jit: (width) => valueChart(`JIT on ${caseName(theCase())}`, (engine) => timeOf("jit", place(engine)), "ns", width),
  "aot-compile": (width) => valueChart(`AOT compile on ${caseName(theCase())}`, (engine) => timeOf("aot-compile", place(engine)), "ns", width),
  "aot-execute": (width) => valueChart(`AOT execute on ${caseName(theCase())}`, (engine) => timeOf("aot-execute", place(engine)), "ns", width),
  "aot-total": (width) => valueChart(`AOT total on ${caseName(theCase())}`, (engine) => timeOf("aot-total", place(engine)), "ns", width),
  "phases-jit": (width) => stackChart(`Phases of JIT on ${caseName(theCase())}`, jitParts, "jit", width),
  "phases-aot": (width) => stackChart(`Phases of AOT on ${caseName(theCase())}`, aotParts, "aot-total", width),
  "call-warm": (width) => valueChart(`Warm call on ${caseName(theCase())}`, (engine) => timeOf("d-warm", place(engine)), "ns", width),
  "instance-warm": (width) => valueChart(`Warm instantiation on ${caseName(theCase())}`, (engine) => timeOf("c-warm", place(engine)), "ns", width),
  "even-jit": (width) => breakEvenChart("jit", width),
  "even-aot": (width) => breakEvenChart("aot-execute", width),
  "memory-jit": (width) => memoryChart(`Memory of JIT on ${caseName(theCase())}`, memoryParts.jit, width),
  "memory-aot": (width) => memoryChart(`Memory of AOT on ${caseName(theCase())}`, memoryParts.aot, width),
  "cold-jit": (width) => coldChart(`Cold JIT on ${caseName(theCase())}`, "cold-jit", "jit", width),
  "cold-run": (width) => coldChart(`Cold AOT execute on ${caseName(theCase())}`, "cold-run", "aot-execute", width),
  rounds: roundsChart,
  sizes: sizeChart,
  growth: growthChart,
};

const updates = [];
const figures = [...document.querySelectorAll("figure[data-chart]")];

function draw(figure) {
  const box = figure.querySelector(".drawing");
  const width = Math.floor(box.clientWidth);
  if (width < 100) return;
  const drawn = drawings[figure.dataset.chart](width);
  box.replaceChildren(drawn || element("p", { class: "note" }, figure.dataset.nothing || "This run has no values for this picture."));
  figure.querySelector("button.save").hidden = !drawn;
}

function redraw() {
  figures.forEach(draw);
  document.querySelectorAll(".case-name").forEach((one) => { one.textContent = caseName(theCase()); });
  for (const start of ["jit", "aot-execute"]) {
    const said = document.getElementById(`leads-${start}`);
    if (said) said.textContent = leadsOn(start, state.caseIndex).map(leadText).join("; ");
  }
  updates.forEach((update) => update());
}

function drawHeat() {
  const box = document.getElementById("heat");
  if (box) box.replaceChildren(heatMap());
}

function fill(select, options, chosen) {
  select.replaceChildren(...options.map(([value, name]) => element("option", { value, selected: value === chosen }, name)));
}

function connect() {
  const byId = (id) => document.getElementById(id);
  fill(byId("case"), data.cases.map((one, index) => [String(index), caseName(one)]), String(state.caseIndex));
  byId("case").addEventListener("change", (event) => { state.caseIndex = Number(event.target.value); redraw(); });
  byId("engines").addEventListener("input", (event) => {
    state.words = event.target.value.toLowerCase().split(/[\s,]+/).filter(Boolean);
    heat.at = [0, 0];
    redraw();
    drawHeat();
    byId("engines-said").textContent = `${chosenEngines().length} of ${engineCount} engines`;
  });
  document.querySelectorAll("input[data-scale]").forEach((input) => input.addEventListener("change", () => {
    state.kind = input.value;
    document.querySelectorAll("input[data-scale]").forEach((other) => { other.checked = other.value === state.kind; });
    document.documentElement.dataset.scale = state.kind;
    redraw();
  }));
  const withRounds = ["jit", "compile", "aot-compile", "aot-execute", "c-warm", "d-warm"];
  fill(byId("rounds-of"), withRounds.map((name) => [name, `${quantities[name][0]} ${quantities[name][1]}`]), state.rounds);
  byId("rounds-of").addEventListener("change", (event) => { state.rounds = event.target.value; redraw(); });
  fill(byId("growth-of"), Object.entries(growthValues).map(([value, [name]]) => [value, name]), growth.quantity);
  byId("growth-of").addEventListener("change", (event) => { growth.quantity = event.target.value; redraw(); });
  const heatNames = Object.keys(data.ratios).filter((name) => data.ratios[name].some(Boolean));
  if (!heatNames.includes(heat.quantity)) heat.quantity = heatNames[0] || heat.quantity;
  fill(byId("heat-of"), heatNames.map((name) => [name, name]), heat.quantity);
  byId("heat-of").addEventListener("change", (event) => { heat.quantity = event.target.value; drawHeat(); });
  byId("heat").addEventListener("keydown", moveInHeat);
  byId("heat").addEventListener("click", (event) => {
    const button = event.target.closest("button[data-row]");
    if (button) openCell(Number(button.dataset.row), Number(button.dataset.engine));
  });
  byId("cell").querySelector("button.close").addEventListener("click", () => byId("cell").close());
}

function connectFigures() {
  document.querySelectorAll("button.save[data-save]").forEach((button) => button.addEventListener("click", () => {
    const visible = [...button.closest("figure").querySelectorAll("svg.chart")].find((drawing) => drawing.getClientRects().length > 0);
    if (visible) saveSvg(visible, button.dataset.save);
  }));
  document.querySelectorAll("details[data-table]").forEach((details) => updates.push(openTable(details, tables[details.dataset.table])));
  document.querySelectorAll("table.sorts").forEach(enhance);
  document.querySelectorAll("button[data-csv]").forEach((button) => button.addEventListener("click", () => {
    const table = document.getElementById(button.dataset.csv);
    const columns = [...table.tHead.rows[table.tHead.rows.length - 1].cells].map((cell, index) => ({ unit: "text", csv: cell.dataset.csv || cell.textContent, get: (row) => row[index] }));
    const rows = [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => (cell.dataset.value === undefined ? cell.textContent : cell.dataset.value)));
    save(`${button.dataset.csv}.csv`, "text/csv", csv(columns, rows));
  }));
}

connect();
connectFigures();
redraw();
drawHeat();
// Widths that change: the window's, and those of paper.
let waiting = 0;
let drawnWidth = window.innerWidth;
window.addEventListener("resize", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => { if (window.innerWidth !== drawnWidth) { drawnWidth = window.innerWidth; figures.forEach(draw); } }, 120);
});
window.addEventListener("beforeprint", () => figures.forEach(draw));
document.documentElement.dataset.ready = "true";
