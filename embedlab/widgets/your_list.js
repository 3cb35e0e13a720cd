// YourList: ten films for you, beside those of the lecture before. Both come in a message.

export default { render };

function render({ model, el }) {
  const content = html("div", {}, html("p", {}, "Run this cell to see your list."));
  const kernel = conversation(model, (told) => content.replaceChildren(...shown(told)));
  el.classList.add("course-widget", "your-list");
  el.append(content);
  kernel.say({}, () => {});
  return kernel.end;
}

function shown({ example, rated, lectures: [now, before], lists: [films, earlier], problem }) {
  const whose = example
    ? "A list for the course's example person. Rate films in lecture 01, then run this lecture's "
      + "last cells again to see yours."
    : `For you, from ${rated} film${rated === 1 ? "" : "s"} that you rated.`;
  const places = new Map(earlier.map(([film], place) => [film, place]));
  const head = html("tr", {},
    html("th", { scope: "col" }), html("th", { scope: "col" }, `Lecture ${now}`),
    ...(before ? [
      html("th", { scope: "col" }, "moved"), html("th", { scope: "col" }, `Lecture ${before}`),
    ] : []));
  const rows = films.map(([film, title], place) => html("tr", {},
    html("th", { scope: "row" }, `${place + 1}`), html("td", { class: "film" }, title),
    ...(before ? [
      html("td", { class: "moved" }, moved(place, places.get(film))),
      html("td", { class: "earlier" }, earlier[place]?.[1] ?? ""),
    ] : [])));
  return [
    html("h4", {}, example ? "Ten films for the example person" : "Ten films for you"),
    html("p", { class: "course-faint" }, whose),
    html("table", {}, html("thead", {}, head), html("tbody", {}, ...rows)),
    ...(problem ? [html("p", { class: "status" }, problem)] : []),
  ];
}

// How a film's place compares with that in the earlier list.
function moved(place, before) {
  if (before === undefined) return html("b", {}, "new");
  if (before === place) return "same";
  const steps = Math.abs(before - place);
  return before > place
    ? html("span", { "aria-label": `up ${steps}` }, `▲ ${steps}`)
    : html("span", { "aria-label": `down ${steps}` }, `▼ ${steps}`);
}
