"""The pages of devices in a real browser: wide and, without JavaScript, narrow.

``FENZHEN_SCREENSHOTS`` names a folder to keep pictures in, for looking at them.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from fenzhen.exports import Exports
from tests.serving.devices_made_up import told
from tests.serving.fitted import publish_fitted
from tests.serving.pages.browser import chromium
from tests.serving.pages.test_churn_browser import NARROW, WIDE, fits, picture
from tests.serving.server import Server, running_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow


DRAWN = """
window.drawn = [];
const write = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
  window.drawn.push(text);
  write.call(this, text, ...place);
};
"""
"""Keeps what is written onto canvases."""


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A browser for all tests of the module."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def server(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:  # noqa: ARG001 - skips first
    """A real server over two scored devices."""
    workspace = tmp_path_factory.mktemp("device-pages")
    publish_fitted(Exports(workspace / ".fenzhen" / "exports"), 1, workspace / "scratch")
    with running_server(workspace) as found:
        told(found.store)
        found.wait_for("/readyz", 200)
        yield found


@pytest.mark.parametrize(("name", "size", "scripts"), [("devices-wide", WIDE, True), ("devices-narrow", NARROW, False)])
def test_an_alert_is_looked_into_and_closed(
    browser: "Browser", server: Server, name: str, size: dict[str, int], scripts: bool,
) -> None:
    context = browser.new_context(base_url=server.url, locale="zh-CN", viewport=size, java_script_enabled=scripts)
    page, asked, said = context.new_page(), [], []
    page.add_init_script(DRAWN)
    page.on("request", lambda each: asked.append(each.url))
    page.on("console", lambda each: said.append(each.text) if each.type == "error" else None)
    page.goto("/app/devices")
    page.get_by_label("密钥").fill(server.store.create_key(["devices"]).text)
    page.get_by_role("button", name="登录").click()
    page.locator("table.accounts tbody tr").first.wait_for()
    assert fits(page)
    picture(page, f"{name}-1-list")
    device, alert = ("D1", "A1") if scripts else ("D2", "A2")
    page.get_by_role("link", name=device, exact=True).click()
    page.get_by_role("heading", name="近期遥测").wait_for()
    if scripts:
        page.locator("#signal-charts canvas").first.wait_for()
        assert "故障" in page.evaluate("window.drawn"), "the failure is after the last reading"
    else:
        assert page.locator("#signals-table").is_visible()
    assert fits(page)
    picture(page, f"{name}-2-device")
    page.get_by_role("radio", name="确认故障").check()
    page.get_by_label("备注").fill("风扇轴承磨损")
    page.get_by_role("button", name="记录并关闭").click()
    page.get_by_text("已记录，预警已关闭。").wait_for()
    found = server.store.alert(alert)
    assert found is not None
    assert (found.outcome, found.note) == ("confirmed", "风扇轴承磨损")
    context.close()
    assert all(url.startswith(f"{server.url}/app/") for url in asked), asked
    assert said == []
