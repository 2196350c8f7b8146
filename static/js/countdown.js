// Counts down the seconds of every [data-seconds], in words of m:ss and in the bar beside it. The server knows the time:
// what it sends anew begins anew.
"use strict";
setInterval(() => {
  for (const clock of document.querySelectorAll("[data-seconds]")) {
    const left = Math.max(Number(clock.dataset.seconds) - 1, 0);
    clock.dataset.seconds = left;
    clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    const bar = clock.closest(".countdown").querySelector("progress");
    bar.value = left;
  }
}, 1000);
