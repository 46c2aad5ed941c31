"""How many events a transaction holds; a module of its own, since commands read it before anything is loaded."""

EVENTS_A_TRANSACTION = 2000
"""Written within a tenth of a second: the service, which writes to the same store, hardly waits for its turn."""
