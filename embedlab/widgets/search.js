// EmojiSearch: a search box whose tower runs here, and what shared letters find beside it.

export default { render };

const SHOWN = 10;

function render({ model, el }) {
  const states = model.get("states");
  const search = searcher(states, model.get("codes"), model.get("small"));
  const text = () => model.get("choice")?.text ?? states.examples[0];
  const choose = (text) => model.set("choice", { text });

  const input = html("input", {
    type: "search", "aria-label": "Search for an emoji", placeholder: "Type a word …",
    autocomplete: "off", spellcheck: "false", ...keepKeys,
  });
  input.addEventListener("input", () => choose(input.value));
  const examples = states.examples.map((word) => {
    const button = html("button", { type: "button", ...keepKeys }, word);
    button.addEventListener("click", () => choose(word));
    return button;
  });
  const pieces = html("p", { class: "pieces" });
  const tower = ranking("The tower", "cosine of the vectors", states);
  const letters = ranking("Shared letters", "TF-IDF of the trigrams", states);
  const status = html("p", { class: "status", role: "status" });

  function show() {
    const query = text();
    if (input.value !== query) input.value = query; // or the caret would jump
    const { trigrams, known, cosines, shared } = search(query);
    examples.forEach((button, n) =>
      button.setAttribute("aria-pressed", states.examples[n] === query));
    pieces.replaceChildren(...trigrams.map((trigram, n) => html(
      "span", known[n] ? {} : { class: "unknown", title: "in no emoji's text" }, trigram)));
    const found = known.some(Boolean);
    tower.show(found ? best(cosines, -Infinity) : []);
    letters.show(best(shared, 0));
    status.textContent = sentence(query, trigrams, found, cosines, states);
  }

  el.classList.add("course-widget", "emoji-search");
  el.append(
    html("h4", {}, `Search ${states.names.length.toLocaleString("en")} emoji`),
    input,
    html("p", { class: "examples" }, html("span", { class: "course-faint" }, "Try"), ...examples),
    pieces,
    html("div", { class: "rankings" }, tower.element, letters.element),
    status,
    saveButton(model, ["states", "codes", "small", "choice"], "emoji-search"),
  );
  show();
  model.on("change:choice", show);
  return () => model.off("change:choice", show);
}

function sentence(query, trigrams, found, cosines, { names }) {
  if (trigrams.length === 0) return "Type a word of the letters a to z.";
  if (!found) {
    return `No letter trigram of “${query.trim()}” occurs in the emoji's texts, so the tower has `
      + "nothing to go by. Try another spelling or another word.";
  }
  const [first] = best(cosines, -Infinity);
  return `Nearest to “${query.trim()}”: ${names[first.document]}, cosine ${readable(first.score)}.`;
}

const readable = (score) => score.toFixed(2).replace("-", "−");

// The documents with the highest scores above a limit, the first of equal ones first.
function best(scores, limit) {
  return Array.from(scores, (score, document) => ({ score, document }))
    .filter(({ score }) => score > limit)
    .sort((one, other) => other.score - one.score || one.document - other.document)
    .slice(0, SHOWN);
}

// Ten rows that stay where they are while their contents change.
function ranking(title, measure, { characters, names, keywords }) {
  const rows = Array.from({ length: SHOWN }, () => {
    const [emoji, name, words, bar, number] = ["emoji", "name", "words", "bar", "number"].map(
      (part) => html("span", { class: part }));
    const row = html("li", {}, emoji, html("span", { class: "what" }, name, words), bar, number);
    return { row, emoji, name, words, bar, number };
  });
  return {
    element: html(
      "section", {},
      html("h4", {}, title, html("span", { class: "course-faint" }, ` · ${measure}`)),
      html("ol", { "aria-label": title }, ...rows.map(({ row }) => row)),
    ),
    show(found) {
      rows.forEach(({ row, emoji, name, words, bar, number }, place) => {
        row.classList.toggle("hidden", place >= found.length);
        if (place >= found.length) return;
        const { document, score } = found[place];
        emoji.textContent = characters[document];
        name.textContent = names[document];
        words.textContent = keywords[document];
        row.title = keywords[document];
        bar.style.setProperty("--share", Math.max(0, score));
        number.textContent = readable(score);
      });
    },
  };
}

// ---- the search itself -------------------------------------------------------------------------

// As embedlab.data.emoji.clean_text.
function cleaned(text) {
  return text.normalize("NFKD").replace(/['’]/g, "").toLowerCase().replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9]+/g, " ").trim();
}

function trigramsOf(text) {
  return text.split(" ").filter(Boolean).flatMap((word) => {
    const marked = `#${word}#`;
    return Array.from({ length: word.length }, (_, i) => marked.slice(i, i + 3));
  });
}

// Returns search(text): its trigrams, which of them are known, and two scores per document.
function searcher({ names, keywords, trigrams, sizes, reaches }, codes, small) {
  const [nTrigrams, nHidden, d] = sizes;
  const place = new Map(
    Array.from({ length: nTrigrams }, (_, i) => [trigrams.slice(3 * i, 3 * i + 3), i]));
  const bytes = new Int8Array(codes.buffer, codes.byteOffset, codes.byteLength);
  const shorts = int16s(small);
  let read = 0;
  const next = (name, length) => {
    const part = shorts.subarray(read, read += length);
    return Float64Array.from(part, (code) => code * (reaches[name] / 32767));
  };
  const scales = next("scales", nTrigrams);
  const weights = next("weights", nTrigrams);
  const b1 = next("b1", nHidden);
  const W2 = next("W2", nHidden * d);
  const b2 = next("b2", d);

  // {trigram's place: weighted share}, of length 1.
  function row(all) {
    const x = new Map();
    for (const trigram of all) {
      const i = place.get(trigram);
      if (i !== undefined) x.set(i, (x.get(i) ?? 0) + weights[i]);
    }
    const length = Math.hypot(...x.values()) || 1;
    x.forEach((value, i) => x.set(i, value / length));
    return x;
  }

  function vector(x) {
    const hidden = Float64Array.from(b1);
    x.forEach((value, i) => {
      const scaled = value * scales[i];
      for (let h = 0; h < nHidden; h += 1) hidden[h] += scaled * bytes[i * nHidden + h];
    });
    const y = Float64Array.from(b2);
    hidden.forEach((value, h) => {
      const active = Math.tanh(value);
      for (let j = 0; j < d; j += 1) y[j] += active * W2[h * d + j];
    });
    const length = Math.hypot(...y) || 1;
    return y.map((value) => value / length);
  }

  const rows = names.map((name, n) => row(trigramsOf(`${name} ${keywords[n]}`)));
  const vectors = rows.map(vector);

  return (text) => {
    const all = trigramsOf(cleaned(text));
    const x = row(all);
    const y = vector(x);
    return {
      trigrams: all,
      known: all.map((trigram) => place.has(trigram)),
      cosines: vectors.map((other) => other.reduce((sum, value, j) => sum + value * y[j], 0)),
      shared: rows.map((other) => {
        let sum = 0;
        x.forEach((value, i) => {
          sum += value * (other.get(i) ?? 0);
        });
        return sum;
      }),
    };
  };
}
