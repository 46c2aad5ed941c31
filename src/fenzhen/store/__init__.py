"""The only door to the service database: SQLite by default, PostgreSQL by address."""

from fenzhen.store.assignees import AssigneeChange, AssigneeState
from fenzhen.store.device_alerts import (
    ALERT_OUTCOMES,
    AlertDay,
    AlertFilter,
    AlertOutcome,
    AlertState,
    DeviceAlert,
    DeviceTicket,
)
from fenzhen.store.feedback import Feedback, FeedbackOutcome, StoredFeedback, Verdict
from fenzhen.store.idempotency import Turn
from fenzhen.store.keys import SCOPES, KeyRecord, NewKey, new_key_text, sha256_of
from fenzhen.store.labels import AppliedValue, LastWord
from fenzhen.store.ledger import Action, LedgerEntry
from fenzhen.store.modes import Mode, ModeChange, ModeRow, Modes
from fenzhen.store.outcomes import DONE, Outcome, OutcomeCounts, OutcomeName, StoredOutcome
from fenzhen.store.predictions import PredictedField, Prediction, StoredPrediction
from fenzhen.store.retention import Purged
from fenzhen.store.revisions import Revisions
from fenzhen.store.risk import CHANGES, LEVELS, RiskScore, TrendPoint
from fenzhen.store.risk_runs import RiskRun, StoredRun
from fenzhen.store.risk_store import ListedScore
from fenzhen.store.store import Store, look_into, open_store
from fenzhen.store.ticket_events import EVENTS, TicketEvent
from fenzhen.store.unit import Unit

__all__ = [
    "ALERT_OUTCOMES", "CHANGES", "DONE", "EVENTS", "LEVELS", "SCOPES", "Action", "AlertDay", "AlertFilter",
    "AlertOutcome", "AlertState", "AppliedValue", "AssigneeChange", "AssigneeState", "DeviceAlert", "DeviceTicket",
    "Feedback", "FeedbackOutcome", "KeyRecord", "LastWord", "LedgerEntry", "ListedScore", "Mode", "ModeChange",
    "ModeRow", "Modes", "NewKey", "Outcome", "OutcomeCounts", "OutcomeName", "PredictedField", "Prediction", "Purged",
    "Revisions", "RiskRun", "RiskScore", "Store", "StoredFeedback", "StoredOutcome", "StoredPrediction", "StoredRun",
    "TicketEvent", "TrendPoint", "Turn", "Unit", "Verdict", "look_into", "new_key_text", "open_store", "sha256_of",
]
