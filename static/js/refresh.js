// What refreshes itself leaves alone who works in it. It waits while something in it is pressed, since a link that is
// replaced between press and release is not followed, and it gives the keyboard back its place.
"use strict";
(() => {
  const CLICK = 400; // milliseconds: a click comes a moment after the finger is lifted
  const MARKS = ["id", "href", "name", "value", "aria-label"];
  const waiting = new Set();
  let pressed = null;
  let lifting = 0;
  let focused = null;

  const alike = (one, other) =>
    one.textContent === other.textContent && MARKS.every((mark) => one.getAttribute(mark) === other.getAttribute(mark));

  const release = () => {
    pressed = null;
    for (const element of waiting) htmx.trigger(element, "released");
    waiting.clear();
  };

  addEventListener("pointerdown", (event) => {
    clearTimeout(lifting);
    pressed = event.target;
  }, true);
  for (const end of ["pointerup", "pointercancel"]) {
    addEventListener(end, () => {
      clearTimeout(lifting);
      lifting = setTimeout(release, CLICK);
    }, true);
  }

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.elt !== detail.target) return;
    if (pressed && detail.target.contains(pressed)) {
      waiting.add(detail.elt);
      detail.shouldSwap = false;
    } else if (detail.target.contains(document.activeElement)) {
      focused = document.activeElement;
    }
  });
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (focused && !focused.isConnected) {
      const now = document.getElementById(detail.target.id)?.querySelectorAll(focused.tagName) ?? [];
      [...now].find((one) => alike(one, focused))?.focus({ preventScroll: true });
    }
    focused = null;
  });
})();
