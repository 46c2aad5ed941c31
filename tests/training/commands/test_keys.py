"""``fenzhen keys`` as a person at a terminal meets it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from fenzhen.errors import SettingsError, StoreError, WorkspaceError
from fenzhen.settings import read_settings
from fenzhen.store import Store, open_store, sha256_of
from training.commands.keys import app

Keys = Callable[..., Result]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace without tables."""
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "workspace.toml").write_text('time_zone = "Asia/Shanghai"\n')
    return tmp_path


@pytest.fixture
def keys(workspace: Path) -> Keys:
    """Run ``fenzhen keys``."""
    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments, "--workspace", str(workspace)])

    return run


def _store(workspace: Path) -> Store:
    return open_store(read_settings(workspace, {}).store_url)


def test_the_key_alone_is_printed_once(keys: Keys, workspace: Path) -> None:
    result = keys("create", "--scopes", "triage, feedback", "--owner", "王经理", "--name", "工单系统")
    assert result.exit_code == 0
    text = result.stdout.strip()
    with _store(workspace) as store:
        found = store.key(sha256_of(text))
    assert found is not None
    assert (found.scopes, found.owner, found.name) == ({"triage", "feedback"}, "王经理", "工单系统")
    assert text not in keys("list").output
    assert found.id in keys("list").output


@pytest.mark.parametrize(("given", "least", "most"), [("30", 29.9, 30.1), ("2199-01-01", 60_000, 80_000)])
def test_a_key_expires_after_days_or_at_a_date(keys: Keys, workspace: Path, given: str, least: float,
                                               most: float) -> None:
    assert keys("create", "--scopes", "triage", "--expires", given).exit_code == 0
    with _store(workspace) as store:
        expires = store.keys()[0].expires_at
    assert expires is not None
    assert timedelta(days=least) < expires - datetime.now(UTC) < timedelta(days=most)


def test_a_date_is_midnight_in_the_workspaces_time_zone(keys: Keys, workspace: Path) -> None:
    keys("create", "--scopes", "triage", "--expires", "2199-01-01")
    with _store(workspace) as store:
        assert store.keys()[0].expires_at == datetime(2198, 12, 31, 16, tzinfo=UTC)


def test_a_revoked_key_is_listed_as_such(keys: Keys, workspace: Path) -> None:
    keys("create", "--scopes", "admin")
    with _store(workspace) as store:
        key = store.keys()[0].id
    assert "usable" in keys("list").output
    assert keys("revoke", key).exit_code == 0
    assert "revoked" in keys("list").output
    again = keys("revoke", key)
    assert isinstance(again.exception, StoreError)
    assert "expected one that is not revoked: none" in str(again.exception)


@pytest.mark.parametrize(("arguments", "error", "message"), [
    (("--scopes", "everything"), StoreError, "got the scope 'everything'"),
    (("--scopes", " , "), StoreError, "got no scope"),
    (("--scopes", "triage", "--expires", "2020-01-01"), SettingsError, "expected a moment to come"),
    (("--scopes", "triage", "--expires", "0"), SettingsError, "expected a moment to come"),
    (("--scopes", "triage", "--expires", "soon"), WorkspaceError, "soon"),
])
def test_what_makes_no_key_is_refused(keys: Keys, workspace: Path, arguments: tuple[str, ...],
                                      error: type[Exception], message: str) -> None:
    result = keys("create", *arguments)
    assert isinstance(result.exception, error), result.exception
    assert message in str(result.exception)
    with _store(workspace) as store:
        assert store.keys() == []


def test_without_keys_the_list_says_how_to_make_one(keys: Keys) -> None:
    assert "fenzhen keys create" in keys("list").output


def test_a_folder_that_is_no_workspace_is_refused_and_left_alone(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["list", "--workspace", str(tmp_path)])
    assert isinstance(result.exception, WorkspaceError)
    assert list(tmp_path.iterdir()) == []


def test_an_owner_that_no_customer_has_is_warned_of_with_names_near_it(keys: Keys, workspace: Path) -> None:
    nobody = keys("create", "--scopes", "churn", "--owner", "林越")
    assert (nobody.exit_code, "names no owner" in nobody.stderr) == (0, True)
    (workspace / "workspace.toml").write_text('[tables.customers]\npath = "customers.csv"\n')
    (workspace / "customers.csv").write_text("customer_id,owner\nC1,AM01 林越\nC2,AM02 邓可\nC3,\n", "utf-8")
    warned = keys("create", "--scopes", "churn", "--owner", "林越")
    assert warned.exit_code == 0
    assert "warning: no customer of the workspace has the owner '林越'" in warned.stderr
    assert "near it: AM01 林越\n" in warned.stderr
    far = keys("create", "--scopes", "churn", "--owner", "Smith")
    assert "owners are AM01 林越, AM02 邓可" in far.stderr
    assert "warning" not in keys("create", "--scopes", "churn", "--owner", "AM01 林越").stderr
