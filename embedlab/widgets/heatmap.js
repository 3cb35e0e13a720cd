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
  let drawn = null; // the state whose cells are in the panels

  function show() {
    const { state, row, column } = choice();
    const first = (index) => (state * panels.length + index) * size;
    moves.show(state);
    panels.forEach((each, index) => {
      if (state !== drawn) each.draw(codes.subarray(first(index), first(index + 1)));
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
  );
  show();
  model.on("change:choice", show);
  return () => model.off("change:choice", show);
}

const EMPTY = -32768; // the code of a cell without a value
const LARGEST = 32767;

// A function from codes to text, with as many decimals as the largest value deserves.
function reader(reach) {
  const decimals = 3 - Math.floor(Math.log10(reach));
  return (code) => {
    if (code === EMPTY) return "empty";
    const value = (Math.abs(code) / LARGEST) * reach;
    const far = decimals > 6 || decimals < -3;
    const text = far ? value.toExponential(3) : value.toFixed(Math.max(0, decimals));
    return code < 0 && Number(text) !== 0 ? `−${text}` : text;
  };
}

// ---- a panel -----------------------------------------------------------------------------------

// Colours come in so many strengths, of each sign: one path each is faster than one mark per cell.
const LEVELS = 20;

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
  const strengths = Array.from({ length: LEVELS }, (_, level) => (level + 1) / LEVELS);
  const paths = ["below", "above"].map((sign) => strengths.map((strength) =>
    svg("path", { class: sign, "fill-opacity": strength })));
  const empty = svg("path", { class: "empty" });
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
    svg(
      "g", { class: "cells", transform: `translate(${left} 1) scale(${cell.width} ${cell.height})` },
      empty, ...paths.flat(),
    ),
    ...rowTexts.filter((_, row) => row % labels.everyRow === 0),
    ...columnTexts.filter((_, column) => column % labels.everyColumn === 0),
    svg("rect", { class: "frame", ...frame }), rowMark, columnMark, cellMark, field,
  );
  let chosen = []; // the two names in bold

  return {
    field,
    element: html("div", { class: "heat-panel" }, ...(name ? [html("h4", {}, name)] : []), picture),
    draw(codes) {
      const n = states.columnNames.length;
      const squares = paths.map((sign) => sign.map(() => ""));
      let hatches = "";
      codes.forEach((code, index) => {
        const column = index % n;
        const row = (index - column) / n;
        if (code === EMPTY) {
          hatches += `M${column} ${row + 1}l1-1`;
          return;
        }
        const level = Math.round((Math.abs(code) / LARGEST) * LEVELS);
        if (level) squares[code > 0 ? 1 : 0][level - 1] += `M${column} ${row}h1v1h-1`;
      });
      empty.setAttribute("d", hatches);
      paths.forEach((sign, which) => sign.forEach((path, level) =>
        path.setAttribute("d", squares[which][level])));
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

// ---- the colours -------------------------------------------------------------------------------

function legend({ reach, diverging }, someEmpty) {
  const [width, left] = [220, 30];
  const lowest = diverging ? -LEVELS : 0;
  const x = scale([lowest, LEVELS], [left, left + width]);
  const step = x(1) - x(0);
  const bar = [];
  for (let level = lowest; level <= LEVELS; level += 1) {
    bar.push(svg("rect", {
      class: level < 0 ? "below" : "above", "fill-opacity": Math.abs(level) / LEVELS,
      x: x(level) - step / 2, y: 1, width: step, height: 12,
    }));
  }
  const read = reader(reach);
  const numbers = [lowest, (lowest + LEVELS) / 2, LEVELS].map((level) => svg(
    "text", { class: "centre", x: x(level), y: 28 },
    level === 0 ? "0" : read(Math.round((level / LEVELS) * LARGEST)),
  ));
  return html(
    "div", { class: "legend course-faint" },
    svg(
      "svg",
      { viewBox: `0 0 ${width + 2 * left} 32`, role: "img", "aria-label": "Colours of the values" },
      svg("rect", {
        class: "frame paper", x: left - step / 2, y: 1, width: width + step, height: 12,
      }),
      ...bar, ...numbers,
    ),
    html("span", {}, `${someEmpty ? "hatched: empty · " : ""}rows → columns · `
      + "hover, or arrow keys, to read a cell"),
  );
}
