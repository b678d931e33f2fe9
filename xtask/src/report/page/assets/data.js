// The page's data, and how values are written.
const data = JSON.parse(document.getElementById("data").textContent);
const engineCount = data.engines.length;
const cellPlace = (caseIndex, engine) => caseIndex * engineCount + engine;

// What has a time: its name for people, and the column in a saved table.
const quantities = {
  engine: ["engine", "engine creation"],
  parse: ["a", "parse alone"],
  compile: ["a+b", "compile"],
  "jit-ab": ["a+b", "compile (JIT pass)"],
  "jit-c": ["c", "instantiate, first (JIT pass)"],
  "jit-d": ["d", "call, first (JIT pass)"],
  "aot-ab": ["a+b", "compile (AOT pass)"],
  "aot-b": ["b'", "save"],
  "run-load": ["c'", "load"],
  "run-c": ["c", "instantiate, first (run pass)"],
  "run-d": ["d", "call, first (run pass)"],
  "c-warm": ["c", "instantiate, warm"],
  "d-warm": ["d", "call, warm"],
  jit: ["a+b+c+d", "JIT"],
  "aot-compile": ["a+b+b'", "AOT compile"],
  "aot-execute": ["c'+c+d", "AOT execute"],
  "aot-total": ["a+b+b'+c'+c+d", "AOT total"],
  "cold-jit": ["a+b+c+d", "JIT, cold"],
  "cold-run": ["c'+c+d", "AOT execute, cold"],
};

// [value, low, high] of a cell; null where it has none.
function timeOf(quantity, place) {
  if (quantity === "compile") return timeOf("jit-ab", place) || timeOf("aot-ab", place);
  return data.times[quantity][place] || null;
}

function roundsOf(quantity, place) {
  if (quantity === "compile") return roundsOf("jit-ab", place) || roundsOf("aot-ab", place);
  const rounds = (data.rounds[quantity] || [])[place];
  if (!rounds) return null;
  const value = timeOf(quantity, place)[0];
  return rounds.map((part) => value * (1 + part / 1e4));
}

const intervalName = data.roundCount >= 10 ? "95% interval" : "range of the rounds";

// Three significant digits, never an exponent.
function digits(value) {
  const size = Math.abs(value);
  if (size >= 99.95) return String(Math.round(value));
  return value.toFixed(size < 9.995 ? 2 : 1);
}

const timeUnits = [[1, "ns"], [1e3, "µs"], [1e6, "ms"], [1e9, "s"]];
const byteUnits = [[1, "B"], [1e3, "kB"], [1e6, "MB"], [1e9, "GB"]];

function inUnits(value, units) {
  const unit = [...units].reverse().find(([size]) => Math.abs(value) >= 0.9995 * size) || units[0];
  return [value / unit[0], unit[1], unit[0]];
}

const writers = {
  ns: (value) => { const [count, unit] = inUnits(value, timeUnits); return `${digits(count)} ${unit}`; },
  bytes: (value) => { const [count, unit] = inUnits(value, byteUnits); return `${unit === "B" ? Math.round(count) : digits(count)} ${unit}`; },
  ratio: (value) => `× ${digits(value)}`,
  count: (value) => Math.round(value >= 100 ? Number(value.toPrecision(2)) : value).toLocaleString("en-US"),
  text: (value) => value,
};

// A value and its ends in the value's unit: `1.23 [1.20 1.27] ms`.
function written(value, unit) {
  if (value === null || value === undefined) return "";
  if (!Array.isArray(value)) return writers[unit](value);
  const [middle, low, high] = value;
  if (low === undefined || low === null) return writers[unit](middle);
  if (unit === "ratio") return `× ${digits(middle)} [${digits(low)} ${digits(high)}]`;
  const units = unit === "ns" ? timeUnits : byteUnits;
  const [count, name, size] = inUnits(middle, units);
  return `${digits(count)} [${digits(low / size)} ${digits(high / size)}] ${name}`;
}

function tickText(value, unit) {
  if (value === 0) return "0";
  if (unit === "count") return value >= 1e6 ? `${value / 1e6}M` : value >= 1e3 ? `${value / 1e3}k` : String(value);
  const trim = (number) => String(Number(number.toPrecision(3)));
  if (unit === "ratio") return trim(value);
  const [count, name] = inUnits(value, unit === "ns" ? timeUnits : byteUnits);
  return `${trim(count)} ${name}`;
}

// The cases' names, as short as they tell them apart.
const severalVariants = new Set(data.cases.map((one) => `${one.variant}, ${one.size}`)).size > 1;
const caseName = (one) => (severalVariants ? `${one.sample}, ${one.variant}, ${one.size}` : one.sample);

// The elements of the page that are made here.
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}
