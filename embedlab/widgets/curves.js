// Curves: curves over a common x at every state, and a cursor that reads them.

export default { render };

function render({ model, el }) {
  const states = model.get("states");
  // What the student chose stays in the browser, on the model, where all views find it.
  const start = { state: 0, at: states.x.length >> 1 };
  const choice = () => ({ ...start, ...model.get("choice") });
  const choose = (change) => model.set("choice", { ...choice(), ...change });
  const chooseAt = (at) => {
    if (at !== choice().at) choose({ at });
  };

  const plot = chart(states, () => choice().at, chooseAt);
  const reading = readings(states);
  const cursor = slider(states.xName, states.x.map(readable), chooseAt);
  const moves = slider(states.slider, states.stateNames, (state) => choose({ state }));

  function show() {
    const { state, at } = choice();
    cursor.show(at);
    moves.show(state);
    plot.show(state, at);
    reading.show(state, at);
  }

  el.classList.add("course-widget", "course-curves");
  el.append(
    html("h4", {}, states.yName), reading.element, plot.picture,
    states.stateNames.length > 1 ? sliders(cursor, moves) : sliders(cursor),
  );
  show();
  model.on("change:choice", show);
  return () => model.off("change:choice", show);
}

// ---- numbers as text ---------------------------------------------------------------------------

const digits = (count) => new Intl.NumberFormat("en", { maximumSignificantDigits: count });
const SMALL = digits(4);
const LARGE = digits(6);

function readable(value) {
  const size = Math.abs(value);
  if (size > 0 && (size < 1e-4 || size >= 1e7)) return power(value);
  return (size < 1000 ? SMALL : LARGE).format(value).replace("-", "−");
}

const brief = (value) => (Math.abs(value) >= 1e6 ? power(value) : readable(value)); // for a tick

// As 2.5·10⁷.
function power(value) {
  const [mantissa, exponent] = value.toExponential(3).split("e").map(Number);
  const raised = [...String(exponent)].map((sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]);
  const ten = `10${raised.join("")}`;
  if (Math.abs(mantissa) === 1) return mantissa < 0 ? `−${ten}` : ten;
  return `${mantissa}·${ten}`.replace("-", "−");
}

// ---- the curves --------------------------------------------------------------------------------

const DASHES = ["none", "10 5", "2 5", "14 4 2 4"];
const COLOURS = 5; // classes in course.css; with the dashes, 20 curves look different

function look(curve) {
  return { class: `curve curve-${curve % COLOURS}`, "stroke-dasharray": DASHES[curve % DASHES.length] };
}

function chart(states, at, choose) {
  const [width, height, left, top] = [600, 310, 92, 6];
  const bottom = height - 58;
  const xAxis = axis([states.x[0], states.x.at(-1)], states.logX, [left + 14, width - 24], 6);
  const all = states.values.flat(2).filter((value) => value !== null);
  const extent = [Math.min(...all), Math.max(...all)];
  const yAxis = axis(extent, states.logY, [bottom - 8, top + 8], 6);
  const places = states.x.map(xAxis.place);

  const lines = states.curveNames.map((_, curve) => svg("path", look(curve)));
  const dots = states.curveNames.map((_, curve) =>
    svg("circle", { class: `dot curve-${curve % COLOURS}`, r: 6 }));
  const now = svg("line", { class: "now", y1: top, y2: bottom });
  const picture = svg(
    "svg",
    {
      class: "plot", viewBox: `0 0 ${width} ${height}`, tabindex: 0, role: "application",
      "aria-label": `${states.yName} against ${states.xName}: ${states.curveNames.join(", ")}. `
        + "Left and right arrow keys move the cursor.",
      ...keepKeys,
    },
    ...rungs(yAxis.marks, yAxis.place, left, width),
    svg("line", { class: "axis", x1: left, x2: left, y1: top, y2: bottom }),
    svg("line", { class: "axis", x1: left, x2: width, y1: bottom, y2: bottom }),
    ...xAxis.marks.flatMap(({ value, label }) => [
      svg("line", {
        class: "axis", x1: xAxis.place(value), x2: xAxis.place(value), y1: bottom, y2: bottom + 5,
      }),
      svg("text", { class: "centre", x: xAxis.place(value), y: bottom + 24 }, label),
    ]),
    svg("text", { class: "centre", x: (left + width) / 2, y: height - 8 }, states.xName),
    ...lines, now, ...dots,
  );

  picture.addEventListener("pointermove", (event) => {
    const box = picture.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * width;
    const away = places.map((place) => Math.abs(place - x));
    choose(away.indexOf(Math.min(...away)));
  });
  picture.addEventListener("keydown", (event) => {
    const targets = { ArrowLeft: at() - 1, ArrowRight: at() + 1, Home: 0, End: places.length - 1 };
    const still = ["ArrowUp", "ArrowDown", "PageUp", "PageDown"].includes(event.key);
    if (still || event.key in targets) event.preventDefault();
    if (event.key in targets) choose(inside(targets[event.key], places.length));
  });

  let drawn = null; // the state whose curves are in the picture

  return {
    picture,
    show(state, at) {
      const curves = states.values[state];
      if (state !== drawn) {
        lines.forEach((line, curve) =>
          line.setAttribute("d", pieces(places, curves[curve], yAxis.place)));
      }
      drawn = state;
      furnish(now, { x1: places[at], x2: places[at] });
      dots.forEach((dot, curve) => {
        const value = curves[curve][at];
        dot.classList.toggle("hidden", value === null);
        if (value !== null) furnish(dot, { cx: places[at], cy: yAxis.place(value) });
      });
    },
  };
}

// The d attribute of a curve that is interrupted wherever a value is null.
function pieces(places, values, place) {
  const found = [[]];
  values.forEach((value, i) => {
    if (value === null) found.push([]);
    else found.at(-1).push([places[i], place(value)]);
  });
  // A piece of one point is a line of no length, which has round ends: a dot.
  return found.filter((points) => points.length).map((points) => `${through(points)}h0`).join("");
}

// ---- the axes ----------------------------------------------------------------------------------

// place() maps a value to a coordinate; marks are its ticks, `count` of them or so.
function axis([low, high], log, range, count) {
  if (low === high) [low, high] = log ? [low / 2, high * 2] : [low - 1, high + 1];
  const along = scale(log ? [Math.log10(low), Math.log10(high)] : [low, high], range);
  const even = () => ticks(low, high, count).map(({ value, label }) => {
    const short = value === 0 || (Math.abs(value) >= 0.001 && Math.abs(value) < 1000);
    return { value, label: short ? label.replace("-", "−") : brief(value) };
  });
  return {
    place: log ? (value) => along(Math.log10(value)) : along,
    marks: log ? decades(low, high, count) ?? even() : even(),
  };
}

// Powers of ten within [low, high], with 2 and 5 between where there is room; null if too few.
function decades(low, high, count) {
  const span = Math.log10(high / low);
  const factors = span * 3 <= count ? [1, 2, 5] : [1];
  const step = Math.ceil(span / count);
  const marks = [];
  for (let exponent = Math.floor(Math.log10(low)); 10 ** exponent <= high; exponent += 1) {
    if (exponent % step) continue;
    for (const factor of factors) {
      const value = Number(`${factor}e${exponent}`);
      if (value >= low && value <= high) marks.push({ value, label: brief(value) });
    }
  }
  return marks.length > 1 ? marks : null;
}

// ---- what the cursor reads ---------------------------------------------------------------------

function readings(states) {
  const place = html("span", { class: "at" });
  const values = states.curveNames.map(() => html("b"));
  const entries = states.curveNames.map((name, curve) => html(
    "span", { class: "entry" },
    svg("svg", { viewBox: "0 0 36 12" }, svg("path", { ...look(curve), d: "M1 6H35" })),
    html("span", {}, `${name}: `, values[curve]),
  ));
  return {
    element: html("p", { class: "reading", "aria-live": "polite" }, place, ...entries),
    show(state, at) {
      place.textContent = `${states.xName} = ${readable(states.x[at])}`;
      values.forEach((text, curve) => {
        const value = states.values[state][curve][at];
        text.textContent = value === null ? "–" : readable(value);
      });
    },
  };
}
