"""Keys: random, hashed, with scopes, an owner and an end; the first one is made once."""

import multiprocessing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from fenzhen.errors import StoreError
from fenzhen.store import SCOPES, NewKey, Store, new_key_text, open_store, sha256_of

FORK = multiprocessing.get_context("fork")
NOW = datetime.now(UTC)


def test_a_key_is_found_by_its_hash_with_all_that_was_said_of_it(store: Store) -> None:
    made = store.create_key(["triage", "feedback"], owner="王经理", name="工单系统", expires_at=NOW + timedelta(days=9))
    assert store.key(sha256_of(made.text)) == made.record
    assert made.record.has("triage")
    assert not made.record.has("admin")
    assert store.keys() == [made.record]
    assert store.key(sha256_of("fz_wrong")) is None


def test_the_text_of_a_key_is_kept_nowhere(store: Store) -> None:
    made = store.create_key(["admin"])
    with store.reading() as connection:
        kept = str(connection.execute(text("SELECT * FROM keys")).all())
    assert made.text not in kept
    assert made.text not in repr(made)
    assert made.text.removeprefix("fz_") not in kept


def test_keys_are_long_and_never_the_same() -> None:
    texts = {new_key_text() for _ in range(1000)}
    assert len(texts) == 1000
    assert {len(each) for each in texts} == {3 + 43}


def test_no_scope_implies_another(store: Store) -> None:
    admin = store.create_key(["admin"]).record
    assert [scope for scope in SCOPES if admin.has(scope)] == ["admin"]


@pytest.mark.parametrize(("scopes", "message"), [([], "got no scope"), (["triage", "all"], "got the scope 'all'")])
def test_scopes_that_are_none_are_refused(store: Store, scopes: list[str], message: str) -> None:
    with pytest.raises(StoreError, match=message):
        store.create_key(scopes)
    assert store.keys() == []


def test_a_key_ends_at_its_moment(store: Store) -> None:
    key = store.create_key(["triage"], expires_at=NOW).record
    assert key.usable(NOW - timedelta(microseconds=1))
    assert not key.usable(NOW)


def test_a_revoked_key_is_no_longer_usable_and_is_revoked_once(store: Store) -> None:
    made = store.create_key(["triage"])
    assert store.revoke_key(made.record.id)
    assert not store.revoke_key(made.record.id)
    assert not store.revoke_key("k_nobody")
    found = store.key(sha256_of(made.text))
    assert found is not None
    assert not found.usable(NOW)


def test_each_change_of_keys_advances_their_revision(store: Store) -> None:
    before = store.revisions()
    made = store.create_key(["triage"])
    between = store.revisions()
    store.revoke_key(made.record.id)
    assert before.keys < between.keys < store.revisions().keys
    assert store.revisions().modes == before.modes


def test_a_first_key_is_made_only_where_there_has_never_been_one(store: Store) -> None:
    made = store.first_key(["triage"], name="first")
    assert isinstance(made, NewKey)
    store.revoke_key(made.record.id)
    assert store.first_key(["triage"]) is None
    assert len(store.keys()) == 1


def _make_first(url: str, barrier: Any, made: Any) -> None:
    barrier.wait(30)
    with open_store(url) as store:
        key = store.first_key(["triage", "feedback"])
    made.put(None if key is None else key.text)


def test_of_services_that_start_at_once_on_an_empty_store_one_makes_the_first_key(store_url: str) -> None:
    barrier, made = FORK.Barrier(4), FORK.Queue()
    processes = [FORK.Process(target=_make_first, args=(store_url, barrier, made)) for _ in range(4)]
    for process in processes:
        process.start()
    texts = [made.get(timeout=60) for _ in processes]
    for process in processes:
        process.join(60)
    found = [each for each in texts if each is not None]
    assert len(found) == 1
    with open_store(store_url) as store:
        kept = store.keys()
        assert kept == [store.key(sha256_of(found[0]))]
