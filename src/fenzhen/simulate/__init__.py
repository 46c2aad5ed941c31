"""A seeded, made-up Chinese after-sales company: a workspace folder for the demo and tests, and fresh tickets."""

from fenzhen.simulate.files import SimulatedWorkspace, simulate_workspace
from fenzhen.simulate.stream import fresh_team, fresh_tickets

__all__ = ["SimulatedWorkspace", "fresh_team", "fresh_tickets", "simulate_workspace"]
