"""Which families of models the service knows: those that answer a ticket's fields, and those that others serve."""

TEXT_LABEL = "text_label"
PRIORITY = "priority"
ROUTING = "routing"

FIELDS: frozenset[str] = frozenset({TEXT_LABEL, PRIORITY, ROUTING})
"""Loaded, verified and asked with every ticket, see :mod:`serving.predictor`."""
COHORTS: frozenset[str] = frozenset({"churn", "device_failure"})
"""Scored in batches beforehand; what they found is read from the store, so nothing is loaded."""

PRIORITY_FIELD = "priority"
GROUP_FIELD = "group"
PERSON_FIELD = "assignee"
ROUTING_FIELDS = (PRIORITY_FIELD, GROUP_FIELD, PERSON_FIELD)
"""The fields of ``/v1/route``, whatever models answer them."""
