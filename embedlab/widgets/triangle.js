// FieldTriangle: three features, the vectors they bring, and what each pair adds to the log-odds.

export default { render };

const [WIDTH, HEIGHT] = [760, 574];
const CORNERS = [[118, 160], [642, 160], [380, 420]]; // middles of the corners' planes
const RADIUS = 104; // of a corner's plane
const MEETING = { middle: [380, 248], radius: 56 }; // the plane of the two that meet
const EDGES = [[0, 1], [0, 2], [1, 2]];
const [FM, FFM] = [0, 1];

function render({ model, el }) {
  const states = model.get("states");
  // What the student chose stays in the browser, on the model, where all views find it.
  const start = { features: states.start, model: FM, edge: 0 };
  const choice = () => ({ ...start, ...model.get("choice") });
  const choose = (change) => model.set("choice", { ...choice(), ...change });

  const which = choices("model", states.models, (chosen) => choose({ model: chosen }));
  const selects = states.fields.map((field, corner) => dropDown(states, corner, (feature) =>
    choose({ features: choice().features.with(corner, feature) })));
  const picture = triangle(states, (edge) => {
    if (edge !== choice().edge) choose({ edge });
  });
  const reading = html("p", { class: "reading", "aria-live": "polite" });
  const sum = logOdds(states);

  function show() {
    const now = choice();
    const numbers = computed(states, now);
    which.show(now.model);
    selects.forEach((select, corner) => select.show(now.features[corner]));
    picture.show(now, numbers);
    reading.textContent = met(states, now, numbers);
    sum.show(now, numbers);
  }

  el.classList.add("course-widget", "field-triangle");
  el.append(
    which.element,
    html("div", { class: "triangle" }, picture.element, ...selects.map(({ element }) => element)),
    reading, sum.element,
    saveButton(model, ["states", "choice"], "field-triangle"),
  );
  show();
  model.on("change:choice", show);
  return () => model.off("change:choice", show);
}

// ---- the numbers -------------------------------------------------------------------------------

// The vector that the feature at a corner brings to the feature at another one.
function vector(states, { model, features }, corner, other) {
  return states.vectors[model][corner][features[corner]][other];
}

function computed(states, now) {
  const bias = states.biases[now.model];
  const weights = now.features.map((feature, corner) => states.weights[now.model][corner][feature]);
  const pairs = EDGES.map(([a, b]) => {
    const [u, v] = [vector(states, now, a, b), vector(states, now, b, a)];
    return u[0] * v[0] + u[1] * v[1];
  });
  const logit = [bias, ...weights, ...pairs].reduce((sum, term) => sum + term, 0);
  return { bias, weights, pairs, logit, probability: 1 / (1 + Math.exp(-logit)) };
}

const nameOf = (states, { features }, corner) => states.names[corner][features[corner]];

// A vector's name: v[EV] in FM, v[EV, origin] in FFM.
function vectorName(states, now, corner, other) {
  const feature = nameOf(states, now, corner);
  return now.model === FM ? `v[${feature}]` : `v[${feature}, ${states.fields[other]}]`;
}

function met(states, now, { pairs }) {
  const [a, b] = EDGES[now.edge];
  const product = `${vectorName(states, now, a, b)} · ${vectorName(states, now, b, a)}`;
  return `${states.fields[a]} and ${states.fields[b]}: ${product} = ${signed(pairs[now.edge])}`;
}

// ---- the controls ------------------------------------------------------------------------------

function dropDown(states, corner, choose) {
  const options = states.names[corner].map((name, i) => html("option", { value: i }, name));
  const select = html("select", keepKeys, ...options);
  select.addEventListener("input", () => choose(Number(select.value)));
  return {
    element: html(
      "label", { class: `corner corner-${corner}` },
      html("span", { class: `field-${corner}` }, states.fields[corner]), select,
    ),
    show(feature) { select.value = feature; },
  };
}

// ---- the triangle ------------------------------------------------------------------------------

function triangle(states, choose) {
  const corners = CORNERS.map((middle, corner) => plane(states, middle, corner));
  const meeting = [arrow(), arrow()];
  const edges = EDGES.map((_, edge) => edgeOf(states, edge, choose));
  return {
    element: svg(
      "svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}` },
      ...edges.map(({ element }) => element),
      circle(MEETING.middle, MEETING.radius),
      ...meeting.map(({ element }) => element),
      ...corners.map(({ element }) => element),
    ),
    show(now, { pairs }) {
      const lit = EDGES[now.edge];
      corners.forEach((corner) => corner.show(now, lit));
      edges.forEach((edge, i) => edge.show(now, pairs[i], i === now.edge));
      lit.forEach((corner, i) => {
        const other = lit[1 - i];
        meeting[i].show(
          MEETING, vector(states, now, corner, other), states.longest, look(now, other), true);
      });
    },
  };
}

// An arrow has the colour of the field that it is for; FM's is for all of them.
const look = (now, other) => (now.model === FM ? "field-all" : `field-${other}`);

function circle([x, y], radius) {
  return svg("circle", { class: "plane", cx: x, cy: y, r: radius });
}

// A corner: the arrows that its feature has, and for which field each is.
function plane(states, middle, corner) {
  const others = [0, 1, 2].filter((field) => field !== corner);
  const arrows = others.map(arrow);
  const signs = others.map(() => svg("tspan", {}, "→ "));
  const words = others.map(() => svg("tspan"));
  const [x, y] = [[14, 290], [746, 290], [264, 486]][corner];
  const legend = others.map((_, i) => svg(
    "text", { class: corner === 0 ? "" : "right", x, y: y + 28 * i }, signs[i], words[i]));
  return {
    element: svg(
      "g", { class: "plane-of" }, circle(middle, RADIUS), ...arrows.map(({ element }) => element),
      ...legend,
    ),
    show(now, lit) {
      others.forEach((other, i) => {
        const meets = lit.includes(corner) && lit.includes(other);
        const drawn = now.model === FFM || i === 0;
        const bright = now.model === FM ? lit.includes(corner) : meets;
        legend[i].classList.toggle("hidden", !drawn);
        legend[i].classList.toggle("lit", bright);
        arrows[i].show(
          { middle, radius: RADIUS }, vector(states, now, corner, other), states.longest,
          look(now, other), bright);
        arrows[i].element.classList.toggle("hidden", !drawn);
        signs[i].setAttribute("class", look(now, other));
        words[i].textContent = now.model === FM ? "for both" : `for ${states.fields[other]}`;
      });
    },
  };
}

function arrow() {
  const line = svg("path");
  const head = svg("path", { class: "head" });
  const element = svg("g", {}, line, head);
  return {
    element,
    // The longest vector reaches nearly to the rim of its plane.
    show({ middle: [x, y], radius }, [right, up], longest, kind, lit) {
      const size = (0.94 * radius * Math.hypot(right, up)) / longest;
      const angle = Math.atan2(-up, right);
      const tip = Math.min(12, size);
      const turn = `translate(${x} ${y}) rotate(${((angle * 180) / Math.PI).toFixed(2)})`;
      furnish(element, { class: `arrow ${kind}${lit ? " lit" : ""}`, transform: turn });
      line.setAttribute("d", `M0 0H${(size - tip).toFixed(2)}`);
      const [back, half] = [(size - tip).toFixed(2), (tip / 2).toFixed(2)];
      head.setAttribute("d", `M${size.toFixed(2)} 0L${back} ${half}V-${half}Z`);
    },
  };
}

// An edge: a line from plane to plane, and on it what the pair adds, as a number and a bar.
function edgeOf(states, edge, choose) {
  const [a, b] = EDGES[edge];
  const [from, to] = [CORNERS[a], CORNERS[b]];
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  const [along, down] = [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
  const ends = {
    x1: from[0] + along * RADIUS, y1: from[1] + down * RADIUS,
    x2: to[0] - along * RADIUS, y2: to[1] - down * RADIUS,
  };
  const [x, y] = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
  const reach = scale([0, states.largest], [0, 54]);
  const number = svg("text", { class: "number", x, y: y - 4 });
  const bar = svg("rect", { y: y + 6, height: 10 });
  const element = svg(
    "g", { tabindex: 0, role: "button", ...keepKeys },
    svg("line", { class: "target", ...ends }),
    svg("line", { class: "edge", ...ends }),
    svg("rect", { class: "plate", x: x - 62, y: y - 26, width: 124, height: 48, rx: 4 }),
    bar,
    svg("line", { class: "axis", x1: x, x2: x, y1: y + 3, y2: y + 19 }),
    number,
  );
  element.addEventListener("pointerenter", () => choose(edge));
  element.addEventListener("focus", () => choose(edge));
  return {
    element,
    show(now, value, lit) {
      const width = reach(Math.abs(value));
      furnish(bar, {
        class: "bar", x: value < 0 ? x - width : x, width,
      });
      number.textContent = signed(value);
      furnish(element, {
        class: lit ? "edge-of lit" : "edge-of",
        "aria-pressed": lit,
        "aria-label": met(states, { ...now, edge }, { pairs: { [edge]: value } }),
      });
    },
  };
}

// ---- the sum -----------------------------------------------------------------------------------

function logOdds(states) {
  const element = html("p", { class: "sum" });
  const term = (name, value, lit) =>
    html("span", { class: lit ? "lit" : "" }, `${name} `, html("b", {}, signed(value)));
  return {
    element,
    show(now, { bias, weights, pairs, logit, probability }) {
      element.replaceChildren(
        term("bias", bias),
        ...weights.map((weight, corner) => term(nameOf(states, now, corner), weight)),
        ...pairs.map((pair, edge) =>
          term(EDGES[edge].map((corner) => states.fields[corner]).join("·"), pair, edge === now.edge)),
        html("span", { class: "total" },
          `= log-odds ${signed(logit)}, probability ${probability.toFixed(3)}`),
      );
    },
  };
}
