"""What the guard refuses under /app is shown as a page, whose addresses lead back to where pages are."""

from urllib.parse import urljoin

import pytest

from serving.access import MEBIBYTE
from tests.serving.application import Desk, problem
from tests.serving.pages.visitor import Visitor, shown


@pytest.mark.parametrize("path", ["/app/nothing", "/app/a/b", "/app/static/a/b"])
def test_a_path_without_a_page_says_so_on_a_page(visitor: Visitor, path: str) -> None:
    response = visitor.get(path)
    page = shown(response, 404)
    assert "没有这个页面" in page.text
    found = {urljoin(path, str(each["href"])).partition("?")[0] for each in page.all("link") + page.all("a")}
    ways = {"/app/static/icon.svg", "/app/static/pages.css", "/app/sign-in"}
    assert ways <= found <= {*ways, path, f"{path}#main"}
    assert response.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_path_is_never_taken_for_another_address(visitor: Visitor) -> None:
    page = shown(visitor.get("/app/javascript:alert(1)"), 404)
    assert not [each for each in page.all("a") if str(each["href"]).startswith("javascript:")]


def test_its_language_is_the_visitor_s(desk: Desk) -> None:
    assert "No such page" in shown(Visitor(desk, language="en").get("/app/nothing"), 404).text


def test_a_form_that_is_too_large_is_a_page_and_is_told_what_to_do(agent: Visitor) -> None:
    page = shown(agent.post("/app/triage", {"body": "x" * (4 * MEBIBYTE)}), 413)
    assert "内容超出了上限，请缩短后再试。" in page.text


def test_a_method_that_a_page_does_not_know_is_a_page_and_names_those_it_knows(visitor: Visitor) -> None:
    response = visitor.post("/app/static/pages.css", {})
    assert "操作不对" in shown(response, 405).text
    assert response.headers["allow"] == "GET, HEAD"


def test_paths_that_only_begin_alike_are_problems(desk: Desk) -> None:
    problem(desk.get("/apple"), 404)
    problem(desk.get("/v1/app/x"), 404)
