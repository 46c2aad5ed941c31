"""Clean tables for a BI tool: read these, not the tables beneath, which may change with a version.

Times are UTC (``timestamptz`` on PostgreSQL, ISO 8601 text on SQLite). 0 and 1 stand for no and yes.
"""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.engine import Connection

__all__ = ["VIEWS", "View", "create_views", "drop_views"]


@dataclass(frozen=True, slots=True)
class View:
    """A view: its name, what one of its rows is, and its statement. ``{day}`` cuts a time ``at`` to its day."""

    name: str
    row: str
    statement: str


PREDICTIONS = View(
    "v_predictions", "one field of one answer: its value, how sure the model was and what was decided", """
    SELECT p.seq, p.prediction_id, p.ticket_id, p.at, f.field, f.status, f.value, f.confidence, f.decision,
           f.model, f.version, p.request_id, p.key_id, k.name AS key_name
      FROM predictions p
      JOIN prediction_fields f ON f.prediction_id = p.prediction_id
      LEFT JOIN keys k ON k.id = p.key_id""")

FEEDBACK = View(
    "v_feedback", "the last word of one person on one field of one prediction (earlier ones are in table feedback)", """
    SELECT b.id AS feedback_id, b.prediction_id, b.ticket_id, b.field, b.actor, b.verdict, b.value, b.predicted,
           b.decision, b.model, b.version, b.at,
           CASE WHEN b.value = b.predicted THEN 1 ELSE 0 END AS agrees
      FROM feedback b
     WHERE b.superseded_by IS NULL""")

TICKETS_DECIDED = View(
    "v_tickets_decided", "one field of one ticket: its newest prediction, the newest word on it and what holds now; "
    "outcome is accepted, corrected, rejected, automatic (applied, touched by nobody: no confirmed label) or open", """
    SELECT n.ticket_id, n.field, p.prediction_id, p.at AS predicted_at, f.value AS predicted, f.confidence,
           f.decision, f.model, f.version, b.verdict, b.actor, b.at AS feedback_at,
           CASE WHEN b.id IS NOT NULL THEN b.value WHEN f.decision = 'auto' THEN f.value END AS value,
           CASE WHEN b.verdict IN ('accepted', 'corrected') THEN 1 ELSE 0 END AS confirmed,
           CASE WHEN b.id IS NOT NULL THEN b.verdict
                WHEN f.decision = 'auto' AND f.value IS NOT NULL THEN 'automatic' ELSE 'open' END AS outcome
      FROM (SELECT q.ticket_id, g.field, MAX(q.seq) AS seq
              FROM predictions q JOIN prediction_fields g ON g.prediction_id = q.prediction_id
             WHERE q.ticket_id IS NOT NULL GROUP BY q.ticket_id, g.field) n
      JOIN predictions p ON p.seq = n.seq
      JOIN prediction_fields f ON f.prediction_id = p.prediction_id AND f.field = n.field
      LEFT JOIN (SELECT ticket_id, field, MAX(id) AS id FROM feedback
                  WHERE ticket_id IS NOT NULL GROUP BY ticket_id, field) w
             ON w.ticket_id = n.ticket_id AND w.field = n.field
      LEFT JOIN feedback b ON b.id = w.id""")

QUALITY = View(
    "v_quality_daily", "one day (UTC), field, model version and decision: how many predictions, and what people said "
    "of them", """
    SELECT {day} AS day, f.field, f.model, f.version, f.decision, COUNT(*) AS predictions,
           COUNT(b.id) AS with_feedback,
           SUM(CASE WHEN b.verdict = 'accepted' THEN 1 ELSE 0 END) AS accepted,
           SUM(CASE WHEN b.verdict = 'corrected' THEN 1 ELSE 0 END) AS corrected,
           SUM(CASE WHEN b.verdict = 'rejected' THEN 1 ELSE 0 END) AS rejected
      FROM predictions p
      JOIN prediction_fields f ON f.prediction_id = p.prediction_id
      LEFT JOIN (SELECT prediction_id, field, MAX(id) AS id FROM feedback GROUP BY prediction_id, field) w
             ON w.prediction_id = f.prediction_id AND w.field = f.field
      LEFT JOIN feedback b ON b.id = w.id
     GROUP BY {day}, f.field, f.model, f.version, f.decision""")

TICKET_EVENTS = View(
    "v_ticket_events", "one thing that happened to a ticket", """
    SELECT e.seq, e.ticket_id, e.event, e.at, e.facts ->> 'group' AS group_name,
           e.facts ->> 'assignee_id' AS assignee_id, e.facts ->> 'category' AS category,
           CAST(e.facts ->> 'csat' AS DOUBLE PRECISION) AS csat, e.source, e.received_at
      FROM ticket_events e""")

TICKETS = View(
    "v_tickets", "one ticket as its events tell it: filed, first answered, last resolved and closed, how often "
    "reopened", """
    SELECT p.ticket_id,
           MIN(CASE WHEN p.event = 'created' THEN p.at END) AS created_at,
           MIN(CASE WHEN p.event = 'responded' THEN p.at END) AS first_response_at,
           MAX(CASE WHEN p.event = 'resolved' THEN p.at END) AS resolved_at,
           MAX(CASE WHEN p.event = 'closed' THEN p.at END) AS closed_at,
           SUM(CASE WHEN p.event = 'reopened' THEN 1 ELSE 0 END) AS times_reopened,
           SUM(CASE WHEN p.event = 'assigned' THEN 1 ELSE 0 END) AS times_assigned
      FROM ticket_events p
     GROUP BY p.ticket_id""")

RISK_SCORES = View(
    "v_risk_scores", "one entity (customer, device) of one complete scoring: its risk, its first reason and what "
    "changed; newest is 1 in the newest scoring of its model", """
    SELECT r.model, r.version, r.as_of, r.horizon_days, s.entity, s.component, s.probability, s.risk_level, s.change,
           s.changed_at, s.previous_level, s.reason, s.name, s.owner, s.customer_tier, s.region, s.renewal_at,
           s.value_at_risk, s.currency,
           CASE WHEN r.as_of = (SELECT MAX(n.as_of) FROM risk_runs n
                                 WHERE n.model = r.model AND n.status = 'complete') THEN 1 ELSE 0 END AS newest
      FROM risk_runs r
      JOIN risk_scores s ON s.run_id = r.id
     WHERE r.status = 'complete'""")

OUTCOMES = View(
    "v_outcomes", "one word of one person on what became of an entity at risk; last is 1 for the word that counts", """
    SELECT o.id AS outcome_id, o.model, o.entity, o.component, o.outcome, o.reason, o.note, o.until, o.actor, o.owner,
           o.risk_level, o.as_of, o.at,
           CASE WHEN o.id = (SELECT MAX(l.id) FROM outcomes l WHERE l.model = o.model AND l.entity = o.entity
                                AND l.component = o.component) THEN 1 ELSE 0 END AS last
      FROM outcomes o""")

DEVICE_ALERTS = View(
    "v_device_alerts", "one alert of one component of a device: how likely, what rises with it, how it ended", """
    SELECT a.alert_id, a.model, a.version, a.device_id, a.component, a.state, a.opened_at, a.last_at, a.probability,
           a.peak, a.horizon_days, a.group_name, a.site, a.region, a.batch, a.supplier, a.firmware, a.device_model,
           a.customer_id, a.owner, a.part, a.skill, a.ticket_id, a.ended_at, a.outcome, a.note, a.actor
      FROM device_alerts a""")

VIEWS = (PREDICTIONS, FEEDBACK, TICKETS_DECIDED, QUALITY, TICKET_EVENTS, TICKETS, RISK_SCORES, OUTCOMES, DEVICE_ALERTS)

_DAY = {"sqlite": "substr(p.at, 1, 10)", "postgresql": "to_char(p.at AT TIME ZONE 'UTC', 'YYYY-MM-DD')"}


def drop_views(connection: Connection) -> None:
    """Take the views away, so that the tables beneath can change."""
    for view in reversed(VIEWS):
        connection.execute(text(f"DROP VIEW IF EXISTS {view.name}"))


def create_views(connection: Connection) -> None:
    """Make the views; PostgreSQL keeps what a row is as their comment, SQLite in their statement."""
    for view in VIEWS:
        statement = view.statement.replace("{day}", _DAY[connection.dialect.name])
        connection.execute(text(f"CREATE VIEW {view.name} AS /* {view.row} */ {statement}".replace(":", "\\:")))
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"COMMENT ON VIEW {view.name} IS '{view.row}'".replace(":", "\\:")))
