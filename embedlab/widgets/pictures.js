// Pictures: rows of small pictures at every state of a slider and every second choice.

export default { render };

const HOLE = 255; // the codes of a pixel: see pictures.py
const ZERO = 127;
const SIDE = 12; // of a pixel, on the canvas
const GAP = 1; // between two pictures, in pixels of theirs

function render({ model, el }) {
  const states = model.get("states");
  // What the student chose stays in the browser, on the model, where all views find it.
  const start = { state: 0, choice: 0 };
  const chosen = () => ({ ...start, ...model.get("choice") });
  const choose = (change) => model.set("choice", { ...chosen(), ...change });

  const rows = cut(states, model.get("codes")).map((each) => pictureRow(each, states));
  const charts = states.numbers.map((each) => chart(each));
  const moves = slider(states.slider, states.stateNames, (state) => choose({ state }));
  const seconds = choices(states.choice, states.choiceNames, (choice) => choose({ choice }));
  const reading = html("p", { class: "reading", "aria-live": "polite" });
  const names = [
    [states.choice, states.choiceNames, "choice"], [states.slider, states.stateNames, "state"],
  ].filter(([, some]) => some.length > 1);

  let colours = pictureColours();

  function show() {
    const now = chosen();
    moves.show(now.state);
    seconds.show(now.choice);
    for (const row of rows) row.show(now, colours);
    for (const one of charts) one.show(now);
    reading.textContent = names.map(([what, some, part]) => `${what} ${some[now[part]]}`).join(" · ");
  }

  const columns = `--images: ${states.imageNames.length}`;
  el.classList.add("course-widget", "course-pictures");
  el.append(
    ...(states.choiceNames.length > 1 ? [seconds.element] : []),
    ...(states.stateNames.length > 1 ? [sliders(moves)] : []),
    html(
      "div", { class: "rows", style: columns }, ...rows.flatMap(({ label, canvas }) => [label, canvas]),
      html("div", { class: "captions", "aria-hidden": "true" },
        ...states.imageNames.map((name) => html("span", {}, name))),
    ),
    html("div", { class: "numbers" }, ...(names.length ? [reading] : []),
      ...charts.map(({ element }) => element)),
    legend(states, rows),
    saveButton(model, ["states", "codes", "choice"], "pictures"),
  );
  show();
  model.on("change:choice", show);
  const stopFollowing = followTheme(() => {
    colours = pictureColours();
    show();
  });
  return () => {
    model.off("change:choice", show);
    stopFollowing();
  };
}

// Each row with its codes: at({ state, choice }) are those of all its pictures.
function cut(states, bytes) {
  const codes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [height, width] = states.size;
  const size = states.imageNames.length * height * width;
  let first = 0;
  return states.rows.map((row) => {
    const [nChoices, nStates] = row.shape;
    const own = codes.subarray(first, first + nChoices * nStates * size);
    first += own.length;
    const at = ({ state, choice }) => {
      const index = (nChoices > 1 ? choice : 0) * nStates + (nStates > 1 ? state : 0);
      return own.subarray(index * size, (index + 1) * size);
    };
    return { ...row, at, holes: own.includes(HOLE) };
  });
}

function pictureColours() {
  const [paper, ink, line, above, below] = themeColours(
    "--paper", "--ink", "--line", "--main", "--accent");
  return { paper, ink, line, above, below };
}

// ---- a row of pictures -------------------------------------------------------------------------

function pictureRow({ name, signed, at, holes }, { size: [height, width], imageNames }) {
  const n = imageNames.length;
  const canvas = html("canvas", {
    width: (n * (width + GAP) - GAP) * SIDE, height: height * SIDE, role: "img",
    "aria-label": `${name}: ${n} pictures of ${height} x ${width} pixels`,
  });
  const context = canvas.getContext("2d");

  let drawn = {};

  function show(now, colours) {
    const codes = at(now);
    if (colours === drawn.colours && codes.byteOffset === drawn.first) return;
    drawn = { colours, first: codes.byteOffset };
    const { paper, ink, line, above, below } = colours;
    context.clearRect(0, 0, canvas.width, canvas.height);
    for (let image = 0; image < n; image += 1) {
      const left = image * (width + GAP) * SIDE;
      context.fillStyle = paper;
      context.fillRect(left, 0, width * SIDE, height * SIDE);
      for (let pixel = 0; pixel < height * width; pixel += 1) {
        const code = codes[image * height * width + pixel];
        const [x, y] = [left + (pixel % width) * SIDE, Math.floor(pixel / width) * SIDE];
        if (code === (signed ? ZERO : 0)) continue;
        if (code === HOLE) {
          cross(x, y, below);
          continue;
        }
        // A root, so that small values are told from zero.
        context.globalAlpha = signed ? Math.sqrt(Math.abs(code - ZERO) / ZERO) : code / (HOLE - 1);
        context.fillStyle = signed ? (code < ZERO ? below : above) : ink;
        context.fillRect(x, y, SIDE, SIDE);
        context.globalAlpha = 1;
      }
      context.strokeStyle = line;
      context.strokeRect(left + 0.5, 0.5, width * SIDE - 1, height * SIDE - 1);
    }
  }

  function cross(x, y, colour) {
    context.strokeStyle = colour;
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(x + 3, y + 3);
    context.lineTo(x + SIDE - 3, y + SIDE - 3);
    context.moveTo(x + SIDE - 3, y + 3);
    context.lineTo(x + 3, y + SIDE - 3);
    context.stroke();
    context.lineWidth = 1;
  }

  return { label: html("span", { class: "row-name" }, name), canvas, show, holes };
}

// ---- numbers -----------------------------------------------------------------------------------

// With `least` digits 3 a small number does not jump while a slider moves: 3.90, not 3.9.
const readable = (value, least = 1) => new Intl.NumberFormat("en", {
  minimumSignificantDigits: Math.abs(value) < 1000 ? least : 1,
  maximumSignificantDigits: Math.abs(value) < 1000 ? 3 : 6,
}).format(value).replace("-", "−");

// A number now, and its course over the states; those of the other choices are thin.
function chart({ name, values }) {
  const [width, height] = [160, 40];
  const all = values.flat().filter((value) => value !== null);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const x = scale([0, values[0].length - 1 || 1], [6, width - 6]);
  const y = scale(low < high ? [low, high] : [low - 1, low + 1], [height - 6, 6]);
  const line = (some) => some
    .map((value, state) => (value === null ? [] : [[x(state), y(value)]])).flat();
  const lines = values.map((some) => {
    const points = line(some);
    return svg("path", { class: "other", d: points.length ? through(points) : "" });
  });
  const dot = svg("circle", { class: "dot", r: 5 });
  const text = html("b");
  return {
    element: html(
      "div", { class: "number" }, html("span", {}, `${name}: `, text),
      ...(values[0].length > 1 ? [svg(
        "svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" }, ...lines, dot)] : []),
    ),
    show({ state, choice }) {
      const value = values[choice][state];
      text.textContent = value === null ? "–" : readable(value, 3);
      lines.forEach((each, i) => each.setAttribute("class", i === choice ? "curve" : "other"));
      dot.classList.toggle("hidden", value === null);
      if (value !== null) furnish(dot, { cx: x(state), cy: y(value) });
    },
  };
}

// ---- the colours -------------------------------------------------------------------------------

function legend({ rows, span, reach }, drawn) {
  const bar = (kind, low, high) => html(
    "span", {}, html("span", {}, readable(low)), html("i", { class: kind }), html("span", {}, readable(high)));
  return html(
    "div", { class: "legend course-faint" },
    ...(rows.some(({ signed }) => !signed) ? [bar("grey", ...span)] : []),
    ...(rows.some(({ signed }) => signed) ? [bar("by-sign", -reach, reach)] : []),
    ...(drawn.some(({ holes }) => holes) ? [html("span", {}, html("b", { class: "hole" }, "×"), "hidden")] : []),
  );
}
