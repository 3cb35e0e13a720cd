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
  return {
    element: html("label", { class: "course-slider" }, html("span", {}, label), input, value),
    show(index) {
      input.value = index;
      input.setAttribute("aria-valuetext", values[index]);
      value.textContent = values[index];
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

// The d attribute of a path through [x, y] points.
function through(points) {
  return "M" + points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L");
}
