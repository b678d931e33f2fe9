// The pictures of one case: totals, phases, break-even, memory, cold starts, rounds and sizes.
const state = { caseIndex: firstCase(), words: [], kind: "log", rounds: "d-warm" };

// The first case whose call takes every engine a microsecond or more: an empty call shows the way into the
// module alone.
function firstCase() {
  const isLong = (_, caseIndex) => data.engines.every((__, engine) => {
    const call = timeOf("d-warm", cellPlace(caseIndex, engine));
    return !call || call[0] >= 1e3;
  });
  return Math.max(data.cases.findIndex(isLong), 0);
}

// Whether the field of engines lets an engine through: without words, or where its name has one of them.
function isChosen(engine) {
  const name = data.engines[engine].name.toLowerCase();
  return state.words.length === 0 || state.words.some((word) => name.includes(word));
}

const chosenEngines = () => data.engines.map((_, engine) => engine).filter(isChosen);
const place = (engine) => cellPlace(state.caseIndex, engine);
const theCase = () => data.cases[state.caseIndex];
const ends = (value) => (value[1] === undefined || value[1] === null ? [] : [{ is: "interval", at: [value[1], value[2]] }]);

// Rows of engines with a value each, the least first.
function sortedRows(valueOf, rowOf) {
  const rows = chosenEngines().map((engine) => [valueOf(engine), engine]).filter(([value]) => value);
  rows.sort(([a], [b]) => plain(a) - plain(b));
  return rows.map(([value, engine]) => ({ name: data.engines[engine].name, ...rowOf(value, engine) }));
}

const look = (engine) => (data.engines[engine].native ? "baseline" : "");

// One value an engine: a bar where the axis begins at 0, else a dot, with its interval.
function valueChart(title, valueOf, unit, width) {
  const rows = sortedRows(valueOf, (value, engine) => ({
    value: writers[unit](plain(value)),
    said: `${data.engines[engine].name}: ${written(value, unit)}`,
    marks: [
      { is: state.kind === "log" ? "dot" : "bar", at: [plain(value)], look: look(engine) },
      ...(Array.isArray(value) ? ends(value) : []),
    ],
  }));
  return rows.length ? rowChart({ title: summed(title, rows), rows, unit, kind: state.kind, width }) : null;
}

const summed = (title, rows) => `${title}: ${rows.length} engines, from ${rows[0].name} (${rows[0].value}) to ${rows[rows.length - 1].name} (${rows[rows.length - 1].value}). The table below the picture has the values.`;

// Phases on top of each other; the interval is that of their total.
function stackChart(title, parts, total, width) {
  const rows = sortedRows((engine) => timeOf(total, place(engine)), (value, engine) => {
    let sum = 0;
    const marks = [];
    const words = [];
    parts.forEach((part) => {
      const time = timeOf(part.of, place(engine));
      if (!time) return;
      marks.push({ is: "bar", at: [sum, sum + time[0]], look: part.look });
      words.push(`${quantities[part.of][0]} ${writers.ns(time[0])}`);
      sum += time[0];
    });
    return { value: writers.ns(value[0]), said: `${data.engines[engine].name}: ${written(value, "ns")}; ${words.join(", ")}`, marks: [...marks, ...ends(value)] };
  });
  return rows.length ? rowChart({ title: summed(title, rows), rows, unit: "ns", kind: "linear", width }) : null;
}

const jitParts = [{ of: "jit-ab", look: "p0" }, { of: "jit-c", look: "p3" }, { of: "jit-d", look: "p4" }];
const aotParts = [{ of: "aot-ab", look: "p0" }, { of: "aot-b", look: "p1" }, { of: "run-load", look: "p2" }, { of: "run-c", look: "p3" }, { of: "run-d", look: "p4" }];

// What calls cost in all, from the first result on.
function costs(startName, engine) {
  const start = timeOf(startName, place(engine));
  const call = timeOf("d-warm", place(engine));
  if (!start || !call) return null;
  const instance = theCase().fresh ? timeOf("c-warm", place(engine)) : null;
  return { start: start[0], further: call[0] + (instance ? instance[0] : 0) };
}

const leadsOn = (startName, caseIndex) => data.leads[startName][caseIndex].filter(([engine]) => isChosen(engine));

function breakEvenChart(startName, width) {
  const leads = leadsOn(startName, state.caseIndex);
  const all = chosenEngines().map((engine) => [engine, costs(startName, engine)]).filter(([, cost]) => cost);
  if (all.length === 0) return null;
  const points = leads.map((lead) => lead[1]).filter((calls) => calls > 0);
  const most = Math.pow(10, Math.ceil(Math.log10(Math.max(100, 30 * Math.max(1, ...points)))));
  const series = all.map(([engine, cost]) => {
    const lead = leads.findIndex(([leader]) => leader === engine);
    const line = [];
    // In steps, since a straight line bends where both axes are logarithmic.
    for (let step = 0; step <= 48; step += 1) {
      const calls = Math.pow(most, step / 48);
      line.push([calls, cost.start + (calls - 1) * cost.further]);
    }
    return { name: data.engines[engine].name, look: lead >= 0 ? (lead % 6) + 1 : 0, points: line };
  });
  const spans = leads.filter((lead) => lead.length > 2 && lead[2] !== null).map(([engine, , low, high]) => ({
    from: low + 1, to: high === null ? null : high + 1, said: `${data.engines[engine].name} overtakes here: 95% interval`,
  }));
  const said = leads.map(leadText).join("; ");
  return lineChart({
    title: `Total cost against the number of calls on ${caseName(theCase())}. ${said}.`,
    x: { name: "calls", unit: "count", kind: "log" },
    y: { name: "total cost", unit: "ns", kind: state.kind },
    series, spans, width,
  });
}

function leadText([engine, calls, low, high], index) {
  const name = data.engines[engine].name;
  if (index === 0) return `${name} is ahead at first`;
  const interval = low === undefined || low === null ? "" : ` [${writers.count(low)} ${high === null ? "…" : writers.count(high)}]`;
  return `${name} after ${writers.count(calls)}${interval} calls`;
}

const memoryParts = {
  jit: [["jit-ab", "p0"], ["jit-c", "p3"], ["jit-d", "p4"]],
  aot: [["aot-b", "p1"], ["run-load", "p2"], ["run-c", "p3"], ["run-d", "p4"]],
};

// What was resident when idle as a span, and the peak of each phase as a dot.
function memoryChart(title, parts, width) {
  if (!data.memory) return null;
  const peak = (engine) => Math.max(...parts.map(([name]) => data.memory[name][place(engine)]));
  const rows = sortedRows((engine) => peak(engine) || null, (value, engine) => {
    const idle = data.memory.idle[place(engine)];
    const known = parts.filter(([name]) => data.memory[name][place(engine)]);
    const words = known.map(([name]) => `${quantities[name][1]} ${writers.bytes(data.memory[name][place(engine)])}`);
    return {
      value: writers.bytes(value),
      said: `${data.engines[engine].name}: idle ${writers.bytes(idle)}; ${words.join(", ")}`,
      marks: [{ is: "link", at: [idle || value, value] }, ...(idle ? [{ is: "middle", at: [idle] }] : []),
        ...known.map(([name, partLook]) => ({ is: "dot", at: [data.memory[name][place(engine)]], look: partLook }))],
    };
  });
  return rows.length ? rowChart({ title: summed(title, rows), rows, unit: "bytes", kind: state.kind, width }) : null;
}

// A later pass and the first of a process side by side, each with its interval.
function coldChart(title, cold, later, width) {
  const rows = sortedRows((engine) => timeOf(cold, place(engine)), (value, engine) => {
    const other = timeOf(later, place(engine));
    const words = other ? `; later ${written(other, "ns")}` : "";
    return {
      value: other ? `× ${digits(value[0] / other[0])}` : writers.ns(value[0]),
      said: `${data.engines[engine].name}: cold ${written(value, "ns")}${words}`,
      marks: [...(other ? [{ is: "link", at: [other[0], value[0]] }, ...ends(other)] : []), ...ends(value),
        ...(other ? [{ is: "dot", at: [other[0]], look: "first" }] : []), { is: "dot", at: [value[0]], look: "second" }],
    };
  });
  return rows.length ? rowChart({ title: summed(title, rows), rows, unit: "ns", kind: state.kind, width }) : null;
}

// One dot a round.
function roundsChart(width) {
  const [, name] = quantities[state.rounds];
  const rows = sortedRows((engine) => timeOf(state.rounds, place(engine)), (value, engine) => ({
    value: writers.ns(value[0]),
    said: `${data.engines[engine].name}: ${written(value, "ns")}`,
    marks: [{ is: "dots", at: roundsOf(state.rounds, place(engine)) || [] }, { is: "middle", at: [value[0]] }],
  }));
  return rows.length ? rowChart({ title: summed(`Rounds of ${name} on ${caseName(theCase())}`, rows), rows, unit: "ns", kind: state.kind, width }) : null;
}

// The artifact of this variant, and those of the sample's other variants beside it.
function sizeChart(width) {
  const here = theCase();
  const others = data.cases.map((one, index) => [one, index]).filter(([one]) => one.sample === here.sample && one.size === here.size && one.variant !== here.variant);
  const rows = sortedRows((engine) => data.artifacts[place(engine)] || null, (value, engine) => {
    const beside = others.map(([one, index]) => [one.variant, data.artifacts[cellPlace(index, engine)]]).filter(([, bytes]) => bytes);
    const words = beside.map(([variant, bytes]) => `; ${variant} ${writers.bytes(bytes)}`).join("");
    return {
      value: writers.bytes(value),
      said: `${data.engines[engine].name}: ${here.variant} ${writers.bytes(value)}${words}`,
      marks: others.length === 0
        ? [{ is: state.kind === "log" ? "dot" : "bar", at: [value], look: look(engine) }]
        : [...beside.map(([, bytes]) => ({ is: "link", at: [Math.min(bytes, value), Math.max(bytes, value)] })), { is: "dot", at: [value], look: "first" },
          ...beside.map(([, bytes]) => ({ is: "dot", at: [bytes], look: "second" }))],
    };
  });
  return rows.length ? rowChart({ title: summed(`Artifact bytes of ${here.sample}`, rows), rows, unit: "bytes", kind: state.kind, width }) : null;
}
