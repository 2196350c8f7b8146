"""What refreshes itself stays under the finger and under the keyboard of who works in it."""

import re

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Locator, Page, Response, Route, expect
from pytest_django.live_server_helper import LiveServer

from core.models import Job
from loyalty.operations.proving import KIND
from tests.browser.conftest import Open
from tests.loyalty.people import sign_in_staff
from tests.loyalty.portal import visit
from tests.loyalty.two_programs import make_staffed
from tests.rewards.catalogue import catalogue_world, reward

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


@pytest.fixture
def rewards(live_server: LiveServer, open_screen: Open) -> Page:
    """The rewards, as a member has them open."""
    world = catalogue_world(reward("coffee", "Coffee", points=10), reward("tea", "Tea", points=20))
    cookie = visit(world, world.member("ann")).client.cookies[settings.SESSION_COOKIE_NAME].value
    screen = open_screen(language="en", desk=True)
    screen.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    screen.visit(f"{live_server.url}/p/demo/rewards/")
    return screen.page


def refresh(answer: Response) -> bool:
    """Whether the page asked for it by itself."""
    return answer.request.headers.get("hx-request") == "true"


def swapped(page: Page) -> None:
    """Wait until the list is another than the one that stands there now."""
    page.evaluate("document.querySelector('#jobs').old = true")
    page.wait_for_function("!document.querySelector('#jobs').old")


def had_its_turn(page: Page, answer: Response) -> None:
    """Wait until the page has done with an answer what it does with it."""
    answer.finished()
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")


def test_a_link_that_is_pressed_while_the_list_refreshes_itself_is_followed(jobs: Page) -> None:
    link = jobs.locator("#jobs tbody th a").first
    link.hover()
    jobs.mouse.down()
    with jobs.expect_response(refresh) as asked:
        pass
    had_its_turn(jobs, asked.value)
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


def press_while_a_search_is_answered(page: Page, what: Locator) -> None:
    """Search, and press something before the answer comes, and let it go afterwards."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/rewards/?*q=tea*", hold, times=1)
    with page.expect_request("**/rewards/?*q=tea*"):
        page.locator("#q").fill("tea")
    what.hover()
    page.mouse.down()
    with page.expect_response(refresh) as asked:
        held[0].continue_()
    had_its_turn(page, asked.value)
    page.mouse.up()


def test_a_reward_that_is_pressed_while_a_search_is_answered_is_opened(rewards: Page) -> None:
    press_while_a_search_is_answered(rewards, rewards.locator('h3 a[href$="/coffee/"]'))
    expect(rewards).to_have_url(re.compile(r"/rewards/coffee/$"))


def test_what_was_searched_is_shown_once_the_page_was_let_go(rewards: Page) -> None:
    press_while_a_search_is_answered(rewards, rewards.locator("#found [role=status]"))
    expect(rewards.locator('h3 a[href$="/coffee/"]')).to_have_count(0)
    expect(rewards.locator('h3 a[href$="/tea/"]')).to_be_visible()


def test_a_search_that_is_answered_while_the_page_is_left_does_not_keep_the_visitor(rewards: Page) -> None:
    held: dict[str, Route] = {}

    def hold(route: Route) -> None:
        held[route.request.resource_type] = route

    rewards.route("**/rewards/?*q=tea*", hold)
    rewards.route("**/rewards/coffee/", hold)
    with rewards.expect_request("**/rewards/?*q=tea*"):
        rewards.locator("#q").fill("tea")
    with rewards.expect_request("**/rewards/coffee/"):
        rewards.locator('h3 a[href$="/coffee/"]').click(no_wait_after=True)
    with rewards.expect_response(refresh) as asked:
        held["xhr"].continue_()
    asked.value.finished()
    held["document"].continue_()
    expect(rewards).to_have_url(re.compile(r"/rewards/coffee/$"))
