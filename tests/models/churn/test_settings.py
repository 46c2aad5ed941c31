"""The settings of churn are checked with the words of workspace.toml."""

import pytest

from fenzhen.errors import WorkspaceError
from models.churn.meanings import ACTIONS
from models.churn.settings import ChurnSettings


def test_actions_are_for_codes_of_reasons_and_for_the_workspaces_own_columns() -> None:
    actions = {**ACTIONS, "customer_tier": "上门", "contract_kind": "改签", "seats": "扩容"}
    found = ChurnSettings.from_dict("churn", {
        "customer_context": ["contract_kind"], "customer_numbers": ["seats"], "actions": actions})
    assert found.actions == actions


def test_an_action_for_an_unknown_reason_is_refused_with_those_there_are() -> None:
    message = r"\[models.churn.actions\]: got ticket_reopened, expected only silence, .*, tickets_reopened, .*, seats$"
    with pytest.raises(WorkspaceError, match=message):
        ChurnSettings.from_dict("churn", {"customer_numbers": ["seats"], "actions": {"ticket_reopened": "回访"}})
