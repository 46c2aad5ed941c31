"""``fenzhen train``: train a model and register it as challenger."""

from pathlib import Path

from training.options import AsOf, Model, Promotion, Seed, Workspace


def command(
    model: Model,
    as_of: AsOf = None,
    seed: Seed = 0,
    promote: Promotion = "never",
    workspace: Workspace = Path(),
) -> None:
    """Train MODEL on what was known before --as-of, judge it, register it as challenger and pass it through the gate.

    Exits with 0 whether or not the gate lets it through, and with 1 if there is nothing to learn from.
    """
    from fenzhen.workspace import load_workspace
    from training.actor import os_user
    from training.champions.doors import open_doors, settings_of
    from training.moment import moment_of
    from training.policy import policy_of
    from training.screen import show_outcome, training_progress
    from training.train import Order, train

    loaded = load_workspace(workspace)
    order = Order(model, moment_of(loaded, as_of), seed, promote, actor=os_user())
    with open_doors(settings_of(workspace)) as doors, training_progress(model) as progress:
        outcome = train(loaded, doors, order, progress)
        if outcome.promoted:
            doors.exports.write_policy(policy_of(loaded))
    show_outcome(outcome)
