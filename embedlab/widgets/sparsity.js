// SlimSparsity: the pattern of W and the ranking quality, for two penalties.

export default { render };

function render({ model, el }) {
  const states = model.get("states");
  const map = weightMap(states, model.get("pattern"));
  const chart = curves(states);
  const summary = html("p", { class: "summary", "aria-live": "polite" });

  // The position stays in the browser, on the model, where all views of this widget find it.
  const middle = { l1: states.l1.length >> 1, l2: states.l2.length >> 1 };
  const position = () => model.get("position") ?? middle;
  const move = (change) => model.set("position", { ...position(), ...change });
  const l1Slider = slider("L1 penalty λ", states.l1, (l1) => move({ l1 }));
  const l2Slider = slider("L2 penalty β", states.l2, (l2) => move({ l2 }));

  function show() {
    const { l1, l2 } = position();
    l1Slider.show(l1);
    l2Slider.show(l2);
    map.show(l1, l2);
    chart.show(l1, l2);
    summary.textContent = summarise(states, l1, l2);
  }

  el.classList.add("course-widget", "slim-sparsity");
  el.append(
    html("div", { class: "course-columns" }, map.picture, chart.element),
    map.reading,
    l1Slider.element,
    l2Slider.element,
    summary,
  );
  show();
  model.on("change:position", show);
  return () => model.off("change:position", show);
}

function summarise(states, l1, l2) {
  const zeros = 100 * (1 - states.density[l2][l1]);
  return (
    `λ = ${states.l1[l1]}, β = ${states.l2[l2]}: ` +
    `${zeros.toFixed(zeros > 99 ? 2 : 1)}% of the weights are zero, ` +
    `${states.perFilm[l2][l1].toFixed(1)} weights per film, ` +
    `NDCG@10 ${states.ndcg[l2][l1].toFixed(3)} ± ${states.ndcgError[l2][l1].toFixed(3)} ` +
    `(popularity ${states.popularity.toFixed(3)})`
  );
}

// ---- the pattern of W --------------------------------------------------------------------------

// A level holds the weights above this share of the largest one; each is twice the next.
const LEVELS = [1 / 2, 1 / 4, 1 / 8, 1 / 16, 0];

function weightMap(states, pattern) {
  const n = states.titles.length;
  const bytes = new Uint8Array(pattern.buffer, pattern.byteOffset, pattern.byteLength);
  const levels = LEVELS.map((_, level) => svg("path", { class: `level-${level}` }));
  const row = svg("rect", { class: "cross", x: 0, width: n, height: 1 });
  const column = svg("rect", { class: "cross", y: 0, width: 1, height: n });
  const cell = svg("rect", { class: "cell", width: 1, height: 1 });
  const picture = svg(
    "svg",
    {
      class: "weights", viewBox: `0 0 ${n} ${n}`, tabindex: 0, role: "application",
      "aria-label": `Weights between ${n} films. Arrow keys go from weight to weight.`,
      ...keepKeys,
    },
    svg("path", { class: "no-weight", d: `M0 0L${n} ${n}` }),
    ...levels, row, column, cell,
  );
  const pairText = html("p", { class: "pair", "aria-live": "polite" });
  const neighbours = html("p", { class: "neighbours course-faint" });
  let codes;
  let pair;

  function read(from, to) {
    if (from === to) return "fixed at 0";
    const code = codes[from * n + to];
    const weight = (code / 255) * states.largest;
    return code === 0 ? "0" : weight < 0.005 ? "below 0.01" : weight.toFixed(2);
  }

  function showPair() {
    const [from, to] = pair;
    row.setAttribute("y", from);
    column.setAttribute("x", to);
    furnish(cell, { x: to, y: from });
    pairText.textContent = `${states.titles[from]} → ${states.titles[to]}: ${read(from, to)}`;
    const largest = [...states.titles.keys()]
      .filter((film) => codes[film * n + to] > 0)
      .sort((a, b) => codes[b * n + to] - codes[a * n + to])
      .slice(0, 3)
      .map((film) => `${states.titles[film]} ${read(film, to)}`);
    neighbours.textContent = `Largest in this column: ${largest.join(", ") || "none"}`;
  }

  function point(from, to) {
    pair = [from, to];
    showPair();
  }

  pointAtCells(picture, [n, n], point);
  walkCells(picture, [n, n], () => pair, point);

  return {
    picture: html(
      "div", {},
      html("h4", {}, "W for the best-known films"),
      html("p", { class: "course-faint" }, "rows: watched · columns: recommended"),
      picture, legend(states.largest),
    ),
    reading: html("div", {}, pairText, neighbours),
    show(l1, l2) {
      const size = n * n;
      const state = l2 * states.l1.length + l1;
      codes = bytes.subarray(state * size, (state + 1) * size);
      const squares = LEVELS.map(() => "");
      codes.forEach((code, cell) => {
        if (code === 0) return;
        const level = LEVELS.findIndex((share) => code > share * 255);
        squares[level] += `M${cell % n} ${Math.floor(cell / n)}h1v1h-1z`;
      });
      levels.forEach((path, level) => path.setAttribute("d", squares[level]));
      pair ??= cellOf(codes.indexOf(Math.max(...codes)), n);
      showPair();
    },
  };
}

function cellOf(index, n) {
  return [Math.floor(index / n), index % n];
}

function legend(largest) {
  const square = (level) => svg("path", { class: level, d: "M0 0h1v1h-1z" });
  const entry = (level, text) =>
    html("span", {}, svg("svg", { viewBox: "0 0 1 1" }, square(level)), text);
  const entries = LEVELS.map((share, level) =>
    entry(`level-${level}`, share ? `> ${(share * largest).toFixed(2)}` : "> 0"),
  );
  entries.push(entry("level-none", "0"));
  return html("p", { class: "legend course-faint" }, "weight", ...entries.reverse());
}

// ---- quality and density against L1 ------------------------------------------------------------

function curves(states) {
  const withError = (sign) => states.ndcg.map((row, l2) =>
    row.map((value, l1) => value + sign * states.ndcgError[l2][l1]));
  const quality = panel(states.l1, states.ndcg, {
    height: 270, band: [withError(-1), withError(1)], baseline: states.popularity, unit: "",
  });
  const percent = states.density.map((row) => row.map((share) => 100 * share));
  const density = panel(states.l1, percent, { height: 160, baseline: 0, unit: "%" });
  return {
    element: html(
      "div", {},
      html("h4", {}, "NDCG@10 on held-out ratings"),
      html("p", { class: "course-faint" },
        "band: ± 1 standard error · thin: other β · dashed: popularity"),
      quality.picture,
      html("h4", {}, "Share of weights that are not zero"),
      density.picture,
      html("p", { class: "course-faint centre" }, "L1 penalty λ"),
    ),
    show(l1, l2) {
      quality.show(l1, l2);
      density.show(l1, l2);
    },
  };
}

// One curve per row of values, of which show() brings one to the front, over evenly spaced l1.
function panel(l1Values, rows, { height, band, baseline, unit }) {
  const [width, left, top, bottom] = [560, 62, 8, height - 32];
  const all = [baseline, ...rows.flat(), ...(band ?? []).flat(2)];
  const low = Math.min(...all);
  const high = Math.max(...all, low + 1e-6); // a range of its own, even where nothing differs
  const x = scale([0, Math.max(1, l1Values.length - 1)], [left + 14, width - 20]);
  const y = scale([low, high], [bottom, top]);
  const along = (row) => row.map((value, l1) => [x(l1), y(value)]);
  const across = (name, at) => svg("line", { class: name, x1: left, x2: width, y1: at, y2: at });

  const marks = ticks(low, high, height / 45)
    .map(({ value, label }) => ({ value, label: label + unit }));
  const area = svg("path", { class: "band" });
  const curve = svg("path", { class: "curve" });
  const now = svg("line", { class: "now", y1: top, y2: bottom });
  const dot = svg("circle", { class: "dot", r: 7 });
  const every = Math.ceil(l1Values.length / 8);
  const picture = svg(
    "svg",
    { class: "curves", viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" },
    ...rungs(marks, y, left, width),
    ...l1Values.map((value, l1) =>
      svg("text", { class: "centre", x: x(l1), y: height - 8 }, l1 % every ? "" : value)),
    ...rows.map((row) => svg("path", { class: "other", d: through(along(row)) })),
    across(band ? "dashed" : "axis", y(baseline)),
    area, now, curve, dot,
  );

  return {
    picture,
    show(l1, l2) {
      if (band) {
        const [lower, upper] = band.map((bound) => along(bound[l2]));
        area.setAttribute("d", through([...upper, ...lower.reverse()]) + "Z");
      }
      curve.setAttribute("d", through(along(rows[l2])));
      furnish(now, { x1: x(l1), x2: x(l1) });
      furnish(dot, { cx: x(l1), cy: y(rows[l2][l1]) });
    },
  };
}
