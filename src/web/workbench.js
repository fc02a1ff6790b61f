// Keys, marks and news. Everything works without them.
"use strict";
const boxes = () => [...document.querySelectorAll(".mark-box")];
let lastMarked = null;

function countMarked() {
  const shown = document.querySelector("#marked");
  const count = boxes().filter((box) => box.checked).length;
  if (shown) shown.textContent = count ? `(${count})` : "";
}

// Marks the claim of a row, with `range` every one since the last that was marked.
function mark(row, range) {
  const all = boxes();
  const box = row && row.parentElement.querySelector(".mark-box");
  if (!box) return;
  const [from, to] = [all.indexOf(lastMarked), all.indexOf(box)];
  if (range && from >= 0) {
    all.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((one) => { one.checked = true; });
  } else {
    box.checked = !box.checked;
  }
  lastMarked = box;
  countMarked();
}

document.addEventListener("change", (event) => {
  if (event.target.matches(".mark-box")) {
    lastMarked = event.target;
    countMarked();
  }
});

document.addEventListener("keydown", (event) => {
  const at = document.activeElement;
  const typing = at && /^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName) && at.type !== "checkbox";
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
    const found = document.querySelector(`[data-key="${key}"]`);
    if (found) found.click();
  };
  const step = (by) => {
    const rows = [...document.querySelectorAll("[data-row]")];
    const next = rows[rows.indexOf(at) + by] || (rows.includes(at) ? at : rows[0]);
    if (next) next.focus();
  };
  switch (event.key) {
    case "j": step(1); break;
    case "k": step(-1); break;
    case "x": mark(at, false); break;
    case "X": mark(at, true); break;
    case "b": focus("#bulk-do"); break;
    case "/": focus("#search"); break;
    case "f": focus("[data-fix]"); break;
    case "r": focus("#release"); break;
    case "a": focus("#assign"); break;
    case "c": case "n": case "u": case "z": follow(event.key); break;
  }
});

// Rows never move by themselves: the page says that there is news, and waits.
const news = document.querySelector("#news");
if (news && window.EventSource) {
  const source = new EventSource(news.dataset.live);
  const say = (text, link) => {
    news.replaceChildren(text);
    if (link) {
      const again = document.createElement("a");
      again.href = news.dataset.here;
      again.textContent = link;
      news.append(" ", again);
    }
    news.hidden = false;
  };
  source.addEventListener("news", (event) => {
    const count = Number(event.data);
    if (count > 0) say(`${count} new.`, "Show");
  });
  source.addEventListener("ended", () => {
    source.close();
    say("Your session has ended.", "Sign in again");
  });
  window.addEventListener("pagehide", () => source.close());
}
countMarked();
