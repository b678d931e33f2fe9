// The two kinds of pictures that are drawn here: rows of engines, and lines over an axis.
const rowHeight = 20;

// Rows, each with a name, marks and a value. A mark is a bar, an interval, a dot, dots or a link.
function rowChart({ title, rows, unit, kind, width }) {
  const narrow = width < 480;
  const names = Math.max(...rows.map((row) => textWidth(row.name)), 40);
  const left = Math.min(names + 10, (narrow ? 0.38 : 0.45) * width);
  const right = width - Math.max(...rows.map((row) => textWidth(row.value || "")), 24) - 10;
  const numbers = rows.flatMap((row) => row.marks.flatMap((mark) => mark.at)).filter((value) => value !== null);
  const scale = axis(kind, numbers, left, right, unit);
  const top = 26;
  const bottom = top + rowHeight * rows.length;
  const drawn = rows.map((row, place) => drawRow(row, top + rowHeight * place, scale, left, width));
  return picture(width, bottom + 6, title, [...verticalGrid(scale, top - 4, bottom, top - 9), ...drawn]);
}

function drawRow(row, top, scale, left, width) {
  const middle = top + rowHeight / 2;
  return svg("g", {},
    svg("title", {}, row.said),
    svg("text", { class: "name", x: at(left - 6), y: at(middle + 4), "text-anchor": "end" }, fitting(row.name, left - 8)),
    ...row.marks.map((mark) => drawMark(mark, scale, middle)),
    svg("text", { class: "value", x: at(width - 2), y: at(middle + 4), "text-anchor": "end" }, row.value || ""),
  );
}

const fitting = (text, room) => (textWidth(text) <= room ? text : `${text.slice(0, Math.floor(room / 7) - 1)}…`);

function drawMark({ is, at: values, look = "" }, scale, middle) {
  const x = values.map((value) => scale.place(value));
  switch (is) {
    case "bar": {
      const [from, to] = x.length === 1 ? [scale.from, x[0]] : x;
      return svg("rect", { class: `bar ${look}`, x: at(from), y: at(middle - 6), width: at(Math.max(to - from, x.length === 1 ? 2 : 0)), height: 12 });
    }
    case "interval": {
      const [low, high, up, down] = [at(x[0]), at(x[1]), at(middle - 3), at(middle + 3)];
      return svg("path", { class: "interval", d: `M${low} ${up}V${down}M${low} ${at(middle)}H${high}M${high} ${up}V${down}` });
    }
    case "link": return svg("path", { class: "link", d: `M${at(x[0])} ${at(middle)}H${at(x[1])}` });
    case "middle": return svg("path", { class: "middle", d: `M${at(x[0])} ${at(middle - 7)}V${at(middle + 7)}` });
    case "span": return svg("rect", { class: "span", x: at(x[0]), y: at(middle - 7), width: at(x[1] - x[0]), height: 14 });
    default: return svg("path", { class: `dot ${look}${is === "dots" ? " many" : ""}`, d: x.map((one, place) => dot(one, middle + lift(place, x.length), is === "dots" ? 2.6 : 4)).join("") });
  }
}

// Dots of one row stand a little above and below each other, so that equal ones are seen.
const lift = (place, count) => (count < 2 ? 0 : ((place * 7) % 5 - 2) * 1.6);
const dot = (x, y, radius) => `M${at(x - radius)} ${at(y)}a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0`;

// Lines over an axis. A series is `{name, look, points, dots}`; a span covers a part of the axis.
function lineChart({ title, x, y, series, spans = [], width }) {
  const height = Math.round(Math.min(Math.max(0.55 * width, 300), 420));
  const named = series.filter((one) => one.look);
  const labels = width < 480 ? 0 : Math.min(Math.max(...named.map((one) => textWidth(one.name)), 0) + 8, 170);
  const [left, right, top, bottom] = [62, width - 14 - labels, 12, height - 46];
  const xs = axis(x.kind, series.flatMap((one) => one.points.map((point) => point[0])), left, right, x.unit);
  const ys = axis(y.kind, series.flatMap((one) => one.points.map((point) => point[1])), bottom, top, y.unit);
  const shapes = [
    ...spans.map((span) => drawSpan(span, xs, top, bottom)),
    ...verticalGrid(xs, top, bottom, bottom + 15),
    ...horizontalGrid(ys, left, right),
    svg("text", { class: "axis", x: at((left + right) / 2), y: height - 10, "text-anchor": "middle" }, x.name),
    svg("text", { class: "axis", x: 11, y: at((top + bottom) / 2), "text-anchor": "middle", transform: `rotate(-90 11 ${at((top + bottom) / 2)})` }, y.name),
    ...[...series].sort((a, b) => (a.look ? 1 : 0) - (b.look ? 1 : 0)).map((one) => drawSeries(one, xs, ys)),
  ];
  if (labels) shapes.push(...lineLabels(named, ys, right, top, bottom));
  return picture(width, height, title, shapes);
}

function drawSpan({ from, to, said }, xs, top, bottom) {
  const left = xs.place(Math.max(from, xs.low));
  const right = to === null ? xs.to : xs.place(to);
  return svg("rect", { class: "span", x: at(left), y: at(top), width: at(Math.max(right - left, 1)), height: at(bottom - top) }, svg("title", {}, said));
}

function drawSeries({ name, look, points, dots }, xs, ys) {
  const places = points.map(([x, y]) => [xs.place(x), ys.place(y)]);
  const path = dots
    ? places.map(([x, y]) => dot(x, y, 2.5)).join("")
    : places.map(([x, y], place) => `${place ? "L" : "M"}${at(x)} ${at(y)}`).join("");
  const kind = dots ? "mark" : look ? "series" : "other";
  return svg("path", { class: look ? `${kind} s${look - 1}` : kind, d: path }, svg("title", {}, name));
}

// Names at the right of lines, kept apart.
function lineLabels(named, ys, right, top, bottom) {
  const ends = named.map((one) => ({ one, y: ys.place(one.points[one.points.length - 1][1]) })).sort((a, b) => a.y - b.y);
  let last = top - 8;
  for (const end of ends) { end.y = Math.max(end.y, last + 13); last = end.y; }
  let limit = bottom + 4;
  for (const end of ends.reverse()) { end.y = Math.min(end.y, limit); limit = end.y - 13; }
  return ends.map(({ one, y }) => svg("text", { class: `t${one.look - 1}`, x: at(right + 7), y: at(y + 4) }, fitting(one.name, 165)));
}
