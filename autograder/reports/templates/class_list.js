// Sorts the class list by a click on a header and filters it by what is typed. Without it, the list
// is a plain table.
const table = document.getElementById("class-list");
const body = table.tBodies[0];
const rows = [...body.rows];
const search = document.getElementById("class-search");
const count = document.getElementById("class-count");

search.closest("p").hidden = false;
search.addEventListener("input", () => {
  const words = search.value.toLowerCase().split(/\s+/);
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
  }
  count.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length}`;
});

function compare(column, numeric) {
  const key = (row) => {
    const text = row.cells[column].textContent.trim();
    return numeric ? text.match(/-?[\d.]+/)?.[0] ?? "" : text;
  };
  return (a, b) => {
    const [first, second] = [key(a), key(b)];
    if (numeric && first !== "" && second !== "") return first - second;
    return numeric ? (first === "") - (second === "") : first.localeCompare(second);
  };
}

[...table.tHead.rows[0].cells].forEach((header, column) => {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...header.childNodes);
  header.append(button);
  button.addEventListener("click", () => {
    const down = header.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
    const order = compare(column, header.classList.contains("number"));
    rows.sort((a, b) => (down ? -1 : 1) * order(a, b));
    body.append(...rows);
  });
});
