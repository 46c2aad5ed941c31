"""The account managers' pages in a real browser: wide and narrow, light and dark, with and without JavaScript.

``FENZHEN_SCREENSHOTS`` names a folder to keep pictures in, for looking at them.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fenzhen.exports import Exports
from tests.serving.accounts_made_up import told
from tests.serving.fitted import publish_fitted
from tests.serving.pages.browser import chromium
from tests.serving.server import Server, running_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 390, "height": 844}
BROWSERS = {
    "churn-wide": {"viewport": WIDE},
    "churn-narrow": {"viewport": NARROW, "has_touch": True, "is_mobile": True},
    "churn-plain": {"viewport": WIDE, "java_script_enabled": False},
    "churn-dark": {"viewport": WIDE, "color_scheme": "dark"},
}


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A browser for all tests of the module."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def server(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:  # noqa: ARG001 - skips first
    """A real server over customers that have been scored twice."""
    workspace = tmp_path_factory.mktemp("churn-pages")
    publish_fitted(Exports(workspace / ".fenzhen" / "exports"), 1, workspace / "scratch")
    with running_server(workspace) as found:
        told(found.store)
        found.wait_for("/readyz", 200)
        yield found


@pytest.fixture
def page(browser: "Browser", server: Server, request: pytest.FixtureRequest) -> Iterator["Page"]:
    """A signed-in account manager's tab; fails if it asked for anything from outside or broke its own policy."""
    options: dict[str, Any] = {"locale": "zh-CN", "viewport": WIDE, **getattr(request, "param", {})}
    context = browser.new_context(base_url=server.url, **options)
    found = context.new_page()
    asked: list[str] = []
    told_by: list[str] = []
    found.on("request", lambda each: asked.append(each.url))
    found.on("console", lambda each: told_by.append(each.text) if each.type == "error" else None)
    found.on("pageerror", lambda each: told_by.append(str(each)))
    found.goto("/app/churn")
    found.get_by_label("密钥").fill(server.store.create_key(["churn"], owner="王芳").text)
    found.get_by_role("button", name="登录").click()
    found.wait_for_url("**/app/churn")
    yield found
    context.close()
    assert all(url.startswith(f"{server.url}/app/") for url in asked), asked
    assert told_by == []


def picture(page: "Page", name: str) -> None:
    if folder := os.environ.get("FENZHEN_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def fits(page: "Page") -> bool:
    """Return whether nothing sticks out to the right."""
    size = page.viewport_size
    assert size is not None
    page.wait_for_load_state()
    boxes = [each.bounding_box() for each in page.locator("main *:visible").element_handles()]
    return all(box is None or box["x"] + box["width"] <= size["width"] + 1 for box in boxes)


@pytest.mark.parametrize("page", list(BROWSERS.values()), ids=list(BROWSERS), indirect=True)
def test_an_account_is_found_looked_into_and_followed_up(
    page: "Page", server: Server, request: pytest.FixtureRequest,
) -> None:
    name = request.node.callspec.id
    assert page.get_by_role("heading", name="本周变化").is_visible()
    assert page.locator("table.accounts tbody tr").count() == 3
    assert fits(page)
    picture(page, f"{name}-1-list")
    page.get_by_placeholder("客户名称或编号").fill("精密")
    page.get_by_role("button", name="筛选").click()
    page.locator("table.accounts tbody tr").get_by_role("link", name="华东精密机械有限公司").click()
    page.get_by_role("heading", name="华东精密机械有限公司").wait_for()
    if "plain" in name:
        assert page.locator("#trend-table").is_visible()
    else:
        page.locator("#chart canvas").wait_for()
        assert not page.locator("#trend-table").is_visible()
    assert fits(page)
    picture(page, f"{name}-2-account")
    page.get_by_role("radio", name="稍后提醒").check()
    page.get_by_label("提醒日期").fill("2099-01-31")
    page.get_by_label("备注").fill(f"由 {name} 记录")
    page.get_by_role("button", name="记录").click()
    page.get_by_text(f"由 {name} 记录").wait_for()
    assert page.get_by_text("已记录。").is_visible()
    said = server.store.outcomes_of("churn", "C1")[0].said
    assert (said.outcome, said.actor, said.note) == ("snoozed", "王芳", f"由 {name} 记录")
    picture(page, f"{name}-3-recorded")


def test_the_day_of_a_reminder_is_asked_for_only_with_a_snooze(page: "Page") -> None:
    page.goto("/app/account?id=C1")
    assert not page.get_by_label("提醒日期").is_visible()
    page.get_by_role("radio", name="稍后提醒").check()
    assert page.get_by_label("提醒日期").is_visible()
