"""How the browser tests look at a page: rules of accessibility, nothing refused or broken, a picture to look at."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page

from loyalty.embedded.places import var_folder

SHOTS = var_folder() / "shots"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOUR = ["color-contrast", "link-in-text-block"]  # all that another theme can break
PHONE = (360, 780)
DESK = (1280, 900)
# Violations, less those of a rule inside of a place that is excused from it.
JUDGE = """async ([rules, excused]) => {
    const found = await axe.run(document, {resultTypes: ["violations"], runOnly: rules});
    const fine = (rule, target) => excused.some(([id, place]) =>
        id === rule && document.querySelector(target.flat().at(-1))?.closest(place));
    return found.violations.flatMap(({id, nodes}) => nodes.filter(({target}) => !fine(id, target))
        .map(({target, html, failureSummary}) => `${id}: ${target} ${html.slice(0, 200)} ${failureSummary}`));
}"""
# What stands out to a side where no scrolling leads to it.
WIDE = """() => {
    const page = document.documentElement;
    const width = page.clientWidth;
    if (page.scrollWidth <= width) return [];
    const out = [...document.body.querySelectorAll("*")].filter((one) => {
        const box = one.getBoundingClientRect();
        return box.width > 1 && (box.right > width + 1 || box.left < -1);
    });
    return [`${page.scrollWidth} > ${width}`, ...out.slice(-3).map((one) => one.outerHTML.slice(0, 160))];
}"""

type Excused = list[tuple[str, str]]


@dataclass
class Screen:
    """A person's browser window. Whatever a page breaks is noted in ``complaints``."""

    context: BrowserContext
    page: Page
    language: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Listen to what the browser complains about, violations of the content security policy among it."""
        self.context.on("console", self.hear)
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def hear(self, line: ConsoleMessage) -> None:
        """Note an error; an answer that a test asks for (404, 403) is no error of the page."""
        if line.type == "error" and "Failed to load resource" not in line.text:
            self.complaints.append(line.text)

    def visit(self, url: str) -> int:
        """Open an address; the status of the answer."""
        self.complaints.clear()
        answer = self.page.goto(url)
        assert answer
        return answer.status

    def follow(self, link: Locator) -> None:
        """Press a link, and wait until all of the page behind it is there."""
        with self.page.expect_navigation():
            link.click()

    def look(self, what: str, *, excused: Excused | None = None, rules: list[str] = WCAG) -> None:
        """Judge the page as it stands, and keep a picture of all of it under ``var/shots/``."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.wait_for_load_state("load")
        picture = Path(SHOTS, f"{what}-{self.name()}.jpg")  # drawn in half the time of a PNG
        self.page.screenshot(path=picture, full_page=True, type="jpeg", quality=85)
        found = [*self.broken(rules, excused or []), *self.too_wide(), *self.complaints]
        assert not found, "\n".join([f"{what}-{self.name()} at {self.page.url}", *found])

    def look_around(self, what: str, *, excused: Excused | None = None, night: tuple[int, int] = PHONE) -> None:
        """Look on a phone and on a desk, and where it is mostly used by night too; leave it on a phone by day."""
        for size in (DESK, PHONE):
            self.page.set_viewport_size({"width": size[0], "height": size[1]})
            if size == night:
                self.page.emulate_media(color_scheme="dark")
                self.look(what, excused=excused, rules=COLOUR)
                self.page.emulate_media(color_scheme="light")
            self.look(what, excused=excused)

    def broken(self, rules: list[str], excused: Excused) -> list[str]:
        """The rules of accessibility that the page breaks, and where."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(Axe().axe_script)
        found: list[str] = self.page.evaluate(JUDGE, [rules, excused])
        return found

    def too_wide(self) -> list[str]:
        """By how much the page can be scrolled sideways, and what sticks out."""
        found: list[str] = self.page.evaluate(WIDE)
        return found

    def name(self) -> str:
        """Width, language and theme, as they are now."""
        size = self.page.viewport_size
        dark = self.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        return f"{size['width'] if size else 0}-{self.language}-{'dark' if dark else 'light'}"

    def words(self, selector: str = "main") -> str:
        """What there is to read, in one line."""
        return re.sub(r"\s+", " ", self.page.locator(selector).inner_text()).strip()

    def says(self, hook: str) -> Any:
        """The elements with a ``data-test`` hook."""
        return self.page.locator(f'[data-test="{hook}"]')
