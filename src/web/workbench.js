// Keys. Everything works without them.
"use strict";
document.addEventListener("keydown", (event) => {
  const at = document.activeElement;
  const typing = at && /^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (typing) {
    if (event.key === "Escape") at.blur();
    return;
  }
  const focus = (selector) => {
    const found = document.querySelector(selector);
    if (!found) return;
    event.preventDefault();
    const folded = found.closest("details");
    if (folded) folded.open = true;
    found.focus();
    if (found.select) found.select();
  };
  const follow = (key) => {
    const link = document.querySelector(`[data-key="${key}"]`);
    if (link) link.click();
  };
  const step = (by) => {
    const rows = [...document.querySelectorAll("[data-row]")];
    const next = rows[rows.indexOf(at) + by] || (rows.includes(at) ? at : rows[0]);
    if (next) next.focus();
  };
  switch (event.key) {
    case "j": step(1); break;
    case "k": step(-1); break;
    case "/": focus("#search"); break;
    case "f": focus("[data-fix]"); break;
    case "r": focus("#release"); break;
    case "a": focus("#assign"); break;
    case "n": follow("n"); break;
    case "u": follow("u"); break;
  }
});
