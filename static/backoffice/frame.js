// The menu stands beside the page from 1024 px on; Unfold hides it up to 1280, and needs two clicks to show it then.
document.addEventListener("alpine:init", () => {
  const unfolds = window.theme;
  const isWide = () => matchMedia("(width >= 64rem)").matches;
  const isShown = () => isWide() && localStorage.getItem("sidebarOpen") !== "0";
  window.theme = (...options) => {
    const frame = unfolds(...options);
    return Object.assign(frame, {
      sidebarWidth: localStorage.getItem("sidebarWidth") || (innerWidth > 1280 ? 288 : 232),
      sidebarOpen: isShown(),
      sidebarToggle() {
        this.sidebarOpen = !this.sidebarOpen;
        if (isWide()) localStorage.setItem("sidebarOpen", this.sidebarOpen ? "1" : "0");
      },
      themeBindings: {
        ...frame.themeBindings,
        ["x-resize.window"]() {
          this.sidebarOpen = isShown();
        },
      },
    });
  };
});
