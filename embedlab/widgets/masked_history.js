// MaskedHistory: one place of a history is masked; what the model puts there, and what it reads.

export default { render };

function render({ model, el }) {
  const states = model.get("states");
  const numbers = reader(states, int16s(model.get("answers")), uint8s(model.get("attention")));
  // What the student chose stays in the browser, on the model, where all views find it.
  const start = {
    history: 0, places: states.histories.map((items) => items.length - 1), head: 0, read: null,
  };
  const choice = () => ({ ...start, ...model.get("choice") });
  const choose = (change) => model.set("choice", { ...choice(), ...change });
  const mask = (place) => {
    const { history, places } = choice();
    if (place !== places[history]) choose({ places: places.with(history, place), read: null });
  };
  const point = (head, read) => {
    const now = choice();
    if (head !== now.head || read !== now.read) choose({ head, read });
  };

  const which = html("select", keepKeys, ...states.historyNames.map(
    (name, index) => html("option", { value: index }, name)));
  which.addEventListener("input", () => choose({ history: Number(which.value), read: null }));
  const table = html("div", { class: "table" });
  const said = html("p", { class: "said", "aria-live": "polite" });
  const longest = Math.max(...states.names.map((name) => name.length));
  const best = html("ol", { class: "best", style: `--name: min(${0.72 * longest + 1.7}em, 45cqi)` });
  const reading = html("p", { class: "reading", "aria-live": "polite" });
  let drawn = null; // the history that the table shows
  let parts = null;

  function show() {
    const { history, places, head, read } = choice();
    const place = places[history];
    const answer = numbers(history, place);
    which.value = history;
    if (history !== drawn) {
      parts = tableOf(states, history, mask, point, choice);
      table.replaceChildren(...parts.elements);
      drawn = history;
    }
    parts.show(place, answer.weights, head, read);
    said.textContent = sentence(states, history, place, answer);
    best.replaceChildren(...list(states, history, place, answer));
    reading.textContent = readFrom(states, history, place, answer.weights, head, read);
  }

  el.classList.add("course-widget", "masked-history");
  el.append(
    html("label", { class: "which" }, html("span", {}, "history"), which),
    table, reading, said, best,
    saveButton(model, ["states", "answers", "attention", "choice"], "masked-history"),
  );
  show();
  model.on("change:choice", show);
  return () => model.off("change:choice", show);
}

// ---- the numbers -------------------------------------------------------------------------------

const LARGEST = 32767; // of an int16, where a probability is 1
const OPAQUE = 255; // of a uint8, where a weight is 1
const MASK = "[mask]";

function uint8s(bytes) {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

// Returns numbers(history, place): what the model says where that place is masked.
function reader({ histories, k, headNames }, answers, attention) {
  const lengths = histories.map((items) => items.length);
  const before = (size) => lengths.map((_, index) =>
    lengths.slice(0, index).reduce((sum, n) => sum + size(n), 0));
  const [firstAnswer, firstWeight] = [before((n) => n), before((n) => n * n * headNames.length)];
  return (history, place) => {
    const at = (firstAnswer[history] + place) * (2 * k + 2);
    const row = answers.subarray(at, at + 2 * k + 2);
    const n = lengths[history];
    const first = firstWeight[history] + place * n * headNames.length;
    return {
      top: Array.from(row.subarray(0, k)),
      probabilities: Array.from(row.subarray(k, 2 * k), (code) => code / LARGEST),
      rank: row[2 * k],
      own: row[2 * k + 1] / LARGEST,
      weights: headNames.map((_, head) => Array.from(
        attention.subarray(first + head * n, first + (head + 1) * n), (code) => code / OPAQUE)),
    };
  };
}

// A number from 0 to 1 without the zero before the point.
const share = (value, decimals) => value.toFixed(decimals).replace(/^0/, "");

// ---- the words ---------------------------------------------------------------------------------

function sentence({ names, histories, nItems, items }, history, place, { rank, own }) {
  const n = histories[history].length;
  return `Place ${place + 1} of ${n} is masked. ${names[histories[history][place]]} stood there: `
    + `rank ${rank} of ${nItems} ${items}, probability ${share(own, 3)}.`;
}

// What a head reads from a place, or from which it reads most.
function readFrom({ names, histories, headNames }, history, place, all, head, read) {
  const weights = all[head];
  const from = read ?? weights.indexOf(Math.max(...weights));
  const name = from === place ? "the mask itself" : names[histories[history][from]];
  const how = read === null ? "reads most from" : "reads from";
  return `${headNames[head]} ${how} place ${from + 1}, ${name}: ${share(weights[from], 2)} `
    + `(largest weight of all heads: ${share(Math.max(...all.flat()), 2)})`;
}

// ---- the history and what the mask reads -------------------------------------------------------

function tableOf(states, history, mask, point, choice) {
  const items = states.histories[history];
  const n = items.length;
  const { headNames } = states;
  const names = shorten(items.map((item) => states.names[item]), 22);
  const upright = n * Math.max(...[...names, MASK].map((name) => name.length)) <= 64;
  const buttons = items.map((_, place) => {
    const button = html("button", { type: "button", role: "radio", ...keepKeys });
    button.addEventListener("click", () => mask(place));
    return button;
  });
  const row = html(
    "div", {
      class: upright ? "items" : "items turned", role: "radiogroup",
      "aria-label": `History of ${n}: choose the place that is masked`,
    },
    ...buttons,
  );
  row.addEventListener("keydown", (event) => {
    const now = choice().places[history];
    const to = {
      ArrowLeft: now - 1, ArrowUp: now - 1, ArrowRight: now + 1, ArrowDown: now + 1,
      Home: 0, End: n - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    mask(inside(to, n));
    buttons[inside(to, n)].focus();
  });
  const labels = headNames.map((name) => html("span", {}, name));
  const cells = headNames.map(() => items.map(() => html("div", { class: "weight" })));
  const heat = html(
    "div", {
      class: "heat", tabindex: 0, role: "application",
      "aria-label": `What the masked place reads, ${headNames.length} heads and ${n} places. `
        + "Arrow keys go from cell to cell.",
      ...keepKeys,
    },
    ...cells.flat(),
  );
  const shape = [headNames.length, n];
  pointAtCells(heat, shape, point);
  walkCells(heat, shape, () => [choice().head, choice().read ?? choice().places[history]], point);
  const parts = [html("span"), row, html("div", { class: "heads" }, ...labels), heat];
  for (const part of parts) part.style.setProperty("--places", n);
  return {
    elements: parts,
    show(place, weights, head, read) {
      const most = Math.max(...weights.flat());
      buttons.forEach((button, i) => {
        const masked = i === place;
        button.replaceChildren(html("span", {}, masked ? MASK : names[i]));
        furnish(button, {
          "aria-checked": masked, tabindex: masked ? 0 : -1, title: states.names[items[i]],
          "aria-label": `place ${i + 1}: ${states.names[items[i]]}${masked ? ", masked" : ""}`,
        });
      });
      labels.forEach((label, h) => label.classList.toggle("chosen", h === head));
      cells.forEach((line, h) => line.forEach((cell, i) => {
        cell.style.setProperty("--weight", (weights[h][i] / most).toFixed(3));
        cell.classList.toggle("chosen", h === head && i === read);
        cell.classList.toggle("own", i === place);
      }));
    },
  };
}

// ---- the answers -------------------------------------------------------------------------------

function list({ names, histories }, history, place, { top, probabilities, rank, own }) {
  const truth = histories[history][place];
  const line = (item, probability, value) => html(
    "li", { class: item === truth ? "truth" : "", value },
    html("span", { class: "name" }, item === truth ? `✓ ${names[item]}` : names[item]),
    html("span", { class: "bar", style: `--share: ${(100 * probability).toFixed(2)}%` }),
    html("b", {}, share(probability, 3)),
  );
  const lines = top.map((item, i) => line(item, probabilities[i], i + 1));
  return top.includes(truth) ? lines : [...lines, line(truth, own, rank)];
}
