// What families with a canvas share: all else follows the theme by itself, its pixels do not.

// Colours of colours.css by name, as text, as the theme has them now.
function themeColours(...names) {
  const probe = html("div", { class: "course-widget" }); // a view may not be in the page yet
  document.body.append(probe);
  const style = getComputedStyle(probe);
  const colours = names.map((name) => style.getPropertyValue(name).trim());
  probe.remove();
  return colours;
}

// Calls redraw() whenever the theme has changed; returns a function that ends that.
function followTheme(redraw) {
  const watch = new MutationObserver(redraw);
  watch.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  return () => watch.disconnect();
}
