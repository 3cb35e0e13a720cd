// MixingGraph: a graph whose nodes hold colours or class probabilities that change step by step.

export default { render };

const FRAME_MS = 350; // of the player: every step is to be seen
const [WIDTH, MARGIN, KEY_STEP] = [480, 30, 6];
const SHAPES = [ // of groups: circle, square, diamond, triangle
  "M-10 0a10 10 0 1 0 20 0a10 10 0 1 0 -20 0Z", "M-9 -9h18v18h-18Z",
  "M0 -13L13 0L0 13L-13 0Z", "M0 -12L12 9H-12Z",
];
const CLASS_COLOURS = ["--main", "--accent", "--third", "--fourth"];
const SHORT = 4; // names of so many letters stand beside all nodes,
const FEW = 8; // longer ones beside so many neighbours
const [LETTER, TURNS, ENOUGH] = [7.5, 16, 9]; // a short name's letter, places tried, clear space

function render({ model, el }) {
  const states = model.get("states");
  const held = decode(states, model.get("codes"));
  // What the student chose stays in the browser, on the model, where all views find it.
  const start = { step: 0, picks: states.switches.map(() => 0), node: states.start, moved: {} };
  const choice = () => ({ ...start, ...model.get("choice") });
  const choose = (change) => model.set("choice", { ...choice(), ...change });
  const move = (node, place) => choose({ node, moved: { ...choice().moved, [node]: place } });
  let hovered = null; // a node under the mouse is read as long as it is there
  let timer = null;

  const picture = drawing(states, choice, { choose, move, hover(node) { hovered = node; show(); } });
  const told = reading(states);
  const groups = states.switches.map(({ name, options }, which) => choices(name, options, (pick) => {
    choose({ picks: choice().picks.map((one, i) => (i === which ? pick : one)) });
  }));
  const steps = slider(states.slider, states.steps, (step) => { stop(); choose({ step }); });
  const play = html("button", { type: "button", class: "course-button play", ...keepKeys });
  const back = html("button", { type: "button", class: "course-button", ...keepKeys }, "All back in place");
  const summary = html("p", { class: "course-faint scale-note" });
  const names = html("select", { "aria-label": "node", ...keepKeys },
    ...states.names.map((name, i) => html("option", { value: i }, name)));

  function stop() {
    clearInterval(timer);
    timer = null;
    play.textContent = "▶ Play";
    told.live(true);
  }

  play.addEventListener("click", () => {
    if (timer !== null) return stop();
    const last = states.steps.length - 1;
    if (choice().step === last) choose({ step: 0 });
    play.textContent = "⏸ Pause";
    told.live(false); // nobody can listen to a film of numbers
    timer = setInterval(() => {
      choose({ step: choice().step + 1 });
      if (choice().step >= last) stop();
    }, FRAME_MS);
  });
  back.addEventListener("click", () => choose({ moved: {} }));
  names.addEventListener("change", () => choose({ node: Number(names.value) }));

  function show() {
    const now = choice();
    const variant = states.variants.findIndex((key) => key.every((pick, i) => pick === now.picks[i]));
    const node = hovered ?? now.node;
    const values = held(variant, now.step);
    const taken = takenBy(states, variant, node);
    const scale = states.scales[variant];
    groups.forEach((group, i) => group.show(now.picks[i]));
    steps.show(now.step);
    names.value = node;
    back.disabled = Object.keys(now.moved).length === 0;
    picture.show(now, node, values, taken, scale);
    told.show(node, values, taken, scale);
    summary.textContent = scale > 1
      ? `Colours show the values divided by ${number(scale)}, the largest of all steps.` : "Colours show the values.";
  }

  el.classList.add("course-widget", "mixing-graph");
  el.append(
    ...groups.map(({ element }) => element),
    html("div", { class: "controls" }, play, sliders(steps)),
    html(
      "div", { class: "course-columns" },
      html("div", {}, legend(states), picture.element, summary),
      html("div", { class: "side" }, html("label", {}, "node ", names), told.element, back),
    ),
    saveButton(model, ["states", "codes", "choice"], "mixing-graph"),
  );
  stop();
  show();
  model.on("change:choice", show);
  return () => {
    stop();
    model.off("change:choice", show);
  };
}

// ---- the states --------------------------------------------------------------------------------

// held(variant, step)[node] is the list of its values over the variant's scale.
function decode(states, buffer) {
  const codes = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  const [n, c, nSteps] = [states.names.length, states.channels.length, states.steps.length];
  return (variant, step) => {
    const first = (variant * nSteps + step) * n * c;
    return Array.from({ length: n }, (_, i) =>
      Array.from(codes.subarray(first + i * c, first + (i + 1) * c), (code) => code / 255));
  };
}

// [node, weight] of all that a node takes from, the largest weight first; without weights its
// neighbours, and null.
function takenBy(states, variant, node) {
  if (!states.pairs) {
    return states.edges.filter((edge) => edge.includes(node))
      .map(([a, b]) => [a === node ? b : a, null]);
  }
  const weights = states.weights[variant];
  return states.pairs.map(([to, from], i) => [to, from, weights[i]])
    .filter(([to, , weight]) => to === node && weight !== 0)
    .map(([, from, weight]) => [from, weight])
    .sort(([, a], [, b]) => b - a);
}

// The colour of a node: its channels as red, green and blue, or its classes' colours mixed.
function colour(states, values) {
  if (states.rgb) return `rgb(${values.map((value) => Math.round(255 * value)).join(" ")})`;
  let [mixed, total] = ["var(--paper)", 0];
  values.forEach((value, i) => {
    total += value;
    if (value === 0) return;
    const share = ((100 * value) / total).toFixed(1);
    mixed = `color-mix(in srgb, var(${CLASS_COLOURS[i]}) ${share}%, ${mixed})`;
  });
  return mixed;
}

function number(value) {
  if (value < 100) return value.toFixed(2);
  return value < 10_000 ? value.toFixed(0) : value.toExponential(1).replace("e+", "e");
}

// ---- the graph ---------------------------------------------------------------------------------

function drawing(states, choice, { choose, move, hover }) {
  const reach = [0, 1].map((axis) => Math.max(...states.places.map((place) => place[axis])) || 1e-9);
  const inner = WIDTH - 2 * MARGIN;
  const height = Math.max(300, Math.min(WIDTH, (inner * reach[1]) / reach[0] + 2 * MARGIN));
  const unit = Math.min(inner / reach[0], (height - 2 * MARGIN) / reach[1]);
  const first = states.places.map(([x, y]) => [
    WIDTH / 2 + (x - reach[0] / 2) * unit, height / 2 - (y - reach[1] / 2) * unit,
  ]);
  const places = () => first.map((place, i) => choice().moved[i] ?? place);
  const room = [WIDTH, height].map((side) => (value) => Math.max(12, Math.min(side - 12, value)));
  const held = (place) => place.map((value, axis) => Number(room[axis](value).toFixed(1)));
  const allNamed = states.names.every((name) => name.length <= SHORT);

  const edges = svg("path", { class: "edges" });
  const taken = svg("g", { class: "taken" });
  const marks = states.names.map((_, i) => svg(
    "g", { class: "node", role: "application", ...keepKeys },
    svg("circle", { class: "hold", r: 16 }), svg("path", { d: SHAPES[states.groups[i]] }),
  ));
  const short = shorten(states.names, 18);
  const labels = short.map((name) => svg("text", { class: "name" }, name));
  const picture = svg(
    "svg", { class: "graph", viewBox: `0 0 ${WIDTH} ${height.toFixed(0)}`, role: "group", "aria-label": "The graph" },
    edges, taken, ...marks, ...labels,
  );

  marks.forEach((mark, node) => {
    let from = null; // of the pointer, and where it took hold of the node
    mark.addEventListener("pointerenter", () => hover(node));
    mark.addEventListener("pointerleave", () => { if (!from) hover(null); });
    mark.addEventListener("focus", () => choose({ node }));
    mark.addEventListener("pointerdown", (event) => {
      from = { x: event.clientX, y: event.clientY, place: places()[node] };
      mark.setPointerCapture(event.pointerId);
      mark.focus({ preventScroll: true });
      event.preventDefault();
    });
    mark.addEventListener("pointermove", (event) => {
      if (!from || (event.clientX === from.x && event.clientY === from.y)) return;
      const pixel = WIDTH / picture.getBoundingClientRect().width;
      move(node, held([
        from.place[0] + (event.clientX - from.x) * pixel,
        from.place[1] + (event.clientY - from.y) * pixel,
      ]));
    });
    for (const end of ["pointerup", "pointercancel"]) {
      mark.addEventListener(end, () => { from = null; if (end === "pointercancel") hover(null); });
    }
    mark.addEventListener("keydown", (event) => {
      const ways = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
      const way = ways[event.key];
      if (!way) return;
      event.preventDefault();
      move(node, held(places()[node].map((value, axis) => value + way[axis] * KEY_STEP)));
    });
  });

  return {
    element: picture,
    show(now, node, values, from, scale) {
      const at = places();
      const spots = allNamed ? roomiest(at, states, [WIDTH, height]) : [];
      const others = from.filter(([other]) => other !== node);
      const heaviest = Math.max(...others.map(([, weight]) => weight), 1e-9);
      edges.setAttribute("d", states.edges.map(([a, b]) => through([at[a], at[b]])).join(""));
      taken.replaceChildren(...others.map(([other, weight]) => svg("path", {
        d: through([at[node], at[other]]), "stroke-width": (weight === null ? 2 : 1.5 + (4.5 * weight) / heaviest).toFixed(1),
      })));
      const near = new Set(others.map(([other]) => other));
      marks.forEach((mark, i) => {
        const [x, y] = at[i];
        mark.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
        mark.setAttribute("tabindex", i === now.node ? 0 : -1);
        mark.setAttribute("aria-label",
          `${states.names[i]}: ${contents(states, values[i], scale)}. Arrow keys move it.`);
        mark.classList.toggle("chosen", i === node);
        mark.classList.toggle("near", near.has(i));
        mark.lastChild.style.fill = colour(states, values[i]);
        furnish(labels[i], allNamed ? spots[i] : beside(x, y, short[i]));
        labels[i].classList.toggle("hidden", !allNamed && i !== node && !(near.has(i) && near.size <= FEW));
        labels[i].classList.toggle("chosen", i === node);
      });
    },
  };
}

// Where a long name stands: right of its node, or left where there is no room.
function beside(x, y, name) {
  const right = x < WIDTH - 12 - 8.5 * name.length;
  return {
    x: (x + (right ? 12 : -12)).toFixed(1), y: (y - 8).toFixed(1), "text-anchor": right ? "start" : "end",
  };
}

// Where the short names stand: of some places around each node, the first with room enough between
// edges and other nodes, or else the one with most.
function roomiest(at, { names, edges }, sides) {
  return at.map(([x, y], i) => {
    const half = LETTER * names[i].length / 2;
    let [best, most] = [[x, y], -Infinity];
    for (let turn = 0; turn < TURNS && most < ENOUGH; turn += 1) {
      const angle = (2 * Math.PI * turn) / TURNS - Math.PI / 4; // from the upper right
      const spot = [x + (12 + half) * Math.cos(angle), y + 19 * Math.sin(angle)];
      if (spot.some((value, axis) => value < 10 || value > sides[axis] - 10)) continue;
      const room = Math.min(...[-half, 0, half].map((shift) => {
        const point = [spot[0] + shift, spot[1]];
        return Math.min(
          ...edges.map(([a, b]) => distance(point, at[a], at[b])),
          ...at.map((other) => distance(point, other, other) - 10),
        );
      }));
      if (room > most + 0.5) [best, most] = [spot, room];
    }
    return { x: best[0].toFixed(1), y: (best[1] + 4).toFixed(1), "text-anchor": "middle" };
  });
}

// From a point to the line between two others, or to one that is given twice.
function distance([x, y], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1);
  const share = Math.max(0, Math.min(1, along));
  return Math.hypot(x - ax - share * dx, y - ay - share * dy);
}

// What the shapes are, and the colours of classes.
function legend(states) {
  const swatch = (path, style) => svg(
    "svg", { viewBox: "-14 -14 28 28", "aria-hidden": "true" }, svg("path", { d: path, style }));
  return html(
    "div", { class: "legend course-faint" },
    ...states.groupNames.map((name, i) => html("span", {}, swatch(SHAPES[i], "fill: none"), name)),
    ...(states.rgb ? [] : states.channels.map((name, i) =>
      html("span", {}, swatch(SHAPES[0], `fill: var(${CLASS_COLOURS[i]})`), name))),
    html("span", {}, "Drag a node, or focus it and use the arrow keys."),
  );
}

// ---- the numbers -------------------------------------------------------------------------------

function contents(states, values, scale) {
  return values.map((value, i) => `${states.channels[i]} ${number(value * scale)}`).join(", ");
}

function reading(states) {
  const what = html("p", { class: "status" });
  const total = html("p");
  const list = html("ul", { class: "neighbours" });
  const element = html("div", { class: "reading" }, what, total, list);
  const dot = (node, values) => svg(
    "svg", { viewBox: "-14 -14 28 28", "aria-hidden": "true" },
    svg("path", { d: SHAPES[states.groups[node]], style: `fill: ${colour(states, values[node])}` }));
  return {
    element,
    live(on) { what.setAttribute("aria-live", on ? "polite" : "off"); },
    show(node, values, taken, scale) {
      const group = states.groupNames.length ? ` (${states.groupNames[states.groups[node]]})` : "";
      what.replaceChildren(
        dot(node, values), `${states.names[node]}${group}: ${contents(states, values[node], scale)}`);
      const weighted = Boolean(states.pairs);
      const others = taken.filter(([other]) => other !== node).length;
      const sum = taken.reduce((all, [, weight]) => all + weight, 0);
      const neighbours = `${others} ${others === 1 ? "neighbour" : "neighbours"}`;
      const itself = others < taken.length ? "itself and " : "";
      total.textContent = weighted
        ? `Takes from ${itself}${neighbours}; the weights add up to ${number(sum)}.` : `${neighbours}.`;
      list.replaceChildren(...taken.map(([other, weight]) => html(
        "li", {}, dot(other, values),
        html("span", {}, other === node ? "itself" : states.names[other]),
        ...(weighted ? [html("b", {}, weight.toFixed(3))] : []),
      )));
    },
  };
}
