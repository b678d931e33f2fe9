// The tables behind the pictures: their rows and columns.
const cellRows = () => data.cases.flatMap((_, caseIndex) => data.engines.map((__, engine) => ({ caseIndex, engine, cell: cellPlace(caseIndex, engine) })));

const ofCell = [
  { name: "sample", unit: "text", csv: "sample", get: (row) => data.cases[row.caseIndex].sample },
  ...(severalVariants ? [
    { name: "variant", unit: "text", csv: "variant", get: (row) => data.cases[row.caseIndex].variant },
    { name: "size", unit: "text", csv: "size", get: (row) => data.cases[row.caseIndex].size },
  ] : []),
  { name: "engine", unit: "text", csv: "engine", get: (row) => data.engines[row.engine].name },
];

const time = (quantity, name = null) => ({
  name: name || `${quantities[quantity][0]} ${quantities[quantity][1]}`, unit: "ns", ends: true,
  csv: quantity.replaceAll("-", "_"), get: (row) => timeOf(quantity, row.cell),
});
const ratio = (quantity) => ({
  name: `${quantity}, × fastest`, unit: "ratio", ends: true,
  csv: quantity.toLowerCase().replace(/[^a-z]+/g, "_"), get: (row) => data.ratios[quantity][row.cell] || null,
});
const bytes = (name, column, get) => ({ name, unit: "bytes", csv: column, get: (row) => get(row.cell) || null });

// A table of cells with a value in one of the columns; it shows the chosen sample first.
function cellTable(name, columns, filter = theCase().sample) {
  const rows = cellRows().filter((row) => columns.some((column) => column.get(row) !== null));
  return { name, columns: [...ofCell, ...columns], rows: () => rows, filter };
}

const caseNames = (indexes) => (indexes === null ? "every case" : indexes.map((index) => caseName(data.cases[index])).join(", "));

const tables = {
  totals: () => cellTable("Totals", ["jit", "aot-compile", "aot-execute", "aot-total"].map((name) => time(name, quantities[name][1]))),
  phases: () => cellTable("Phases", ["jit-ab", "jit-c", "jit-d", "aot-ab", "aot-b", "run-load", "run-c", "run-d", "parse", "engine"].map((name) => time(name))),
  calls: () => cellTable("Warm calls and instances", [time("d-warm"),
    ...(data.native ? [{ name: `call, × ${data.native.name}`, unit: "ratio", ends: true, csv: "call_to_native", get: (row) => data.native.ratios[row.cell] || null }] : []),
    { name: "empty call", unit: "ns", csv: "empty_call", get: (row) => data.emptyCalls[row.engine] }, time("c-warm")]),
  cold: () => cellTable("Cold starts", ["cold-jit", "jit", "cold-run", "aot-execute"].map((name) => time(name, quantities[name][1]))),
  memory: () => cellTable("Memory", Object.keys(data.memory || {}).map((name) => bytes(name === "idle" ? "idle" : `${quantities[name][0]} ${quantities[name][1]}`, name.replaceAll("-", "_"), (cell) => data.memory[name][cell]))),
  rounds: () => ({
    name: "Rounds", filter: theCase().sample,
    columns: [...ofCell, { name: "what", unit: "text", csv: "quantity", get: (row) => quantities[row.quantity][1] },
      { name: "number", unit: "count", csv: "number", get: (row) => row.number }, { name: "time", unit: "ns", csv: "time", get: (row) => row.value }],
    rows: () => cellRows().flatMap((row) => (roundsOf(state.rounds, row.cell) || []).map((value, index) => ({ ...row, quantity: state.rounds, number: index + 1, value }))),
  }),
  sizes: () => cellTable("Sizes", [bytes("artifact", "artifact", (cell) => data.artifacts[cell]),
    ...["code", "data", "maps", "names", "other"].map((part, index) => bytes(part, `${part}_bytes`, (cell) => (data.artifactParts[cell] || [])[index])),
    { name: "module", unit: "bytes", csv: "module", get: (row) => data.cases[row.caseIndex].bytes },
    { name: "code section", unit: "bytes", csv: "code_section", get: (row) => data.cases[row.caseIndex].code }, time("compile")]),
  heat: () => cellTable("Times in proportion to the fastest engine", Object.keys(data.ratios).map(ratio), ""),
  growth: () => cellTable("Cost against size", [{ name: "code section", unit: "bytes", csv: "code_section", get: (row) => data.cases[row.caseIndex].code },
    time("compile"), time("aot-b"), time("run-load"), bytes("artifact", "artifact", (cell) => data.artifacts[cell])], ""),
  breakEven: () => ({
    name: "Break-even", filter: theCase().sample,
    columns: [{ name: "sample", unit: "text", csv: "sample", get: (row) => data.cases[row.caseIndex].sample },
      { name: "variant", unit: "text", csv: "variant", get: (row) => data.cases[row.caseIndex].variant },
      { name: "start", unit: "text", csv: "start", get: (row) => row.start }, { name: "ahead", unit: "text", csv: "ahead", get: (row) => data.engines[row.engine].name },
      { name: "after calls", unit: "count", csv: "after_calls", get: (row) => row.lead[1] },
      { name: "low", unit: "count", csv: "low_calls", get: (row) => row.lead[2] }, { name: "high", unit: "count", csv: "high_calls", get: (row) => row.lead[3] }],
    rows: () => Object.keys(data.leads).flatMap((start) => data.cases.flatMap((_, caseIndex) => data.leads[start][caseIndex].map((lead) => ({ caseIndex, start, lead, engine: lead[0] })))),
  }),
  failures: () => ({
    name: "Failures and what engines do not offer", filter: "",
    columns: [{ name: "engine", unit: "text", csv: "engine", get: (row) => data.engines[row.engine].name }, { name: "kind", unit: "text", csv: "kind", get: (row) => row.kind },
      { name: "passes", unit: "text", csv: "passes", get: (row) => row.passes.join(", ") }, { name: "phase", unit: "text", csv: "phases", get: (row) => row.phases.join(", ") },
      { name: "cases", unit: "text", csv: "cases", get: (row) => caseNames(row.cases) }, { name: "reason", unit: "text", csv: "reason", get: (row) => row.reason }],
    rows: () => data.failures,
  }),
  modules: () => ({
    name: "Modules", filter: "",
    columns: [["sample", "text"], ["variant", "text"], ["module", "bytes"], ["code section", "bytes"], ["SHA-256", "text"]].map(([name, unit], index) => ({ name, unit, csv: ["sample", "variant", "module", "code_section", "sha256"][index], get: (row) => row[index] })),
    rows: () => data.modules,
  }),
};
