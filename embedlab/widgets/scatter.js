// MovingVectors: two groups of vectors at every step of a descent, beside the residual matrix.

export default { render };

function render({ model, el }) {
  const states = model.get("states");
  const points = decode(states, model.get("points"));
  // What the student chose stays in the browser, on the model, where all views find it.
  const start = { step: 0, row: 0, column: 0, turn: [0.6, 0.35] };
  const choice = () => ({ ...start, ...model.get("choice") });
  const choose = (change) => model.set("choice", { ...choice(), ...change });

  const picture = scatter(states, points, choice, choose);
  const map = residuals(states, points, choose, choice);
  const curve = lossCurve(states);
  const summary = html("p", { class: "summary", "aria-live": "polite" });
  const steps = player(states.steps, choice, choose, summary);

  function show() {
    const now = choice();
    steps.show(now.step);
    picture.show(now);
    map.show(now);
    curve.show(now.step);
    summary.textContent = `Step ${states.steps[now.step]}: loss ${tidy(states.loss[now.step])}`;
  }

  el.classList.add("course-widget", "moving-vectors");
  el.append(
    html("div", { class: "course-columns" }, picture.element, map.element),
    map.reading,
    steps.element,
    html("div", { class: "below" }, summary, curve.element),
    saveButton(model, ["states", "points", "choice"], "moving-vectors"),
  );
  show();
  model.on("change:choice", show);
  return () => {
    steps.stop();
    model.off("change:choice", show);
  };
}

// points[state](i) is the vector of point i: rows of the matrix first, then its columns.
function decode(states, buffer) {
  const d = states.dimensions;
  const codes = int16s(buffer);
  const n = states.rowNames.length + states.columnNames.length;
  return states.steps.map((_, state) =>
    Array.from({ length: n }, (_, i) =>
      Array.from({ length: d }, (_, axis) =>
        (codes[(state * n + i) * d + axis] / 32767) * states.reach)));
}

function dot(a, b) {
  return a.reduce((sum, value, axis) => sum + value * b[axis], 0);
}

// ---- the vectors -------------------------------------------------------------------------------

function scatter(states, points, choice, choose) {
  const size = 460;
  const nRows = states.rowNames.length;
  const names = [...states.rowNames, ...states.columnNames];
  const solid = states.dimensions === 3;
  // No mark is cut off at the border: in space a turn may bring any length to any side.
  const reach = 1.08 * (solid
    ? Math.max(...points.flat().map((vector) => Math.hypot(...vector))) || 1
    : states.reach);
  const place = scale([-reach, reach], [0, size]);
  const axes = Array.from({ length: states.dimensions }, (_, axis) => ({
    line: svg("line", { class: "axis" }),
    text: svg("text", { class: "axis-name" }, `factor ${axis + 1}`),
    end: Array.from({ length: states.dimensions }, (_, other) => (axis === other ? 1 : 0)),
  }));
  const marks = names.map((name, i) => {
    const row = i < nRows;
    const shape = row
      ? svg("circle", { r: 6 })
      : svg("path", { d: "M0 -8L8 0L0 8L-8 0Z" });
    const group = svg("g", { class: row ? "row-mark" : "column-mark" }, svg("title", {}, name), shape);
    group.addEventListener("pointerenter", () => {
      choose(row ? { row: i } : { column: i - nRows });
    });
    return group;
  });
  const trails = [svg("path", { class: "trail row-trail" }), svg("path", { class: "trail column-trail" })];
  const arrows = [svg("line", { class: "arrow row-arrow" }), svg("line", { class: "arrow column-arrow" })];
  const labels = [svg("text", { class: "name row-name" }), svg("text", { class: "name column-name" })];
  // Films carry their names always; users only where there are few marks, or when chosen.
  const short = shorten(names, 16);
  const crowded = names.length > 24;
  const others = short.map((name, i) => svg("text", {
    class: `other-name${crowded && i < nRows ? " hidden" : ""}`,
  }, name));
  const leaders = svg("path", { class: "leader" });
  const placer = labelPlacer(size, size, 2); // the chosen pair
  const axisNames = []; // [left, top, right, bottom] of each
  const hint = solid
    ? "drag, or arrow keys, to rotate"
    : "arrows: the chosen pair; thin lines: how they came here";
  const picture = svg(
    "svg",
    {
      class: `vectors${solid ? " solid" : ""}`, viewBox: `0 0 ${size} ${size}`,
      ...(solid ? { tabindex: 0, role: "application", ...keepKeys } : { role: "img" }),
      "aria-label": `Vectors of ${nRows} ${states.rows} and ${names.length - nRows} `
        + `${states.columns}${solid ? ". Arrow keys rotate." : "."}`,
    },
    ...axes.flatMap(({ line, text }) => [line, text]), ...trails, ...arrows, leaders, ...marks,
    ...others, ...labels,
  );

  let drawnTurn = null; // the axes move only when the picture is turned

  function flat(vector, [turn, tilt]) {
    if (!solid) return [place(vector[0]), size - place(vector[1]), 0];
    const [x, y, z] = vector;
    const across = Math.cos(turn) * x - Math.sin(turn) * y;
    const depth = Math.sin(turn) * x + Math.cos(turn) * y;
    const up = Math.cos(tilt) * z - Math.sin(tilt) * depth;
    return [place(across), size - place(up), Math.cos(tilt) * depth + Math.sin(tilt) * z];
  }

  if (solid) {
    let from = null;
    picture.addEventListener("pointerdown", (event) => {
      from = { x: event.clientX, y: event.clientY, turn: choice().turn };
      picture.setPointerCapture(event.pointerId);
    });
    picture.addEventListener("pointermove", (event) => {
      if (!from) return;
      const turn = from.turn[0] + (event.clientX - from.x) / 120;
      const tilt = from.turn[1] + (event.clientY - from.y) / 120;
      choose({ turn: [turn, Math.max(-1.5, Math.min(1.5, tilt))] });
    });
    for (const end of ["pointerup", "pointercancel"]) {
      picture.addEventListener(end, () => { from = null; });
    }
    picture.addEventListener("keydown", (event) => {
      const turns = {
        ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, -0.15], ArrowDown: [0, 0.15],
      };
      const change = turns[event.key];
      if (!change) return;
      event.preventDefault();
      const [turn, tilt] = choice().turn;
      choose({ turn: [turn + change[0], Math.max(-1.5, Math.min(1.5, tilt + change[1]))] });
    });
  }

  const legend = html(
    "div", { class: "legend course-faint" },
    html("span", {}, svg("svg", { viewBox: "-9 -9 18 18" },
      svg("g", { class: "row-mark" }, svg("circle", { r: 6 }))), states.rows),
    html("span", {}, svg("svg", { viewBox: "-9 -9 18 18" },
      svg("g", { class: "column-mark" }, svg("path", { d: "M0 -8L8 0L0 8L-8 0Z" }))),
      states.columns),
    html("span", {}, hint),
  );

  return {
    element: html("div", {}, html("h4", {}, "The vectors"), legend, picture),
    show({ step, row, column, turn }) {
      if (turn !== drawnTurn) axisNames.length = 0;
      if (turn !== drawnTurn) for (const { line, text, end } of axes) {
        const tip = end.map((value) => value * reach * 0.97);
        const [x1, y1] = flat(tip.map((value) => -value), turn);
        const [x2, y2] = flat(tip, turn);
        furnish(line, { x1, y1, x2, y2 });
        const right = x2 > size * 0.75;
        const [x, y] = [x2 + (right ? -4 : 8), Math.max(16, y2 + (right ? 18 : -6))];
        furnish(text, { x, y, "text-anchor": right ? "end" : "start" });
        axisNames.push([right ? x - 64 : x, y - 13, right ? x : x + 64, y + 4]);
      }
      drawnTurn = turn;
      const now = points[step];
      const placed = now.map((vector) => flat(vector, turn));
      placed.forEach(([x, y, depth], i) => {
        const grow = solid ? 1 - (0.3 * depth) / reach : 1;
        marks[i].setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${grow.toFixed(2)})`);
        marks[i].classList.toggle("chosen", i === row || i === nRows + column);
      });
      const pair = [row, nRows + column];
      const named = names.map((_, i) => i).filter((i) => !pair.includes(i) && !(crowded && i < nRows));
      const spots = placer(
        placed, axisNames,
        [...pair, ...named].map((i) => ({ i, text: pair.includes(i) ? names[i] : short[i] })),
      );
      others.forEach((text, i) => {
        const spot = pair.includes(i) ? null : spots.get(i);
        text.classList.toggle("hidden", !spot);
        if (spot) furnish(text, spot.at);
      });
      leaders.setAttribute("d", [...spots.values()].map((spot) => spot?.leader ?? "").join(""));
      pair.forEach((i, which) => {
        const [x, y] = placed[i];
        const path = points.slice(0, step + 1).map((state) => flat(state[i], turn));
        trails[which].setAttribute("d", through(path));
        const [x1, y1] = flat(now[i].map(() => 0), turn);
        furnish(arrows[which], { x1, y1, x2: x, y2: y });
        if (labels[which].textContent !== names[i]) labels[which].textContent = names[i];
        furnish(labels[which], spots.get(i).at);
      });
    },
  };
}

// ---- what is left to explain -------------------------------------------------------------------

function residuals(states, points, choose, choice) {
  const nRows = states.rowNames.length;
  const nColumns = states.columnNames.length;
  const known = [];
  states.target.forEach((values, row) => values.forEach((target, column) => {
    if (target === null) return;
    known.push({ row, column, target, mark: svg("rect", { x: column, y: row, width: 1, height: 1 }) });
  }));
  const cell = svg("rect", { class: "cell", width: 1, height: 1 });
  const unknown = svg("path", {
    class: "unknown",
    d: states.target.flatMap((values, row) => values.map((target, column) =>
      (target === null ? `M${column + 0.4} ${row + 0.5}h0.2` : ""))).join(""),
  });
  const picture = svg(
    "svg",
    {
      class: "residuals", viewBox: `0 0 ${nColumns} ${nRows}`, tabindex: 0, role: "application",
      preserveAspectRatio: "none",
      "aria-label": `Residuals of ${nRows} ${states.rows} and ${nColumns} ${states.columns}. `
        + "Arrow keys go from cell to cell.",
      ...keepKeys,
    },
    unknown, ...known.map(({ mark }) => mark), cell,
  );
  const pairText = html("p", { class: "pair", "aria-live": "polite" });
  const shape = [nRows, nColumns];
  pointAtCells(picture, shape, (row, column) => {
    const now = choice();
    if (row !== now.row || column !== now.column) choose({ row, column });
  });
  walkCells(picture, shape, () => [choice().row, choice().column],
    (row, column) => choose({ row, column }));

  const legend = html(
    "div", { class: "legend course-faint" },
    html("span", {}, html("i", { class: "too-low" }), "predicted too low"),
    html("span", {}, html("i", { class: "too-high" }), "too high"),
    html("span", {}, "strength: how much · dash: unknown"),
  );

  // Names beside the cells, where cells are large enough for a line of text.
  const MOST = 20;
  const named = (names, kind) => html("div", { class: kind, "aria-hidden": "true" },
    ...(names.length > MOST ? [] : shorten(names, 16).map((name) => html("span", {}, name))));
  const rowNames = named(states.rowNames, "row-names");
  const columnNames = named(states.columnNames, "column-names");
  const mark = (element, chosen) =>
    [...element.children].forEach((name, i) => name.classList.toggle("chosen-name", i === chosen));

  return {
    element: html(
      "div", {}, html("h4", {}, "What is left: rating minus dot product"), legend,
      html("div", { class: "named-cells" }, columnNames, rowNames, picture),
      html("p", { class: "course-faint" }, `rows: ${states.rows} · columns: ${states.columns}`),
    ),
    reading: pairText,
    show({ step, row, column }) {
      const now = points[step];
      for (const { row, column, target, mark } of known) {
        const left = target - dot(now[row], now[nRows + column]);
        const sign = left > 0 ? "too-low" : "too-high";
        if (mark.getAttribute("class") !== sign) mark.setAttribute("class", sign);
        mark.setAttribute("fill-opacity", Math.min(1, Math.abs(left) / states.largest).toFixed(3));
      }
      furnish(cell, { x: column, y: row });
      mark(rowNames, row);
      mark(columnNames, column);
      const target = states.target[row][column];
      const predicted = dot(now[row], now[nRows + column]);
      pairText.textContent =
        `${states.rowNames[row]} × ${states.columnNames[column]}: ` +
        (target === null
          ? `rating unknown, predicted ${signed(predicted)}`
          : `rating ${signed(target)}, predicted ${signed(predicted)}, `
            + `left ${signed(target - predicted)}`);
    },
  };
}

// ---- the loss ----------------------------------------------------------------------------------

function lossCurve(states) {
  const [width, height] = [300, 60];
  // As the slider goes, state by state: lectures show more of the steps in which much happens.
  const x = scale([0, states.steps.length - 1], [6, width - 6]);
  const y = scale([0, Math.max(...states.loss) || 1], [height - 6, 6]);
  const path = states.steps.map((_, state) => [x(state), y(states.loss[state])]);
  const dot = svg("circle", { class: "dot", r: 6 });
  const picture = svg(
    "svg", { class: "loss", viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" },
    svg("line", { class: "axis", x1: 0, x2: width, y1: y(0), y2: y(0) }),
    svg("path", { class: "curve", d: through(path) }), dot,
  );
  return {
    element: picture,
    show(step) { furnish(dot, { cx: path[step][0], cy: path[step][1] }); },
  };
}
