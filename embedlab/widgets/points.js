// MovingPoints: the same named points at every step of one fit or two, a plane for each.

export default { render };

const [WIDTH, HEIGHT] = [460, 330]; // of a plane
const BORDER = 14; // within which no mark stands
const SHAPES = [ // of the groups
  "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0Z", "M-4.5 -4.5h9v9h-9Z", "M0 -8L8 0L0 8L-8 0Z",
  "M0 -7L7 6H-7Z",
];

function render({ model, el }) {
  const states = model.get("states");
  const points = decode(states, model.get("codes"));
  // What the student chose stays in the browser, on the model, where all views find it.
  const start = { step: states.steps.length - 1, point: states.labelled[0] ?? 0 };
  const choice = () => ({ ...start, ...model.get("choice") });
  const choose = (change) => model.set("choice", { ...choice(), ...change });

  const planes = points.map((_, which) => plane(states, points, which, choice, choose));
  const reading = html("p", { class: "reading", "aria-live": "polite" });
  const steps = player(states.steps, choice, choose, reading);
  const alphabetical = states.names.map((name, i) => [name, i])
    .sort(([one], [other]) => one.localeCompare(other, "en"));
  const list = html("select", { "aria-label": "Chosen", ...keepKeys },
    ...alphabetical.map(([name, i]) => html("option", { value: i }, name)));
  list.addEventListener("change", () => choose({ point: Number(list.value) }));

  function show() {
    const { step, point } = choice();
    steps.show(step);
    list.value = point;
    for (const each of planes) each.show(step, point);
    reading.textContent = `${states.names[point]}, ${states.groupNames[states.groups[point]]}: `
      + states.modelNames.map((name, which) =>
        `${name} (${points[which][step][point].map(signed).join(", ")})`).join(" · ");
  }

  el.classList.add("course-widget", "moving-points");
  el.append(
    legend(states),
    html("div", { class: `planes planes-${planes.length}` }, ...planes.map(({ element }) => element)),
    html("div", { class: "chosen-one" }, list, reading), steps.element,
    saveButton(model, ["states", "codes", "choice"], "moving-points"),
  );
  show();
  model.on("change:choice", show);
  return () => {
    steps.stop();
    model.off("change:choice", show);
  };
}

// points[model][step][i] is the place of point i.
function decode(states, buffer) {
  const codes = int16s(buffer);
  const n = states.names.length;
  return states.modelNames.map((_, which) => states.steps.map((_, step) =>
    Array.from({ length: n }, (_, i) => {
      const first = 2 * ((which * states.steps.length + step) * n + i);
      return [0, 1].map((axis) => (codes[first + axis] / 32767) * states.reaches[which]);
    })));
}

const mark = (group) => svg("path", { class: `mark group-${group}`, d: SHAPES[group] });

function legend({ groupNames }) {
  return html(
    "div", { class: "legend course-faint" },
    ...groupNames.map((name, group) =>
      html("span", {}, svg("svg", { viewBox: "-9 -9 18 18" }, mark(group)), name)),
    html("span", {}, "point, or arrow keys in a picture, to choose · line: how it came here"),
  );
}

// Maps places to the plane so that all of them are in it; a unit is as long up as across.
function fitted(places) {
  const [low, high] = [Math.min, Math.max].map((end) =>
    [0, 1].map((axis) => places.reduce((so, place) => end(so, place[axis]), places[0][axis])));
  const unit = Math.min(
    ...[WIDTH, HEIGHT].map((room, axis) => (room - 2 * BORDER) / (high[axis] - low[axis] || 1e-9)));
  return ([across, up]) => [
    WIDTH / 2 + unit * (across - (low[0] + high[0]) / 2),
    HEIGHT / 2 - unit * (up - (low[1] + high[1]) / 2),
  ];
}

// ---- one model ---------------------------------------------------------------------------------

function plane(states, points, which, choice, choose) {
  const { names, groups, labelled } = states;
  const at = fitted(points[which].flat());
  const marks = groups.map((group) => mark(group));
  const trail = svg("path", { class: "trail" });
  const leaders = svg("path", { class: "leader" });
  const top = svg("g", {}); // the chosen mark, on all others
  const placer = labelPlacer(WIDTH, HEIGHT, 1);
  const short = shorten(names, 16);
  const texts = short.map((name) => svg("text", { class: "name" }, name));
  const [left, down] = at([0, 0]);
  const zero = svg("path", { class: "axis", d: `M0 ${down}H${WIDTH}M${left} 0V${HEIGHT}` });
  const picture = svg(
    "svg",
    {
      class: "plane", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, tabindex: 0, role: "application",
      "aria-label": `${states.modelNames[which]}: ${names.length} points. Left and right arrow `
        + "keys go from point to point as they stand, up and down as well.",
      ...keepKeys,
    },
    zero, trail, ...marks, leaders, ...texts, top,
  );

  // Whoever is nearest to the mouse, if it is near.
  picture.addEventListener("pointermove", (event) => {
    const box = picture.getBoundingClientRect();
    const here = [event.clientX - box.left, event.clientY - box.top].map((z) => z * (WIDTH / box.width));
    const away = points[which][choice().step].map((place) => {
      const [across, down] = at(place);
      return Math.hypot(across - here[0], down - here[1]);
    });
    const nearest = away.indexOf(Math.min(...away));
    if (away[nearest] < 14 && nearest !== choice().point) choose({ point: nearest });
  });
  picture.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowDown: [1, -1], ArrowUp: [1, 1] };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    const { step, point } = choice();
    const places = points[which][step];
    const order = names.map((_, i) => i)
      .sort((one, other) => places[one][move[0]] - places[other][move[0]] || one - other);
    choose({ point: order[inside(order.indexOf(point) + move[1], order.length)] });
  });

  const loss = html("span", { class: "loss" });
  let before = null; // the mark that was chosen
  return {
    element: html("div", {}, html("h4", {}, states.modelNames[which], loss), picture),
    show(step, point) {
      const placed = points[which][step].map(at);
      placed.forEach(([across, down], i) =>
        marks[i].setAttribute("transform", `translate(${across.toFixed(1)} ${down.toFixed(1)})`));
      if (before !== point) {
        if (before !== null) trail.after(marks[before]);
        top.append(marks[point]);
        before = point;
      }
      marks.forEach((each, i) => each.classList.toggle("chosen", i === point));
      trail.setAttribute("d", through(points[which].slice(0, step + 1).map((all) => at(all[point]))));
      const wanted = [point, ...labelled.filter((i) => i !== point)];
      const spots = placer(placed, [], wanted.map((i) => ({ i, text: short[i] })));
      texts.forEach((text, i) => {
        const spot = spots.get(i);
        text.classList.toggle("hidden", !spot);
        text.classList.toggle("of-chosen", i === point);
        if (spot) furnish(text, spot.at);
      });
      leaders.setAttribute("d", [...spots.values()].map((spot) => spot?.leader ?? "").join(""));
      loss.textContent = ` · loss ${tidy(states.losses[which][step])}`;
    },
  };
}
