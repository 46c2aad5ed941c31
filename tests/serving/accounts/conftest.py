"""A desk whose customers have been scored."""

from collections.abc import Iterator

import pytest

from tests.fenzhen.store.conftest import store_url
from tests.serving.accounts_made_up import told
from tests.serving.application import Desk, running_desk

__all__ = ["scored", "store_url"]


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The whole application over made-up scores of five customers, for all tests of a module."""
    with running_desk(tmp_path_factory.mktemp("scored")) as desk:
        told(desk.store)
        yield desk
