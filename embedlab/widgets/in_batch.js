// InBatchMatrix: every user of a batch against the films of all rows, under a softmax.

export default { render };

const ALPHAS = [0, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24];
const WAYS = ["rows", "columns", "both"];
const PANELS = [["by rows: films for a user", 0], ["by columns: users for a film", 1]];

function render({ model, el }) {
  const states = model.get("states");
  // What the student chose stays in the browser, on the model, where all views find it.
  const start = { alpha: ALPHAS.indexOf(1), mask: false, correct: false, way: 0, row: 0, column: 0 };
  const choice = () => ({ ...start, ...model.get("choice") });
  const choose = (change) => model.set("choice", { ...choice(), ...change });
  const shape = [states.userNames.length, states.filmNames.length];
  const chooseCell = (row, column) => {
    const now = choice();
    if (row !== now.row || column !== now.column) choose({ row, column });
  };

  const alpha = slider("alpha α", ALPHAS, (index) => choose({ alpha: index }));
  const ways = choices("softmax over", WAYS, (way) => choose({ way }));
  const toggle = (name, key) => {
    const button = html("button", { type: "button", class: "course-button", ...keepKeys }, name);
    button.addEventListener("click", () => choose({ [key]: !choice()[key] }));
    return { button, show: () => button.setAttribute("aria-pressed", choice()[key]) };
  };
  const toggles = [toggle("mask repeats", "mask"), toggle("subtract log q", "correct")];
  const panels = PANELS.map(([name, way]) => panel(name, way, states, shape, chooseCell));
  const together = html(
    "div",
    {
      class: "panels", tabindex: 0, role: "application",
      "aria-label": `Posteriors of ${shape[0]} users and ${shape[1]} films. `
        + "Arrow keys go from cell to cell.",
      ...keepKeys,
    },
    ...panels.map(({ element }) => element),
  );
  walkCells(together, shape, () => [choice().row, choice().column], chooseCell);
  const cell = html("p", { class: "cell-reading", "aria-live": "polite" });
  const loss = html("p", { class: "losses" });
  const floor = html("p", { class: "floor course-faint" });

  function show() {
    const now = choice();
    const settings = [ALPHAS[now.alpha], now.mask, now.correct];
    const posteriors = logPosteriors(states, ...settings);
    alpha.show(now.alpha);
    ways.show(now.way);
    toggles.forEach((each) => each.show());
    panels.forEach((each, way) => {
      each.element.hidden = ![way, 2].includes(now.way);
      each.show(posteriors[way], now);
    });
    cell.textContent = readCell(states, now, ALPHAS[now.alpha], posteriors);
    loss.replaceChildren(...tellLoss(posteriors, now.way));
    floor.textContent = tellFloor(states, now.mask);
  }

  el.classList.add("course-widget", "in-batch");
  el.append(
    sliders(alpha),
    html("div", { class: "controls" }, ways.element,
      html("div", { class: "buttons" }, ...toggles.map(({ button }) => button))),
    together, cell, loss, floor,
    html("p", { class: "course-faint" }, "outlined: the pairs of the batch"
      + (states.repeats.flat().some(Boolean) ? " · hatched: masked" : "")
      + " · at the border: minus log posterior of the pair · hover, or arrow keys, to read a cell"),
    saveButton(model, ["states", "choice"], "in-batch"),
  );
  show();
  model.on("change:choice", show);
  return () => model.off("change:choice", show);
}

// ---- the softmax -------------------------------------------------------------------------------

// Log posteriors [by rows, by columns], each [row][column]; −Infinity where masked.
function logPosteriors({ scores, logQ, repeats }, alpha, mask, correct) {
  const logits = scores.map((row, i) => row.map((score, j) =>
    (mask && repeats[i][j] ? -Infinity : alpha * score - (correct ? logQ[j] : 0))));
  const turned = (table) => table[0].map((_, j) => table.map((row) => row[j]));
  return [logits.map(logSoftmax), turned(turned(logits).map(logSoftmax))];
}

function logSoftmax(values) {
  const highest = Math.max(...values);
  const sum = values.reduce((total, value) => total + Math.exp(value - highest), 0);
  return values.map((value) => value - highest - Math.log(sum));
}

function meanLoss(posterior) {
  return -posterior.reduce((sum, row, i) => sum + row[i], 0) / posterior.length;
}

// ---- what the numbers say ----------------------------------------------------------------------

const minus = (value, decimals) => {
  const text = Math.abs(value).toFixed(decimals);
  return (value < 0 && Number(text) !== 0 ? "−" : "") + text;
};

function readCell(states, { row, column, mask, correct, way }, alpha, posteriors) {
  const score = states.scores[row][column];
  const names = `${states.userNames[row]} → ${states.filmNames[column]}: score ${minus(score, 2)}`;
  if (mask && states.repeats[row][column]) return `${names}, masked: the row's own film once more`;
  const logit = alpha * score - (correct ? states.logQ[column] : 0);
  const formula = correct ? `α · score − log q = ${minus(logit, 2)} with log q `
    + minus(states.logQ[column], 2) : `α · score = ${minus(logit, 2)}`;
  const shares = posteriors.map((posterior) => Math.exp(posterior[row][column]).toFixed(3));
  const told = [`in its row ${shares[0]}`, `in its column ${shares[1]}`];
  return `${names}, ${formula}, posterior ${way === 2 ? told.join(", ") : told[way]}`;
}

function tellLoss(posteriors, way) {
  const [rows, columns] = posteriors.map(meanLoss);
  const entry = (name, value, index) => html(
    "span", { class: index === way ? "used" : "" }, `${name} ${minus(value, 3)}`);
  return [
    "loss ", entry("over rows", rows, 0), " · ", entry("over columns", columns, 1), " · ",
    entry("both, their mean", (rows + columns) / 2, 2),
  ];
}

// Rows that hold the same film share its posterior, unless they are masked.
function tellFloor({ repeats }, mask) {
  const rows = repeats.map((row) => row.filter(Boolean).length);
  if (!rows.some(Boolean)) return "";
  if (mask) return "Repeats are masked: the loss can come down to 0.";
  const lowest = rows.reduce((sum, others) => sum + Math.log(1 + others), 0) / rows.length;
  const n = rows.filter(Boolean).length;
  return `${n} rows hold a film that is in another row too, and share its posterior: `
    + `no model brings the loss below ${lowest.toFixed(3)}.`;
}

// ---- a panel -----------------------------------------------------------------------------------

const CELL = 40;
const LINE = 15;
const LETTER = 8.6; // a bold one, on average
const LETTERS = 16; // of a name
const BORDER = 46; // room of the numbers at the border

function panel(title, way, states, [nRows, nColumns], choose) {
  const longest = (names) => Math.min(LETTERS, Math.max(...names.map((name) => name.length)));
  const left = longest(states.userNames) * LETTER + 10;
  const below = longest(states.filmNames) * LETTER + 8;
  const [across, down] = [nColumns * CELL, nRows * CELL];
  const margin = { right: way === 0 ? BORDER : 4, bottom: way === 1 ? LINE + 6 : 0 };
  const [width, height] = [left + across + margin.right, down + margin.bottom + below + 4];
  const each = (make) => states.scores.map((row, i) => row.map((_, j) => make(i, j)));
  const place = (i, j) => ({ x: left + j * CELL, y: i * CELL + 2, width: CELL, height: CELL });
  const fills = each((i, j) => svg("rect", { class: "fill", ...place(i, j) }));
  const texts = each((i, j) => svg("text", {
    class: "share centre", x: left + (j + 0.5) * CELL, y: (i + 0.5) * CELL + 7,
  }));
  const hatches = svg("path", { class: "hatches" });
  const lines = svg("path", {
    class: "lines",
    d: Array.from({ length: nRows + 1 }, (_, i) => `M${left} ${i * CELL + 2}h${across}`).join("")
      + Array.from({ length: nColumns + 1 }, (_, j) => `M${left + j * CELL} 2v${down}`).join(""),
  });
  const pairs = states.userNames.map((_, i) => svg("rect", { class: "pair", ...place(i, i) }));
  const chosen = svg("rect", { class: "chosen-cell" });
  const field = svg("rect", { class: "field", x: left, y: 2, width: across, height: down });
  const write = (names, at) => {
    const short = shorten(names, LETTERS);
    return names.map((name, i) => svg("text", at(i), svg("title", {}, name), short[i]));
  };
  const rowNames = write(states.userNames, (i) => (
    { class: "right name", x: left - 6, y: (i + 0.5) * CELL + 7 }));
  const columnNames = write(states.filmNames, (j) => ({
    class: "right name",
    transform: `translate(${left + (j + 0.5) * CELL + 5} ${down + margin.bottom + 8}) rotate(-90)`,
  }));
  const losses = states.userNames.map((_, i) => svg("text", way === 0
    ? { class: "pair-loss", x: left + across + 6, y: (i + 0.5) * CELL + 7 }
    : { class: "pair-loss centre", x: left + (i + 0.5) * CELL, y: down + LINE + 3 }));
  const picture = svg(
    "svg", { viewBox: `0 0 ${width} ${height}` },
    ...fills.flat(), hatches, lines, ...pairs, chosen, ...texts.flat(), ...rowNames, ...columnNames,
    ...losses, field,
  );
  pointAtCells(field, [nRows, nColumns], choose);
  const marks = (i, j) => {
    const { x, y } = place(i, j);
    return [10, 20, 30, 40].map((far) => `M${x} ${y + far}L${x + far} ${y}`).join("")
      + [10, 20, 30].map((far) => `M${x + far} ${y + CELL}L${x + CELL} ${y + far}`).join("");
  };

  return {
    element: html("div", { class: "panel", style: `max-width: ${1.15 * width}px` },
      html("h4", {}, title), picture),
    show(posterior, { mask, row, column }) {
      let hatched = "";
      posterior.forEach((values, i) => values.forEach((value, j) => {
        const masked = mask && states.repeats[i][j];
        const share = Math.exp(value);
        if (masked) hatched += marks(i, j);
        fills[i][j].setAttribute("fill-opacity", (0.65 * share).toFixed(3));
        texts[i][j].textContent = masked ? "" : share.toFixed(2).replace(/^0\./, ".");
      }));
      hatches.setAttribute("d", hatched);
      losses.forEach((text, i) => {
        const loss = -posterior[i][i];
        text.textContent = minus(loss, loss < 100 ? 2 : loss < 1000 ? 1 : 0); // as wide as BORDER
      });
      furnish(chosen, place(row, column));
      rowNames.forEach((text, i) => text.classList.toggle("chosen", i === row));
      columnNames.forEach((text, j) => text.classList.toggle("chosen", j === column));
    },
  };
}
