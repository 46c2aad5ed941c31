"""Signing in, staying signed in, and no longer."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from fenzhen.store import sessions as stored
from fenzhen.store.engine import make_engine, parse_url, transaction
from serving.access import PAGE, TABLE
from tests.serving.application import Desk, running_desk
from tests.serving.pages.visitor import Visitor, shown

FORMS = [row.path for row in TABLE if row.mark == PAGE and row.method == "POST"]


def test_a_key_signs_in_and_the_cookie_is_out_of_reach_of_scripts_and_other_sites(desk: Desk, visitor: Visitor) -> None:
    answer = visitor.sign_in(desk.key)
    assert (answer.status_code, answer.headers["location"]) == (303, "triage")
    cookie = answer.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=strict", "path=/app", "max-age=28800"))
    assert "secure" not in cookie
    assert desk.key not in cookie
    shown(visitor.get("/app/triage"))


def test_the_cookie_is_for_tls_alone_where_the_browser_speaks_it(desk: Desk, visitor: Visitor) -> None:
    options = {"headers": {"X-Forwarded-Proto": "https"}, "origin": "https://fenzhen"}
    answer = visitor.post("/app/sign-in", {"key": desk.key}, **options)
    assert "; secure" in answer.headers["set-cookie"].lower()


def test_spaces_around_a_pasted_key_do_not_matter(desk: Desk, visitor: Visitor) -> None:
    assert visitor.sign_in(f"  {desk.key}\r\n").status_code == 303


def test_unknown_expired_and_revoked_keys_are_refused_in_the_same_words(desk: Desk, visitor: Visitor) -> None:
    expired = desk.store.create_key(["triage"], expires_at=datetime.now(UTC) - timedelta(seconds=1)).text
    revoked = desk.store.create_key(["triage"])
    desk.store.revoke_key(revoked.record.id)
    pages = {visitor.sign_in(key).text for key in (expired, revoked.text, "fz_unknown", "", "锁" * 5000)}
    assert len(pages) == 1
    assert "密钥不存在、已过期或已停用" in pages.pop()
    assert visitor.cookies == {}
    assert visitor.sign_in("fz_unknown").status_code == 401


def test_a_stranger_is_asked_to_sign_in(visitor: Visitor) -> None:
    assert visitor.get("/app/triage").headers["location"] == "sign-in?next=triage"
    visitor.cookies["fenzhen_session"] = "x" * 43
    assert visitor.get("/app/triage").headers["location"] == "sign-in?next=triage&ended=1"
    assert "登录已失效" in visitor.get("/app/sign-in?next=triage&ended=1").text


def test_a_stranger_cannot_send_forms(visitor: Visitor) -> None:
    for path in ("/app/triage", "/app/feedback"):
        answer = visitor.post(path, {"subject": "打印机卡纸"})
        assert (answer.status_code, answer.headers["location"]) == (303, "sign-in?next=triage")


def test_a_key_in_a_header_opens_no_page(desk: Desk, visitor: Visitor) -> None:
    assert visitor.get("/app/triage", Authorization=f"Bearer {desk.key}").status_code == 303


def test_signing_out_ends_the_session_here_too(desk: Desk, agent: Visitor) -> None:
    kept = dict(agent.cookies)
    assert agent.post("/app/sign-out", {}).headers["location"] == "sign-in"
    assert "fenzhen_session" not in agent.cookies
    assert Visitor(desk, kept).get("/app/triage").status_code == 303


def test_a_session_is_over_after_eight_hours(desk: Desk, agent: Visitor) -> None:
    shown(agent.get("/app/triage"))
    url = f"sqlite:///{desk.worker.config.state_dir}/store.db"
    engine = make_engine(parse_url(url), 5)
    with transaction(engine, writing=True) as connection:
        connection.execute(update(stored.SESSIONS).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    engine.dispose()
    assert agent.get("/app/triage").status_code == 303


def test_a_session_is_over_once_its_key_is_revoked(desk: Desk, visitor: Visitor) -> None:
    made = desk.store.create_key(["triage"])
    visitor.sign_in(made.text)
    shown(visitor.get("/app/triage"))
    desk.store.revoke_key(made.record.id)
    assert visitor.get("/app/triage").status_code == 303


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("origin", [None, "null", "https://elsewhere.example", "http://fenzhen.example", "file://fenzhen"])
def test_a_form_from_elsewhere_is_refused(agent: Visitor, path: str, origin: str | None) -> None:
    assert "已拒绝" in "".join(shown(agent.post(path, {"key": "x", "subject": "x"}, origin=origin), 403).text)
    assert "fenzhen_session" in agent.cookies


def test_a_proxy_may_name_the_host_that_the_browser_sees(desk: Desk, visitor: Visitor) -> None:
    headers = {"X-Forwarded-Host": "help.example"}
    answer = visitor.post("/app/sign-in", {"key": desk.key}, origin="https://help.example", headers=headers)
    assert answer.status_code == 303


@pytest.mark.parametrize("then", ["//elsewhere.example", "https://elsewhere.example", "nothing", "\r\nX: 1"])
def test_signing_in_never_leads_elsewhere(desk: Desk, visitor: Visitor, then: str) -> None:
    assert visitor.post("/app/sign-in", {"key": desk.key, "next": then}).headers["location"] == "triage"


def test_a_key_without_the_scope_sees_no_ticket_page(desk: Desk, visitor: Visitor) -> None:
    visitor.sign_in(desk.store.create_key(["events", "admin"]).text)
    page = shown(visitor.get("/app/triage"), 403)
    assert "此密钥没有本页需要的权限 triage。" in "".join(page.text)
    assert visitor.post("/app/triage", {"subject": "打印机卡纸"}).status_code == 403


def test_signing_in_for_a_page_that_the_key_does_not_open_says_which_scope_it_lacks(
    desk: Desk, visitor: Visitor,
) -> None:
    key = desk.store.create_key(["triage", "feedback"]).text
    assert visitor.post("/app/sign-in", {"key": key, "next": "churn"}).headers["location"] == "churn"
    assert "此密钥没有本页需要的权限 churn。" in "".join(shown(visitor.get("/app/churn"), 403).text)
    assert "lacks the scope churn" in "".join(shown(visitor.get("/app/churn?lang=en"), 403).text)
    churn = desk.store.create_key(["churn"]).text
    assert visitor.post("/app/sign-in", {"key": churn, "next": "triage"}).headers["location"] == "churn"


def test_the_store_being_away_is_told_as_a_page(
    desk: Desk, agent: Visitor, monkeypatch: pytest.MonkeyPatch,
) -> None:
    from fenzhen.errors import StoreBusy

    def away(_: str) -> None:
        raise StoreBusy("locked")

    monkeypatch.setattr(desk.worker.link, "lend", away)
    page = agent.get("/app/triage")
    assert "暂时无法使用" in "".join(shown(page, 503).text)
    assert page.headers["retry-after"]


def test_a_session_may_send_as_fast_as_its_key(tmp_path: Path) -> None:
    with running_desk(tmp_path, FENZHEN_RATE="2") as desk:
        visitor = Visitor(desk)
        visitor.sign_in(desk.key)
        answers = [visitor.get("/app/triage") for _ in range(4)]
    assert answers[0].status_code == 200
    assert "操作过快" in "".join(shown(answers[-1], 429).text)
    assert answers[-1].headers["retry-after"] == "1"
