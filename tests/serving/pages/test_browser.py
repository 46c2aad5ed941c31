"""The pages in a real browser, before a real server: wide and narrow, with and without JavaScript.

``FENZHEN_SCREENSHOTS`` names a folder to keep pictures in, for looking at them.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fenzhen.exports import Exports
from tests.serving.fitted import publish_fitted
from tests.serving.pages.browser import chromium
from tests.serving.server import Server, running_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 390, "height": 844}
SUBJECT = "打印机卡纸了😀"
BODY = "三楼的打印机每打两页就卡纸,重启过了没用。\n<script>document.title='broken'</script>\nمرحبا"


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A browser for all tests of the module."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def server(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:  # noqa: ARG001 - skips first
    """A real server with a fitted champion."""
    workspace = tmp_path_factory.mktemp("pages")
    publish_fitted(Exports(workspace / ".fenzhen" / "exports"), 1, workspace / "scratch")
    with running_server(workspace) as found:
        found.wait_for("/readyz", 200)
        yield found


@pytest.fixture
def page(browser: "Browser", server: Server, request: pytest.FixtureRequest) -> Iterator["Page"]:
    """A tab of its own; fails if it asked for anything from outside or broke its own policy."""
    options: dict[str, Any] = {"locale": "zh-CN", "viewport": WIDE, **getattr(request, "param", {})}
    context = browser.new_context(base_url=server.url, **options)
    found = context.new_page()
    asked: list[str] = []
    told: list[str] = []
    found.on("request", lambda each: asked.append(each.url))
    found.on("console", lambda each: told.append(each.text) if each.type == "error" else None)
    yield found
    context.close()
    assert asked
    assert all(url.startswith(f"{server.url}/app/") for url in asked), asked
    assert [each for each in told if "Content Security Policy" in each or "404" in each] == []


def picture(page: "Page", name: str) -> None:
    if folder := os.environ.get("FENZHEN_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def sign_in(page: "Page", server: Server) -> None:
    page.goto("/app/triage")
    page.get_by_label("密钥").fill(server.key)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/app/triage")


def classify(page: "Page", subject: str = SUBJECT, body: str = BODY) -> None:
    page.get_by_label("标题").fill(subject)
    page.get_by_label("问题描述").fill(body)
    page.get_by_role("button", name="归类").click()


def fits(page: "Page") -> bool:
    """Return whether nothing sticks out to the right."""
    size = page.viewport_size
    assert size is not None
    page.wait_for_load_state()
    boxes = [each.bounding_box() for each in page.locator("main *:visible").element_handles()]
    return all(box is None or box["x"] + box["width"] <= size["width"] + 1 for box in boxes)


BROWSERS = {
    "wide": {"viewport": WIDE},
    "narrow": {"viewport": NARROW, "has_touch": True, "is_mobile": True},
    "wide-plain": {"viewport": WIDE, "java_script_enabled": False},
    "narrow-plain": {"viewport": NARROW, "java_script_enabled": False},
    "dark": {"viewport": WIDE, "color_scheme": "dark"},
}


@pytest.mark.parametrize("page", list(BROWSERS.values()), ids=list(BROWSERS), indirect=True)
def test_a_ticket_is_pasted_classified_and_corrected(
    page: "Page", server: Server, request: pytest.FixtureRequest,
) -> None:
    name = request.node.callspec.id
    page.goto("/app/triage")
    picture(page, f"{name}-1-sign-in")
    sign_in(page, server)
    picture(page, f"{name}-2-empty")
    classify(page)
    assert page.locator("article .value strong").inner_text() == "硬件故障"
    assert "卡纸" in "".join(page.locator("mark").all_inner_texts())
    assert page.locator("article .body").inner_text() == BODY
    assert page.title() == "工单归类 · 分诊"
    assert fits(page)
    picture(page, f"{name}-3-answer")
    page.get_by_label("选择正确的取值").select_option("网络问题")
    page.get_by_role("button", name="改正").click()
    page.get_by_text("已改正为：网络问题").wait_for()
    prediction_id = page.locator("input[name=prediction_id]").get_attribute("value")
    found = server.store.feedback_of(str(prediction_id))
    assert [(each.verdict, each.value) for each in found] == [("corrected", "网络问题")]
    assert "卡纸" in "".join(page.locator("mark").all_inner_texts())
    picture(page, f"{name}-4-corrected")


@pytest.mark.parametrize("page", [{"viewport": NARROW}], ids=["narrow"], indirect=True)
def test_a_long_ticket_in_one_word_fits_a_phone(page: "Page", server: Server) -> None:
    sign_in(page, server)
    classify(page, "卡" * 2000, "打印机卡纸" + "x" * 20_000)
    assert fits(page)
    picture(page, "narrow-5-long")


def test_the_keyboard_alone_is_enough_and_english_is_kept(page: "Page", server: Server) -> None:
    sign_in(page, server)
    page.get_by_role("link", name="English").click()
    page.get_by_label("Subject").fill(SUBJECT)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="✓ Right").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Confirmed: 硬件故障").wait_for()
    picture(page, "wide-6-english")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Key").wait_for()
    page.goto("/app/triage")
    assert "sign-in" in page.url


def test_the_session_is_out_of_reach_of_scripts(page: "Page", server: Server) -> None:
    sign_in(page, server)
    assert "session" not in str(page.evaluate("document.cookie"))
    kept = {each["name"]: each for each in page.context.cookies()}["fenzhen_session"]
    assert (kept["httpOnly"], kept["sameSite"], kept["path"]) == (True, "Strict", "/app")


def test_a_wrong_key_is_told(page: "Page", server: Server) -> None:
    page.goto("/app/sign-in")
    page.get_by_label("密钥").fill(f"{server.key}x")
    page.get_by_role("button", name="登录").click()
    page.get_by_role("alert").wait_for()
    picture(page, "wide-7-wrong-key")
