"""What refreshes itself stays under the finger and under the keyboard of who works in it."""

import re

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, Response, expect
from pytest_django.live_server_helper import LiveServer

from core.models import Job
from loyalty.operations.proving import KIND
from tests.browser.conftest import Open
from tests.loyalty.people import sign_in_staff
from tests.loyalty.two_programs import make_staffed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def jobs(live_server: LiveServer, open_screen: Open) -> Page:
    """The list of jobs, with two that run, as somebody of finance has it open."""
    own = make_staffed("own")
    for done in (3, 4):
        Job.objects.create(kind=KIND, program=own.program, state=Job.State.RUNNING, steps_done=done, steps_total=10)
    cookie = sign_in_staff(Client(), own.staff("finance")).cookies[settings.SESSION_COOKIE_NAME].value
    screen = open_screen(language="en", desk=True)
    screen.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    screen.visit(f"{live_server.url}/office/core/job/")
    return screen.page


def refresh(answer: Response) -> bool:
    """Whether the page asked for it by itself."""
    return answer.request.headers.get("hx-request") == "true"


def swapped(page: Page) -> None:
    """Wait until the list is another than the one that stands there now."""
    page.evaluate("document.querySelector('#jobs').old = true")
    page.wait_for_function("!document.querySelector('#jobs').old")


def test_a_link_that_is_pressed_while_the_list_refreshes_itself_is_followed(jobs: Page) -> None:
    link = jobs.locator("#jobs tbody th a").first
    link.hover()
    jobs.mouse.down()
    with jobs.expect_response(refresh) as asked:
        pass
    asked.value.finished()
    jobs.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")  # htmx had its turn
    jobs.mouse.up()
    expect(jobs).to_have_url(re.compile(r"/office/core/job/\d+/change/"))


def test_a_list_refreshes_itself_again_once_it_was_let_go(jobs: Page) -> None:
    jobs.locator("#jobs").hover()
    jobs.mouse.down()
    with jobs.expect_response(refresh):
        pass
    Job.objects.update(steps_done=7)
    jobs.mouse.up()
    expect(jobs.locator("#jobs progress").first).to_have_attribute("value", "7")


def test_the_keyboard_keeps_its_place_when_the_list_refreshes_itself(jobs: Page) -> None:
    link = jobs.locator("#jobs tbody th a").last
    link.focus()
    for _time in range(2):
        swapped(jobs)
        expect(link).to_be_focused()
