import pytest

from fenzhen.errors import WorkspaceError
from models.specs import spec_of


def test_ticket_priority_is_of_this_family_and_can_be_a_text_label():
    spec = spec_of("ticket_priority", {"context": ["symptom"], "order": ["P1", "P2"], "costs": [[0, 2], [1, 0]]})
    assert (spec.family, spec.field, spec.label, spec.entity) == ("priority", "priority", "priority", "ticket_id")
    assert spec.settings.costs == ((0.0, 2.0), (1.0, 0.0))
    assert spec_of("ticket_priority", {"family": "text_label"}).family == "text_label"
    assert spec_of("urgency", {"family": "priority", "label": "priority"}).label == "priority"


@pytest.mark.parametrize(("settings", "message"), [
    ({"colour": 1}, "got colour"), ({"order": ["a"]}, "two values"), ({"order": ["a", "a"]}, "two values"),
    ({"order": "a"}, "the most urgent first"), ({"context": [1]}, "list of columns"),
    ({"costs": [[0, 1], [1, 0]]}, "expected order"), ({"order": ["a", "b"], "costs": [[0, -1], [1, 0]]}, "0 or more"),
    ({"review_load": 1.5}, "between 0 and 1"), ({"strength": -1}, "at least 0"), ({"strength": True}, "a number"),
    ({"target_precision_suggest": 0.99}, "at most target_precision_auto"), ({"label": 3}, "text"),
])
def test_wrong_settings_are_refused(settings, message):
    with pytest.raises(WorkspaceError, match=message):
        spec_of("ticket_priority", settings)
