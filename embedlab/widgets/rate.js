// RateFilms: sliders for a person's own stars. They live in messages, never in the model's traits.

export default { render };

const STARS = ["½", "1", "1½", "2", "2½", "3", "3½", "4", "4½", "5"].map((one) => `${one} ★`);
const CHOICES = ["not seen", ...STARS];

function render({ model, el }) {
  const films = model.get("films");
  const status = html("p", { class: "status", role: "status" });
  const rated = new Map(); // movieId -> stars
  const kernel = conversation(model, hear);
  let isKnown = false;
  let pending = 1; // questions without an answer

  const controls = films.map(({ id, title }) => {
    const control = slider(title, CHOICES, (half) => paint(control, half));
    control.element.querySelector("input").addEventListener("change", (event) => {
      const half = Number(event.target.value);
      status.textContent = "Saving …";
      pending += 1;
      kernel.say({ film: id, stars: half ? half / 2 : null }, () => {
        status.textContent = "Not saved yet: Python is busy or not running. A running cell has to "
          + "end first; if none is running, run this cell again.";
      });
    });
    return control;
  });

  function paint(control, half) {
    control.show(half);
    control.element.classList.toggle("unseen", half === 0);
  }

  // Shows what the file holds, also for films whose slider was moved in vain.
  function show() {
    films.forEach(({ id }, n) => {
      paint(controls[n], 2 * (rated.get(id) ?? 0));
      controls[n].element.querySelector("input").disabled = !isKnown;
    });
  }

  function hear({ ratings, problem }) {
    if (ratings) {
      isKnown = true;
      rated.clear();
      ratings.forEach(([film, stars]) => rated.set(film, stars));
    }
    pending = Math.max(0, pending - 1);
    if (pending > 0) return; // what is shown now is newer
    show();
    const n = films.filter(({ id }) => rated.has(id)).length;
    status.textContent = problem
      || `${n} of ${films.length} films rated. Kept in me.json beside this notebook, nowhere else.`;
  }

  const half = Math.ceil(controls.length / 2);
  el.classList.add("course-widget", "rate-films");
  el.append(
    html("h4", {}, "How did you like these films?"),
    html("p", { class: "course-faint" },
      "Leave at “not seen” what you do not know. With the keyboard: Tab, then the arrow keys."),
    html("div", { class: "films" },
      sliders(...controls.slice(0, half)), sliders(...controls.slice(half))),
    status,
  );
  show();
  status.textContent = "Run this cell to see your ratings.";
  kernel.say({}, () => {});
  return kernel.end;
}
