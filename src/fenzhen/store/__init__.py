"""The only door to the service database: SQLite by default, PostgreSQL by address."""

from fenzhen.store.assignees import AssigneeChange, AssigneeState
from fenzhen.store.feedback import Feedback, FeedbackOutcome, StoredFeedback, Verdict
from fenzhen.store.idempotency import Turn
from fenzhen.store.keys import SCOPES, KeyRecord, NewKey, new_key_text, sha256_of
from fenzhen.store.labels import AppliedValue, LastWord
from fenzhen.store.ledger import Action, LedgerEntry
from fenzhen.store.modes import Mode, ModeChange, ModeRow, Modes
from fenzhen.store.predictions import PredictedField, Prediction, StoredPrediction
from fenzhen.store.retention import Purged
from fenzhen.store.revisions import Revisions
from fenzhen.store.store import Store, open_store
from fenzhen.store.ticket_events import EVENTS, TicketEvent
from fenzhen.store.unit import Unit

__all__ = [
    "EVENTS", "SCOPES", "Action", "AppliedValue", "AssigneeChange", "AssigneeState", "Feedback", "FeedbackOutcome",
    "KeyRecord", "LastWord", "LedgerEntry", "Mode", "ModeChange", "ModeRow", "Modes", "NewKey", "PredictedField",
    "Prediction", "Purged", "Revisions", "Store", "StoredFeedback", "StoredPrediction", "TicketEvent", "Turn",
    "Unit", "Verdict", "new_key_text", "open_store", "sha256_of",
]
