"""How the browser tests look at a page: rules of accessibility, nothing refused or broken, a picture to look at."""

from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from loyalty.embedded.places import var_folder

SHOTS = var_folder() / "shots"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE = (360, 780)
DESK = (1280, 900)


@dataclass
class Screen:
    """A person's browser window. Whatever a page breaks is noted in ``complaints``."""

    context: BrowserContext
    page: Page
    name: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Listen to what the browser complains about, violations of the content security policy among it."""
        self.context.on("console", self.hear)
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def hear(self, line: ConsoleMessage) -> None:
        """Note an error; an answer that a test asks for (404, 403) is no error of the page."""
        if line.type == "error" and "Failed to load resource" not in line.text:
            self.complaints.append(line.text)

    def look(self, what: str) -> None:
        """Judge the page as it stands, and keep a picture of all of it under ``var/shots/``."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.wait_for_load_state("load")
        self.page.screenshot(path=Path(SHOTS, f"{what}-{self.name}.png"), full_page=True)
        found = Axe().run(self.page, options={"resultTypes": ["violations"], "runOnly": WCAG}).response
        broken = [f"{rule['id']}: {node['target']} {node['html'][:200]}" for rule in found["violations"]
                  for node in rule["nodes"]]  # fmt: skip
        assert broken == [], f"{what} at {self.page.url}"
        assert self.overflow() == 0, f"{what} can be scrolled sideways"
        assert self.complaints == []

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
