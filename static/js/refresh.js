// What changes by itself leaves alone who works in it. Where `hx-trigger` says "released", an answer that comes while
// something is pressed waits and is asked for again afterwards, since a link that is replaced between press and release
// is not followed. On a page that is being left nothing changes any more: a new address would stop the leaving. What
// refreshes itself gives the keyboard back its place.
"use strict";
(() => {
  const CLICK = 400; // milliseconds: a click comes a moment after the finger is lifted, if one comes
  const LEAVING = 20_000; // milliseconds: who stays that long has only fetched a file
  const MARKS = ["id", "href", "name", "value", "aria-label"];
  const waiting = new Set();
  let pressed = null;
  let lifting = 0;
  let leaving = false;
  let focused = null;

  const isHeld = (element) => pressed && element.matches('[hx-trigger*="released"]') && element.contains(pressed);
  const alike = (one, other) =>
    one.textContent === other.textContent && MARKS.every((mark) => one.getAttribute(mark) === other.getAttribute(mark));

  const stay = () => {
    leaving = false;
  };
  const leave = () => {
    leaving = true;
    setTimeout(stay, LEAVING);
  };
  const press = (event) => {
    stay();
    clearTimeout(lifting);
    pressed = event.target;
  };
  const click = () => {
    pressed = null;
  };
  const lift = () => {
    clearTimeout(lifting);
    lifting = setTimeout(release, CLICK);
  };
  const release = () => {
    pressed = null;
    if (!leaving) for (const element of waiting) htmx.trigger(element, "released");
    waiting.clear();
  };

  addEventListener("pointerdown", press, true);
  addEventListener("pointerup", lift, true);
  addEventListener("pointercancel", lift, true);
  addEventListener("click", click, true);
  addEventListener("keydown", stay, true);
  addEventListener("beforeunload", leave);

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const asking = detail.requestConfig.elt; // `detail.elt` is where the event happens: the target
    if (leaving) {
      detail.shouldSwap = false;
    } else if (isHeld(asking)) {
      waiting.add(asking);
      detail.shouldSwap = false;
    } else if (asking === detail.target && detail.target.contains(document.activeElement)) {
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
