"""Whether a version answers what the workspace asks."""

from collections.abc import Mapping

from fenzhen.errors import TrainingRefused

__all__ = ["require_same_question"]


def require_same_question(model: str, asked: Mapping[str, object], trained: Mapping[str, object]) -> None:
    """Raise ``TrainingRefused`` for the first of the ``asked`` settings that the version was ``trained`` otherwise for.

    >>> require_same_question("churn", {"horizon_days": 30}, {"horizon_days": 30, "label": "silence"})
    >>> require_same_question("churn", {"horizon_days": 30}, {"horizon_days": 45})
    Traceback (most recent call last):
        ...
    fenzhen.errors.TrainingRefused: churn: got a version trained for horizon_days = 45, expected 30 as the workspace
    says; train again
    """
    for name, expected in asked.items():
        if trained[name] != expected:
            raise TrainingRefused(f"{model}: got a version trained for {name} = {trained[name]!r}, expected "
                                  f"{expected!r} as the workspace says; train again")
