"""Models by name."""

import pytest

from fenzhen.errors import WorkspaceError
from models.specs import spec_of


@pytest.mark.parametrize("name", ["ticket_category", "ticket_request_type", "ticket_一级分类"])
def test_a_label_column_names_a_model(name: str) -> None:
    assert spec_of(name, {}).name == name


@pytest.mark.parametrize("name", ["", "category", "ticket_", "ticket_a b", "ticket_../x", "Ticket_category", "leaving"])
def test_another_name_is_refused(name: str) -> None:
    with pytest.raises(WorkspaceError, match=r"got the model .*, expected .*ticket_category"):
        spec_of(name, {})
