// LossPlane: an anchor, a positive and a negative to drag, and how a pairwise loss moves them.

export default { render };

const RATE = 0.1; // of a gradient step
const ARROW = 4 * RATE; // an arrow is this times minus the gradient
const KEY_STEP = 0.1; // of an arrow key
const SMALLEST_REACH = 2; // the plane goes at least from -2 to 2
const MOST_STEPS = 400; // that leave a trail
const WHO = ["a", "p", "n"];

// What a loss reads of two points, and how it is written.
const LOSSES = {
  "pairwise": {
    reads: "score", formula: "L = log(1 + exp(−(R(a, p) − R(a, n))))",
    legend: "dashed: where the negative scores like the positive",
  },
  "triplet": {
    reads: "score", formula: "L = max(0, m − R(a, p) + R(a, n))",
    legend: "dashed: where the negative scores like the positive · solid: m less",
  },
  "triplet on distances": {
    reads: "distance", formula: "L = max(0, m + d(a, p) − d(a, n))",
    legend: "dashed: as far from the anchor as the positive · solid: m farther",
  },
  "contrastive": {
    reads: "distance", formula: "L = d(a, p)² / 2 + max(0, m − d(a, n))² / 2",
    legend: "solid: m from the anchor",
  },
};

function render({ model, el }) {
  const { points, names, margins, margin, loss } = model.get("states");
  // What the student chose stays in the browser, on the model, where all views find it.
  const start = { points, margin, loss, trail: [points] };
  const choice = () => ({ ...start, ...model.get("choice") });
  const choose = (change) => model.set("choice", { ...choice(), ...change });
  const move = (which, place) => {
    const moved = choice().points.map((point, i) => (i === which ? place : point));
    choose({ points: moved, trail: [moved] });
  };
  const descend = (n) => {
    let { points: now, trail, ...rest } = choice();
    for (let step = 0; step < n; step += 1) {
      const { gradient } = planeLoss(rest.loss, now, Number(margins[rest.margin]));
      now = now.map(([x, y], i) => [x - RATE * gradient[i][0], y - RATE * gradient[i][1]]);
      trail = [...trail, now];
    }
    choose({ points: now, trail: trail.slice(-MOST_STEPS) });
  };

  const picture = plane(names, () => choice().points, move);
  const told = reading(names);
  const kinds = choices("loss", Object.keys(LOSSES), (index) => {
    choose({ loss: Object.keys(LOSSES)[index], trail: [choice().points] });
  });
  const moves = slider("margin m", margins, (index) => choose({ margin: index }));
  const button = (text, act) => {
    const made = html("button", { type: "button", class: "course-button", ...keepKeys }, text);
    made.addEventListener("click", act);
    return made;
  };
  const buttons = html(
    "div", { class: "buttons" },
    button("1 step", () => descend(1)), button("20 steps", () => descend(20)),
    button("Back to the start", () => choose({ points, trail: [points] })),
  );

  function show() {
    const now = choice();
    const m = Number(margins[now.margin]);
    const found = planeLoss(now.loss, now.points, m);
    kinds.show(Object.keys(LOSSES).indexOf(now.loss));
    moves.show(now.margin);
    picture.show(now, m, found);
    told.show(now, m, found);
  }

  el.classList.add("course-widget", "loss-plane");
  el.append(
    kinds.element, sliders(moves),
    html("div", { class: "course-columns" }, picture.element, html("div", {}, told.element, buttons)),
    saveButton(model, ["states", "choice"], "loss-plane"),
  );
  show();
  model.on("change:choice", show);
  return () => model.off("change:choice", show);
}

// ---- the losses --------------------------------------------------------------------------------

// The loss, its gradient by every point, and the two scores or distances that it reads.
function planeLoss(loss, [anchor, ...others], m) {
  const gradient = [[0, 0], [0, 0], [0, 0]];
  const onScores = LOSSES[loss].reads === "score";
  const apart = others.map(([x, y]) => [anchor[0] - x, anchor[1] - y]);
  const readings = others.map(([x, y], i) =>
    (onScores ? anchor[0] * x + anchor[1] * y : Math.hypot(...apart[i])));
  const { value, slopes } = ofReadings(loss, readings, m);
  others.forEach((other, i) => {
    const away = apart[i].map((part) => part / (readings[i] || 1));
    const [byAnchor, byOther] = onScores ? [other, anchor] : [away, away.map((part) => -part)];
    [0, 1].forEach((axis) => {
      gradient[0][axis] += slopes[i] * byAnchor[axis];
      gradient[1 + i][axis] += slopes[i] * byOther[axis];
    });
  });
  return { value, gradient, readings };
}

function ofReadings(loss, [positive, negative], m) {
  if (loss === "pairwise") {
    const ahead = positive - negative;
    const force = 1 / (1 + Math.exp(ahead));
    return {
      value: Math.max(0, -ahead) + Math.log1p(Math.exp(-Math.abs(ahead))),
      slopes: [-force, force],
    };
  }
  if (loss === "contrastive") {
    const missing = Math.max(0, m - negative);
    return { value: (positive ** 2 + missing ** 2) / 2, slopes: [positive, -missing] };
  }
  const sign = LOSSES[loss].reads === "score" ? -1 : 1;
  const short = m + sign * (positive - negative);
  return short > 0 ? { value: short, slopes: [sign, -sign] } : { value: 0, slopes: [0, 0] };
}

// ---- the plane ---------------------------------------------------------------------------------

const SIZE = 460; // of the picture
const RIM = 10; // of a mark

function plane(names, points, move) {
  const grid = svg("g", { class: "grid" });
  const border = svg("path", { class: "border" });
  const same = svg("path", { class: "same" });
  const links = svg("path", { class: "links" });
  const trails = names.map((_, i) => svg("path", { class: `trail ${KINDS[i]}` }));
  const arrows = names.map((_, i) => svg("path", { class: `arrow ${KINDS[i]}` }));
  const marks = names.map((name, i) => svg(
    "g",
    { class: `mark ${KINDS[i]}`, tabindex: 0, role: "application", ...keepKeys },
    svg("circle", { class: "hold", r: 20 }), svg("circle", { r: 8 }),
  ));
  const labels = names.map((name) => svg("text", { class: "name" }, name));
  const picture = svg(
    "svg",
    { class: "plane", viewBox: `0 0 ${SIZE} ${SIZE}`, role: "group", "aria-label": "The plane" },
    grid, same, border, links, ...trails, ...arrows, ...labels, ...marks,
  );
  const legend = html("span");
  let reach = SMALLEST_REACH;

  const held = (value) => Math.max(-reach, Math.min(reach, value));
  marks.forEach((mark, which) => {
    let from = null; // of the pointer, and where it took hold of the point
    mark.addEventListener("pointerdown", (event) => {
      from = { x: event.clientX, y: event.clientY, point: points()[which] };
      mark.setPointerCapture(event.pointerId);
      mark.focus({ preventScroll: true });
      event.preventDefault();
    });
    mark.addEventListener("pointermove", (event) => {
      if (!from) return;
      const unit = (2 * reach) / picture.getBoundingClientRect().width;
      move(which, [
        held(from.point[0] + (event.clientX - from.x) * unit),
        held(from.point[1] - (event.clientY - from.y) * unit),
      ]);
    });
    for (const end of ["pointerup", "pointercancel"]) {
      mark.addEventListener(end, () => { from = null; });
    }
    mark.addEventListener("keydown", (event) => {
      const steps = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
      const step = steps[event.key];
      if (!step) return;
      event.preventDefault();
      const place = points()[which];
      move(which, step.map((part, axis) => held(place[axis] + part * KEY_STEP)));
    });
  });

  let gridReach = null; // the reach for which the grid is drawn

  return {
    element: html(
      "div", {}, picture,
      html("p", { class: "course-faint" }, legend,
        ` Arrows: minus the gradient, times ${ARROW}. Drag a point, or focus it and use the arrow keys.`),
    ),
    show({ points: now, loss, trail }, m, { gradient }) {
      const farthest = Math.max(...now.flat().map(Math.abs));
      reach = SMALLEST_REACH;
      while (reach < farthest) reach *= 2; // the loss may drive them out without end
      const x = scale([-reach, reach], [0, SIZE]);
      const y = scale([-reach, reach], [SIZE, 0]);
      const at = ([left, up]) => [x(left), y(up)];
      if (reach !== gridReach) grid.replaceChildren(...gridOf(reach, x, y));
      gridReach = reach;
      const lines = borders(loss, now, m);
      border.setAttribute("d", lines.border?.draw(at, reach) ?? "");
      same.setAttribute("d", lines.same?.draw(at, reach) ?? "");
      legend.textContent = `${LOSSES[loss].legend}.`;
      const places = now.map(at);
      const starts = LOSSES[loss].reads === "score"
        ? places.map((place) => [at([0, 0]), place])
        : places.slice(1).map((place) => [places[0], place]);
      links.setAttribute("d", starts.map(through).join(""));
      names.forEach((name, i) => {
        const [left, top] = places[i];
        marks[i].setAttribute("transform", `translate(${left.toFixed(1)} ${top.toFixed(1)})`);
        marks[i].setAttribute("aria-label",
          `${name} at ${signed(now[i][0])}, ${signed(now[i][1])}. Arrow keys move it.`);
        trails[i].setAttribute("d", through(trail.map((past) => at(past[i]))));
        const tip = now[i].map((part, axis) => part - ARROW * gradient[i][axis]);
        arrows[i].setAttribute("d", arrow(places[i], at(tip)));
        furnish(labels[i], beside(i, places));
      });
    },
  };
}

const KINDS = ["anchor", "positive", "negative"];

function gridOf(reach, x, y) {
  const marks = ticks(-reach, reach, 4).filter(({ value }) => Math.abs(value) < reach);
  return marks.flatMap(({ value, label }) => [
    svg("path", {
      class: Math.abs(value) < 1e-9 ? "axis zero" : "axis",
      d: `M${x(value)} 0V${SIZE}M0 ${y(value)}H${SIZE}`,
    }),
    ...(Math.abs(value) < 1e-9 ? [] : [
      svg("text", { class: "centre", x: x(value), y: y(0) + 17 }, label.replace("-", "−")),
      svg("text", { class: "right", x: x(0) - 6, y: y(value) + 5 }, label.replace("-", "−")),
    ]),
  ]);
}

// Where the negative is as good as the positive, `same`, and from where on it costs nothing, `border`.
function borders(loss, [a, p], m) {
  const circle = (radius) => ({
    draw(at, reach) {
      const r = (radius * SIZE) / (2 * reach);
      const [left, top] = at(a);
      return `M${left - r} ${top}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
    },
  });
  const line = (score) => ({ // of all places whose dot product with the anchor is `score`
    draw(at, reach) {
      const length = Math.hypot(...a);
      if (length < 1e-9) return "";
      const foot = a.map((part) => (part * score) / length ** 2);
      const along = [-a[1] / length, a[0] / length].map((part) => part * 6 * reach);
      return through([-1, 1].map((side) => at(foot.map((part, i) => part + side * along[i]))));
    },
  });
  const score = a[0] * p[0] + a[1] * p[1];
  const distance = Math.hypot(a[0] - p[0], a[1] - p[1]);
  return {
    "pairwise": { same: line(score) },
    "triplet": { same: line(score), border: line(score - m) },
    "triplet on distances": { same: circle(distance), border: circle(distance + m) },
    "contrastive": { border: circle(m) },
  }[loss];
}

// The d attribute of an arrow that begins at a mark's rim, so that a small one is seen as well; none
// where there is no direction.
function arrow([x1, y1], [x2, y2]) {
  const length = Math.hypot(x2 - x1, y2 - y1);
  if (length === 0) return "";
  const [dx, dy] = [(x2 - x1) / length, (y2 - y1) / length];
  const head = Math.max(4, Math.min(9, length));
  const along = (far, side = 0) => [x1 + far * dx - side * dy, y1 + far * dy + side * dx];
  const tip = along(RIM + Math.max(4, length));
  const wings = [1, -1].map((side) => along(RIM + Math.max(4, length) - head, (side * head) / 2));
  return through([along(RIM), tip]) + through([wings[0], tip, wings[1]]);
}

// Attributes of a point's label: on the side away from the others, but inside the picture.
function beside(which, places) {
  const [x, y] = places[which];
  const others = places.filter((_, i) => i !== which);
  const middle = [0, 1].map((axis) => (others[0][axis] + others[1][axis]) / 2);
  const right = x < 90 || (x < SIZE - 90 && x >= middle[0]);
  const below = y < 30 || (y < SIZE - 30 && y >= middle[1]);
  return {
    x: (x + (right ? 12 : -12)).toFixed(1), y: (y + (below ? 22 : -12)).toFixed(1),
    "text-anchor": right ? "start" : "end",
  };
}

// ---- the numbers -------------------------------------------------------------------------------

function signed(value) {
  const text = Math.abs(value).toFixed(2);
  return (value < 0 && text !== "0.00" ? "−" : "") + text;
}

// Of a number that is never negative, three decimals; what is small but not zero stays so.
function exact(value) {
  return value === 0 || value >= 0.0005 ? value.toFixed(3) : value.toExponential(0).replace("-", "−");
}

function reading(names) {
  const formula = html("p", { class: "formula" });
  const where = html("p", { class: "course-faint" });
  const values = html("p", { class: "values" });
  const loss = html("b", { class: "loss-value" });
  const rows = names.map((name, i) => ({
    place: html("td"), force: html("td"), length: html("td"),
    head: html("th", { scope: "row" }, `${name} ${WHO[i]}`),
  }));
  const table = html(
    "table", {},
    html("tr", {}, ...["", "place", "minus gradient", "its length"].map((text) =>
      html("th", { scope: "col" }, text))),
    ...rows.map(({ head, place, force, length }, i) =>
      html("tr", { class: KINDS[i] }, head, place, force, length)),
  );
  const verdict = html("p", { class: "status", "aria-live": "polite" });
  const pair = (vector) => `(${vector.map(signed).join(", ")})`;

  return {
    element: html(
      "div", { class: "reading" }, formula, where, values,
      html("p", {}, "loss L = ", loss), table, verdict,
    ),
    show(now, m, { value, gradient, readings }) {
      const onScores = LOSSES[now.loss].reads === "score";
      const letter = onScores ? "R" : "d";
      formula.textContent = LOSSES[now.loss].formula;
      where.textContent = (onScores ? "R: dot product" : "d: Euclidean distance")
        + (now.loss === "pairwise" ? "; no margin" : `; m = ${m.toFixed(1)}`);
      values.textContent = WHO.slice(1)
        .map((who, i) => `${letter}(a, ${who}) = ${signed(readings[i])}`).join(" · ");
      loss.textContent = exact(value);
      rows.forEach(({ place, force, length }, i) => {
        place.textContent = pair(now.points[i]);
        force.textContent = pair(gradient[i].map((part) => -part));
        length.textContent = exact(Math.hypot(...gradient[i]));
      });
      verdict.textContent = judge(names, now, m, readings);
    },
  };
}

function judge([, , negative], { loss }, m, readings) {
  if (loss === "pairwise") {
    const force = 1 / (1 + Math.exp(readings[0] - readings[1]));
    return `Forces of σ(−(R(a, p) − R(a, n))) = ${exact(force)}: small when the order is right, never 0.`;
  }
  if (loss === "contrastive") {
    return readings[1] < m
      ? `The ${negative} is inside the circle, and pushed out of it.`
      : `The ${negative} is outside the circle: only the other two pull at each other.`;
  }
  const short = ofReadings(loss, readings, m).value;
  return short > 0
    ? `The margin is missed by ${exact(short)}: all three move.`
    : "The margin holds: no force, nothing moves.";
}
