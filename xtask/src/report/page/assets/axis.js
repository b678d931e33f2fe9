// Axes: from values to coordinates, with ticks; and elements of SVG.
function svg(name, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

const at = (value) => String(Math.round(value * 10) / 10);
const textWidth = (text) => 7 * text.length;

// A scale from values to coordinates between `from` and `to`.
function axis(kind, values, from, to, unit) {
  const known = values.filter((value) => Number.isFinite(value) && value > 0);
  let low = known.length ? Math.min(...known) : 1;
  let high = known.length ? Math.max(...known) : 10;
  if (kind === "log") {
    const room = Math.pow(Math.max(high / low, 2), 0.05);
    [low, high] = [low / room, Math.max(high, 2 * low) * room];
  } else {
    [low, high] = [0, 1.05 * high];
  }
  const share = (value) => (kind === "log"
    ? Math.log(Math.max(value, low) / low) / Math.log(high / low)
    : (value - low) / (high - low));
  const place = (value) => from + Math.min(Math.max(share(value), 0), 1) * (to - from);
  const room = Math.max(Math.floor(Math.abs(to - from) / (unit === "ns" || unit === "bytes" ? 70 : 50)), 2);
  return { kind, low, high, from, to, place, unit, ticks: kind === "log" ? logTicks(low, high, room) : linearTicks(high, room, unit) };
}

function linearTicks(high, room, unit) {
  // Steps are round in the unit that the numbers are written in.
  const size = unit === "ns" || unit === "bytes" ? inUnits(high, unit === "ns" ? timeUnits : byteUnits)[2] : 1;
  const rough = high / size / room;
  const power = Math.pow(10, Math.floor(Math.log10(rough)));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough) * size;
  const ticks = [];
  for (let count = 0; count * step <= high; count += 1) ticks.push(count * step);
  return ticks;
}

function logTicks(low, high, room) {
  const of = (steps) => {
    const ticks = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
      for (const step of steps) {
        const tick = Number((step * Math.pow(10, power)).toPrecision(3));
        if (tick >= low && tick <= high) ticks.push(tick);
      }
    }
    return ticks;
  };
  const found = [[1, 2, 5], [1, 3], [1]].map(of).find((ticks) => ticks.length <= room) || of([1]);
  const every = Math.max(Math.ceil(found.length / room), 1);
  return found.filter((_, place) => place % every === 0);
}

function verticalGrid(scale, top, bottom, numbersAt) {
  return scale.ticks.flatMap((tick) => {
    const x = at(scale.place(tick));
    return [
      svg("path", { class: "grid", d: `M${x} ${at(top)}V${at(bottom)}` }),
      svg("text", { class: "tick", x, y: at(numbersAt), "text-anchor": "middle" }, tickText(tick, scale.unit)),
    ];
  });
}

function horizontalGrid(scale, left, right) {
  return scale.ticks.flatMap((tick) => {
    const y = scale.place(tick);
    return [
      svg("path", { class: "grid", d: `M${at(left)} ${at(y)}H${at(right)}` }),
      svg("text", { class: "tick", x: at(left - 5), y: at(y + 4), "text-anchor": "end" }, tickText(tick, scale.unit)),
    ];
  });
}

// A picture with its title for those who do not see it.
function picture(width, height, title, children) {
  return svg("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": title }, ...children);
}

// Saves text as a file.
function save(name, type, text) {
  const link = element("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

// Saves a picture as a file of its own, with its style inside.
function saveSvg(drawing, name) {
  const copy = drawing.cloneNode(true);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.prepend(
    svg("title", {}, drawing.getAttribute("aria-label")),
    svg("style", {}, document.getElementById("chart-style").textContent),
    svg("rect", { class: "paper", width: "100%", height: "100%" }),
  );
  save(`${fileName(name)}.svg`, "image/svg+xml", new XMLSerializer().serializeToString(copy));
}

const fileName = (text) => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "") || "wasm-phases";
