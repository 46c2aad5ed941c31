"""Sessions: opaque, eight hours, no longer than their key."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from fenzhen.store import Store, sessions


def test_a_session_stands_for_its_key(store: Store) -> None:
    key = store.create_key(["triage"], owner="王经理").record
    opaque = store.open_session(key.id)
    assert store.session(opaque) == key
    assert store.session("made up") is None


def test_an_ended_session_is_over(store: Store) -> None:
    opaque = store.open_session(store.create_key(["triage"]).record.id)
    store.end_session(opaque)
    store.end_session(opaque)
    assert store.session(opaque) is None


def test_a_session_ends_with_its_key(store: Store) -> None:
    key = store.create_key(["triage"]).record
    opaque = store.open_session(key.id)
    store.revoke_key(key.id)
    assert store.session(opaque) is None


def test_a_session_lasts_eight_hours(store: Store) -> None:
    key, now = store.create_key(["triage"]).record, datetime.now(UTC)
    with store.writing() as connection:
        opaque = sessions.open_session(connection, key.id, now)
        assert sessions.session(connection, opaque, now + timedelta(hours=8, microseconds=-1)) == key
        assert sessions.session(connection, opaque, now + timedelta(hours=8)) is None


def test_the_id_of_a_session_is_not_kept(store: Store) -> None:
    opaque = store.open_session(store.create_key(["triage"]).record.id)
    with store.reading() as connection:
        assert opaque not in str(connection.execute(text("SELECT * FROM sessions")).all())
