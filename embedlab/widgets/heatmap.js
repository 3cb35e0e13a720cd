// HeatMaps: panels of coloured cells at every state, one cell chosen in all of them.

export default { render };

function render({ model, el }) {
  const states = model.get("states");
  const codes = int16s(model.get("codes"));
  // What the student chose stays in the browser, on the model, where all views find it.
  const start = { state: 0, row: 0, column: 0 };
  const choice = () => ({ ...start, ...model.get("choice") });
  const choose = (change) => model.set("choice", { ...choice(), ...change });

  const shape = [states.rowNames.length, states.columnNames.length];
  const chooseCell = (row, column) => {
    const now = choice();
    if (row !== now.row || column !== now.column) choose({ row, column });
  };
  const sizes = layout(states);
  const panels = states.panelNames.map((name) => panel(name, states, sizes));
  for (const { field } of panels) pointAtCells(field, shape, chooseCell);
  const together = html(
    "div",
    {
      class: "panels", style: `--panel: ${sizes.width}px`, tabindex: 0, role: "application",
      "aria-label": `Heat maps, ${panels.length} of ${shape[0]} rows and ${shape[1]} columns. `
        + "Arrow keys go from cell to cell.",
      ...keepKeys,
    },
    ...panels.map(({ element }) => element),
  );
  walkCells(together, shape, () => [choice().row, choice().column], chooseCell);
  const cellName = html("span");
  const values = panels.map(() => html("b"));
  const reading = html(
    "p", { class: "reading", "aria-live": "polite" }, cellName,
    ...values.map((value, index) => {
      const name = states.panelNames[index];
      return html("span", {}, `${index ? " · " : " "}${name ? `${name} ` : ""}`, value);
    }),
  );
  const moves = slider(states.slider, states.stateNames, (state) => choose({ state }));
  const read = reader(states.reach);
  const size = shape[0] * shape[1];
  let colours = signColours();
  let drawn = null; // the state whose cells are in the panels

  function show() {
    const { state, row, column } = choice();
    const first = (index) => (state * panels.length + index) * size;
    moves.show(state);
    panels.forEach((each, index) => {
      if (state !== drawn) each.draw(codes.subarray(first(index), first(index + 1)), colours);
      each.mark(row, column);
    });
    drawn = state;
    cellName.textContent = `${states.rowNames[row]} → ${states.columnNames[column]}:`;
    values.forEach((value, index) => {
      value.textContent = read(codes[first(index) + row * shape[1] + column]);
    });
  }

  el.classList.add("course-widget", "heat-maps");
  el.append(
    ...(states.stateNames.length > 1 ? [sliders(moves)] : []),
    together, reading, legend(states, codes.includes(EMPTY)),
    saveButton(model, ["states", "codes", "choice"], "heat-maps"),
  );
  show();
  model.on("change:choice", show);
  const stopFollowing = followTheme(() => {
    colours = signColours();
    drawn = null;
    show();
  });
  return () => {
    model.off("change:choice", show);
    stopFollowing();
  };
}

const EMPTY = -32768; // the code of a cell without a value
const LARGEST = 32767;

// Red, green and blue of either sign, as the theme has them now.
function signColours() {
  const [above, below] = themeColours("--main", "--accent").map((colour) =>
    colour.slice(1).match(/../g).map((pair) => parseInt(pair, 16)));
  return { above, below };
}

// Decimals that numbers up to `reach` deserve, and whether they are written with an exponent.
function notation(reach) {
  const decimals = 3 - Math.floor(Math.log10(reach));
  return { decimals, far: decimals > 6 || decimals < -3 };
}

// A function from codes to text.
function reader(reach) {
  const { decimals, far } = notation(reach);
  return (code) => {
    if (code === EMPTY) return "empty";
    const value = (Math.abs(code) / LARGEST) * reach;
    const text = far ? value.toExponential(3) : value.toFixed(Math.max(0, decimals));
    return code < 0 && Number(text) !== 0 ? `−${text}` : text;
  };
}

// ---- a panel -----------------------------------------------------------------------------------

// Sizes in about CSS pixels; a panel's column on the page is about as wide.
const LETTER = 7;
const LINE = 13;
const LARGEST_CELL = 36;

function layout(states) {
  const nRows = states.rowNames.length;
  const nColumns = states.columnNames.length;
  const most = [440, 380][states.panelNames.length - 1] ?? 255;
  const letters = Math.floor(most / 20);
  const longest = (names) => Math.min(letters, Math.max(...names.map((name) => name.length)));
  const left = longest(states.rowNames) * LETTER + 8;
  const width = Math.min(most, Math.max(150, left + nColumns * LARGEST_CELL));
  const across = width - left - 2;
  const high = Math.min(nRows * (across / nColumns), 1.4 * across);
  const down = Math.max(high, Math.min(nRows, 4) * LINE);
  const cell = { width: across / nColumns, height: down / nRows };
  const beside = longest(states.columnNames) * LETTER + 6; // room of a name that is not turned
  const turned = beside > cell.width && longest(states.columnNames) > 3;
  return {
    width, left, across, down, letters, cell, turned,
    height: down + 8 + (turned ? beside : LINE),
    everyRow: every(LINE / cell.height),
    everyColumn: every((turned ? LINE : beside) / cell.width),
  };
}

// Of names that stand too close, one in so many is written.
function every(least) {
  return [1, 2, 4, 5, 8, 10, 16, 20, 32, 50, 64].find((n) => n >= least) ?? Math.ceil(least);
}

function panel(name, states, { width, height, left, across, down, letters, cell, ...labels }) {
  const canvas = html("canvas", {
    width: states.columnNames.length, height: states.rowNames.length,
    style: `left: ${100 * left / width}%; top: ${100 / height}%; `
      + `width: ${100 * across / width}%; height: ${100 * down / height}%`,
  });
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  const hatches = states.rowNames.flatMap((_, row) =>
    states.columnNames.map((_, column) => `M${column} ${row + 1}l1-1`));
  const empty = svg("path", {
    class: "empty", transform: `translate(${left} 1) scale(${cell.width} ${cell.height})`,
  });
  let hatched = "";
  const frame = { x: left, y: 1, width: across, height: down };
  const field = svg("rect", { class: "field", ...frame });
  const rowMark = svg("rect", { class: "cross", ...frame, height: cell.height });
  const columnMark = svg("rect", { class: "cross", ...frame, width: cell.width });
  const cellMark = svg("rect", { class: "cell", width: cell.width, height: cell.height });
  const write = (names, place) => {
    const short = shorten(names, letters);
    return names.map((each, i) => svg("text", place(i), svg("title", {}, each), short[i]));
  };
  const rowTexts = write(states.rowNames, (row) => (
    { class: "right", x: left - 5, y: 1 + (row + 0.5) * cell.height + 4 }));
  const columnTexts = write(states.columnNames, (column) => {
    const x = left + (column + 0.5) * cell.width;
    return labels.turned
      ? { class: "right", transform: `translate(${x + 4} ${down + 7}) rotate(-90)` }
      : { class: "centre", x, y: down + 5 + LINE };
  });
  const picture = svg(
    "svg", { viewBox: `0 0 ${width} ${height}` },
    empty,
    ...rowTexts.filter((_, row) => row % labels.everyRow === 0),
    ...columnTexts.filter((_, column) => column % labels.everyColumn === 0),
    svg("rect", { class: "frame", ...frame }), rowMark, columnMark, cellMark, field,
  );
  let chosen = []; // the two names in bold

  return {
    field,
    element: html(
      "div", { class: "heat-panel" },
      ...(name ? [html("h4", {}, name)] : []), html("div", { class: "picture" }, canvas, picture),
    ),
    draw(codes, colours) {
      let hatchedNow = "";
      codes.forEach((code, index) => {
        if (code === EMPTY) hatchedNow += hatches[index];
        const strength = code === EMPTY ? 0 : Math.round((255 * Math.abs(code)) / LARGEST);
        image.data.set(code < 0 ? colours.below : colours.above, 4 * index);
        image.data[4 * index + 3] = strength;
      });
      context.putImageData(image, 0, 0);
      if (hatchedNow !== hatched) empty.setAttribute("d", hatchedNow);
      hatched = hatchedNow;
    },
    mark(row, column) {
      rowMark.setAttribute("y", 1 + row * cell.height);
      columnMark.setAttribute("x", left + column * cell.width);
      furnish(cellMark, { x: left + column * cell.width, y: 1 + row * cell.height });
      for (const text of chosen) text.classList.remove("chosen");
      chosen = [rowTexts[row], columnTexts[column]];
      for (const text of chosen) text.classList.add("chosen");
    },
  };
}

// Three to five round numbers for the colours' scale, or its ends where these are far from 1.
function marks(low, high) {
  if (notation(high).far) {
    const read = reader(high);
    return [low, high].map((value) => ({
      value, label: value === 0 ? "0" : read(Math.round((value / high) * LARGEST)),
    }));
  }
  return ticks(low, high, 4).map(({ value, label }) => ({
    value, label: Math.abs(value) < high / LARGEST ? "0" : label.replace("-", "−"),
  }));
}

// ---- the colours -------------------------------------------------------------------------------

const STEPS = 40; // of each sign

function legend({ reach, diverging }, someEmpty) {
  const [width, left] = [220, 30];
  const lowest = diverging ? -1 : 0;
  const x = scale([lowest, 1], [left, left + width]);
  const bar = [];
  for (let step = lowest * STEPS; step < STEPS; step += 1) {
    bar.push(svg("rect", {
      class: step < 0 ? "below" : "above", "fill-opacity": Math.abs(step + 0.5) / STEPS,
      x: x(step / STEPS), y: 1, width: x(1 / STEPS) - x(0), height: 12,
    }));
  }
  const numbers = marks(lowest * reach, reach).map(({ value, label }) => svg(
    "text", { class: "centre", x: x(value / reach), y: 28 }, label,
  ));
  return html(
    "div", { class: "legend course-faint" },
    svg(
      "svg",
      { viewBox: `0 0 ${width + 2 * left} 32`, role: "img", "aria-label": "Colours of the values" },
      svg("rect", {
        class: "frame paper", x: left, y: 1, width, height: 12,
      }),
      ...bar, ...numbers,
    ),
    html("span", {}, `${someEmpty ? "hatched: empty · " : ""}rows → columns · `
      + "hover, or arrow keys, to read a cell"),
  );
}
