// What the families of points that move over the steps of a fit share.

function tidy(value) {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2);
}

const FRAME_MS = 90; // of the player

// A slider over the numbers of the steps, with a button that plays them; choice().step is the index
// of what is shown. While it plays, `summary` keeps silent.
function player(numbers, choice, choose, summary) {
  const steps = slider("Step", numbers, (step) => { stop(); choose({ step }); });
  const play = html("button", { type: "button", class: "course-button", ...keepKeys }, "▶ Play");
  let timer = null;

  function stop() {
    clearInterval(timer);
    timer = null;
    play.textContent = "▶ Play";
    summary.setAttribute("aria-live", "polite");
  }

  play.addEventListener("click", () => {
    if (timer !== null) return stop();
    const last = numbers.length - 1;
    if (choice().step === last) choose({ step: 0 });
    play.textContent = "⏸ Pause";
    summary.setAttribute("aria-live", "off"); // nobody can listen to a film of numbers
    timer = setInterval(() => {
      choose({ step: choice().step + 1 });
      if (choice().step >= last) stop();
    }, FRAME_MS);
  });

  return {
    element: html("div", { class: "player" }, play, steps.element), show: steps.show, stop,
  };
}

// Finds room for labels beside their marks: labelPlacer(...)(marks, boxes, labels) maps a mark's
// number to { at: attributes of its text, leader: a line to it if it is far }, or to null where there
// is no room. The first labels, `sure` of them, always get a place. A label stays on the side where it
// was as long as there is room, so that names do not flicker while points move.
function labelPlacer(frameWidth, frameHeight, sure) {
  const [height, letter, near] = [17, 8.2, 12];
  const sides = [near, 30, 52].flatMap((far) =>
    [0, 1, 7, 2, 6, 3, 5, 4].map((turn) => [far, (turn * Math.PI) / 4]));
  const last = new Map();

  function spot([x, y], text, [far, angle]) {
    const width = letter * text.length;
    const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
    const [tipX, tipY] = [x + far * dx, y + far * dy];
    const left = tipX - (Math.abs(dx) < 0.1 ? width / 2 : dx < 0 ? width : 0);
    const top = tipY - height / 2;
    return {
      box: [left, top, left + width, top + height],
      at: { x: left.toFixed(1), y: (top + 13).toFixed(1), "text-anchor": "start" },
      leader: far === near ? "" : `M${x.toFixed(1)} ${y.toFixed(1)}L${tipX.toFixed(1)} ${tipY.toFixed(1)}`,
    };
  }

  const overlap = (a, b) =>
    Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]))
    * Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));

  return (marks, boxes, labels) => {
    const taken = [...boxes];
    const dots = marks.map(([x, y]) => [x - 6, y - 6, x + 6, y + 6]);
    const frame = [2, 2, frameWidth - 2, frameHeight - 2];
    const found = new Map();
    labels.forEach(({ i, text }, order) => {
      const cost = ({ box }) => {
        const outside = (box[2] - box[0]) * (box[3] - box[1]) - overlap(box, frame);
        const names = taken.reduce((sum, other) => sum + overlap(box, other), 0);
        const covered = dots.reduce((sum, dot, j) => sum + (j === i ? 0 : overlap(box, dot)), 0);
        return 20 * outside + 5 * names + covered;
      };
      let best = null;
      for (const side of last.has(i) ? [last.get(i), ...sides] : sides) {
        const here = spot(marks[i], text, side);
        const price = cost(here);
        if (!best || price < best.price) best = { ...here, side, price };
        if (price === 0) break;
      }
      const room = order < sure || taken.every((other) => overlap(best.box, other) === 0);
      found.set(i, room ? best : null);
      if (!room) return;
      last.set(i, best.side);
      taken.push(best.box);
    });
    return found;
  };
}
