// What every widget family uses. Python puts this text in front of the family's own module.

// JupyterLab takes the arrow keys for its own shortcuts unless the focused element itself says no.
const keepKeys = { "data-lm-suppress-shortcuts": "true" };

function furnish(element, attributes, children = []) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function html(tag, attributes = {}, ...children) {
  return furnish(document.createElement(tag), attributes, children);
}

function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  return furnish(element, attributes, children);
}

// A labelled range input over a list of values; onMove receives an index into it.
function slider(label, values, onMove) {
  const input = html("input", { type: "range", min: 0, max: values.length - 1, ...keepKeys });
  const value = html("output");
  input.addEventListener("input", () => onMove(Number(input.value)));
  // Room for the longest value, so that nothing jumps while the slider moves.
  const longest = Math.max(...values.map((each) => String(each).length));
  return {
    element: html(
      "label", { class: "course-slider", style: `--longest: ${longest}ch` },
      html("span", {}, label), input, value,
    ),
    show(index) {
      input.value = index;
      input.setAttribute("aria-valuetext", values[index]);
      value.textContent = values[index];
    },
  };
}

// Sliders under each other, their parts aligned.
function sliders(...all) {
  return html("div", { class: "course-sliders" }, ...all.map(({ element }) => element));
}

// Buttons of which one is chosen; onChoose receives its index.
function choices(label, names, onChoose) {
  const buttons = names.map((name, index) => {
    const button = html(
      "button", { type: "button", class: "course-button", ...keepKeys }, name);
    button.addEventListener("click", () => onChoose(index));
    return button;
  });
  return {
    element: html(
      "div", { class: "course-choices", role: "group", "aria-label": label },
      html("span", {}, label), ...buttons,
    ),
    show(index) {
      buttons.forEach((button, i) => button.setAttribute("aria-pressed", i === index));
    },
  };
}

// Maps [low, high] linearly to [from, to].
function scale([low, high], [from, to]) {
  return (value) => from + ((value - low) / (high - low)) * (to - from);
}

// Round numbers within [low, high], about `count` of them, each with its label.
function ticks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
  const decimals = Math.max(0, -Math.floor(Math.log10(step)));
  const marks = [];
  for (let value = Math.ceil(low / step) * step; value <= high; value += step) {
    marks.push({ value, label: value.toFixed(decimals) });
  }
  return marks;
}

// Lines across at the marks of a vertical axis, and their labels left of them.
function rungs(marks, y, left, width) {
  return marks.flatMap(({ value, label }) => [
    svg("line", { class: "axis", x1: left, x2: width, y1: y(value), y2: y(value) }),
    svg("text", { class: "right", x: left - 8, y: y(value) + 5 }, label),
  ]);
}

// The d attribute of a path through [x, y] points.
function through(points) {
  return "M" + points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L");
}

// The int16 numbers of a Bytes trait, whatever its place in memory.
function int16s(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Int16Array.from({ length: bytes.byteLength / 2 }, (_, i) => view.getInt16(2 * i, true));
}

// A number with its sign and two decimals.
function signed(value) {
  const text = Math.abs(value).toFixed(2);
  return (value < 0 && text !== "0.00" ? "−" : "+") + text;
}

const inside = (index, n) => Math.max(0, Math.min(n - 1, index));

// Pointing at an element that shows nRows x nColumns cells chooses one.
function pointAtCells(element, [nRows, nColumns], choose) {
  element.addEventListener("pointermove", (event) => {
    const box = element.getBoundingClientRect();
    choose(
      inside(Math.floor(((event.clientY - box.top) / box.height) * nRows), nRows),
      inside(Math.floor(((event.clientX - box.left) / box.width) * nColumns), nColumns),
    );
  });
}

// Arrow keys on a focused element go from the chosen cell, [row, column], to its neighbours.
function walkCells(element, [nRows, nColumns], chosen, choose) {
  const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  element.addEventListener("keydown", (event) => {
    if (["Home", "End", "PageUp", "PageDown"].includes(event.key)) event.preventDefault();
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    const [row, column] = chosen();
    choose(inside(row + move[0], nRows), inside(column + move[1], nColumns));
  });
}

// Names that fit where there is little room: cut at the end, or within where ends tell them apart.
function shorten(names, length) {
  const tail = Math.ceil((length - 1) / 2);
  const within = (name) => `${name.slice(0, length - 1 - tail).trimEnd()}…${name.slice(-tail).trimStart()}`;
  const ends = names.map((name) =>
    (name.length > length ? `${name.slice(0, length - 1).trimEnd()}…` : name));
  return names.map((name, i) =>
    (names.some((other, j) => other !== name && ends[j] === ends[i]) ? within(name) : ends[i]));
}

// ---- what is personal --------------------------------------------------------------------------

const PATIENCE = 1500; // milliseconds until a view says that Python does not answer

// Messages between a view and Python, for what must not become a part of the notebook. hear(content)
// receives what Python says; silence() is called when it does not answer for a while.
function conversation(model, hear) {
  let waiting = null;
  const receive = (content) => {
    clearTimeout(waiting);
    hear(content);
  };
  model.on("msg:custom", receive);
  return {
    say(content, silence) {
      clearTimeout(waiting);
      waiting = setTimeout(silence, PATIENCE);
      try {
        model.send(content);
      } catch {
        // a view without a kernel: nobody will answer
      }
    },
    end() {
      clearTimeout(waiting);
      model.off("msg:custom", receive);
    },
  };
}

// ---- a widget saved as a page ------------------------------------------------------------------

// A button that saves the widget, as it looks now, as one page that needs neither Python nor the
// network. `traits` are the names of all that `render` reads from the model.
function saveButton(model, traits, title) {
  if (!model.get("_esm")) return ""; // in such a page
  const button = html(
    "button", { type: "button", class: "course-save", ...keepKeys }, "⤓ Save as a page");
  button.addEventListener("click", () => {
    const page = new Blob([savedPage(model, traits, title)], { type: "text/html" });
    const link = html("a", { href: URL.createObjectURL(page), download: `${title}.html` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the download has begun by then
  });
  return button;
}

function savedPage(model, traits, title) {
  const kept = Object.fromEntries(traits.map((name) => [name, packed(model.get(name))]));
  const data = JSON.stringify(kept).replaceAll("<", "\\u003c"); // nothing can end the script
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="generator" content="embedlab">
<title>${title}</title>
<style>
body { margin: 1em auto; max-width: 1100px; padding: 0 1em; }
${model.get("_css")}
</style>
<div id="widget"></div>
<script type="module">
${model.get("_esm")}
render({ model: keptModel(${data}), el: document.getElementById("widget") });
<\/script>
</html>
`;
}

function packed(value) {
  if (!(value instanceof DataView)) return value;
  const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return { base64: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")) };
}

function unpacked(value) {
  if (value?.base64 === undefined) return value;
  return new DataView(Uint8Array.from(atob(value.base64), (char) => char.charCodeAt(0)).buffer);
}

// Stands in a saved page for the model that JupyterLab gives to `render`.
function keptModel(kept) {
  const values = Object.fromEntries(
    Object.entries(kept).map(([name, value]) => [name, unpacked(value)]));
  const heard = [];
  return {
    get: (name) => values[name],
    set(name, value) {
      values[name] = value;
      heard.filter(([event]) => event === `change:${name}`).forEach(([, hear]) => hear());
    },
    on: (event, hear) => heard.push([event, hear]),
    off() {}, // nobody takes the only view away
  };
}
