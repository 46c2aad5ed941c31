"""Visitors of the pages."""

import pytest

from tests.serving.application import Desk
from tests.serving.pages.visitor import Visitor


@pytest.fixture
def visitor(desk: Desk) -> Visitor:
    """Somebody who is not signed in."""
    return Visitor(desk)


@pytest.fixture
def agent(desk: Desk) -> Visitor:
    """Somebody who is signed in with a key of their own that may see tickets' answers and correct them."""
    found = Visitor(desk)
    assert found.sign_in(desk.store.create_key(["triage", "feedback"]).text).status_code == 303
    return found
