"""What must hold between the rows of a store, one query for each rule.

The schema and its triggers keep most of it; these rules find what a broken disk, a
restored copy, another program or a fault of this one did nevertheless.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, CursorResult

from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.stores.dialects import Dialect, dialect_of

REPORT = "Put back a copy of the store; if it was never copied, please report this."

_MANY = 20
"""So many cases of one rule are named, and the others counted."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes
    ----------
    code : str
        A stable word for programs.
    text : str
        A sentence with a place for each column of what the query finds.
    query : str
        Finds what breaks the rule.
    """

    code: str
    text: str
    query: str
    fix: str = REPORT

    def broken(self, connection: Connection) -> Iterator[Problem]:
        """Go through what breaks the rule; many cases are summed up."""
        query = dialect_of(connection).statement(self.query)
        rows = _plain(connection, query).fetchmany(_MANY + 1)
        for row in rows[:_MANY]:
            text = self.text.format(*row)
            yield Problem(self.code, Severity.ERROR, text, fix=self.fix)
        if len(rows) > _MANY:
            whole = f"SELECT count(*) FROM ({query}) AS broken"
            count = _plain(connection, whole).scalar_one() - _MANY
            text = f"The same ({self.code}) holds for {count} more."
            yield Problem(self.code, Severity.ERROR, text, fix=self.fix)


def _plain(connection: Connection, statement: str) -> CursorResult[Any]:
    """Run a statement in which ``%`` is a sign like others."""
    options = {"no_parameters": True}
    return connection.exec_driver_sql(statement, execution_options=options)


def rules(dialect: Dialect) -> tuple[Rule, ...]:
    """Return every rule, as a database is asked for it."""
    return (
        *_RULES,
        Rule(
            "annotation-value",
            "The annotation {1} of item {0} is not sorted as its value.",
            dialect.unsorted_annotations,
        ),
        Rule(
            "exclusion-history",
            "The exclusion of item {0} is not what was last recorded of it.",
            "WITH last AS (SELECT c.item_id, c.new FROM item_changes c JOIN "
            "(SELECT max(id) AS id FROM item_changes WHERE aspect = 'excluded' "
            "GROUP BY item_id) m ON m.id = c.id) "
            "SELECT i.uuid FROM last l JOIN items i ON i.id = l.item_id "
            "LEFT JOIN exclusions e ON e.item_id = l.item_id "
            f"WHERE e.reason IS DISTINCT FROM {dialect.json_text('l.new')} "
            "UNION SELECT i.uuid FROM exclusions e JOIN items i ON i.id = e.item_id "
            "WHERE NOT EXISTS (SELECT 1 FROM last l WHERE l.item_id = e.item_id)",
        ),
    )


_RULES = (
    Rule(
        "item-origin",
        "Item {0} ({1}) has not one origin: it must be imported, or made by one job.",
        "SELECT uuid, name FROM items WHERE (job_id IS NULL) = (source IS NULL)",
    ),
    Rule(
        "item-dataset",
        "Item {0} ({1}) is in the dataset {2}, which is not that of its origin.",
        "SELECT i.uuid, i.name, d.name FROM items i "
        "LEFT JOIN datasets d ON d.id = i.dataset_id "
        "LEFT JOIN jobs j ON j.id = i.job_id "
        "WHERE d.id IS NULL OR d.run_id IS DISTINCT FROM j.run_id "
        "OR d.node IS DISTINCT FROM j.node",
    ),
    Rule(
        "item-location",
        "Item {0} ({1}) was published at {2}, where another content lies.",
        "SELECT i.uuid, i.name, l.path FROM items i "
        "JOIN locations l ON l.id = i.location_id WHERE l.content_id <> i.content_id",
    ),
    Rule(
        "content-place",
        "The content {0} of item {1} never had a place.",
        "SELECT c.sha256, i.name FROM items i JOIN contents c ON c.id = i.content_id "
        "WHERE NOT EXISTS (SELECT 1 FROM locations l WHERE l.content_id = c.id)",
    ),
    Rule(
        "place-taken-twice",
        "Two contents are said to lie at {0}.",
        "SELECT path FROM locations WHERE state = 'present' "
        "GROUP BY path HAVING count(*) > 1",
        "Run `bioimageit-flow check EXPERIMENT --content` to see which one it is.",
    ),
    Rule(
        "results-of-failure",
        "Job {0} of node {1} is {2} and has results.",
        "SELECT DISTINCT j.uuid, j.node, j.state FROM jobs j "
        "JOIN items i ON i.job_id = j.id WHERE j.state NOT IN ('done', 'reused')",
    ),
    Rule(
        "reuse",
        "Job {0} of node {1} is {2}, which does not fit what it was reused from.",
        "SELECT j.uuid, j.node, j.state FROM jobs j "
        "LEFT JOIN jobs o ON o.id = j.reused_from "
        "LEFT JOIN records r ON r.run_id = j.run_id AND r.n = j.record_n "
        "AND r.body LIKE '%\"shared\":{%' "
        "WHERE (j.state = 'reused') <> (o.id IS NOT NULL OR r.n IS NOT NULL) "
        "OR o.state NOT IN ('done', 'reused') OR o.id >= j.id "
        "OR (j.declared_in IS NOT NULL AND j.state <> 'reused')",
    ),
    Rule(
        "edge-run",
        "Job {0} of node {1} has an edge execution over {2}, an edge of another run or "
        "node.",
        "SELECT j.uuid, j.node, e.edge FROM edge_executions x "
        "JOIN jobs j ON j.id = x.job_id JOIN edges e ON e.id = x.edge_id "
        "WHERE e.run_id <> j.run_id "
        "OR e.edge NOT LIKE '%-> ' || j.node || '.' || e.port",
    ),
    Rule(
        "edge-order",
        "The edge executions of job {0} of node {1} are not numbered from 0 on.",
        "SELECT j.uuid, j.node FROM edge_executions x JOIN jobs j ON j.id = x.job_id "
        "GROUP BY j.id HAVING min(x.n) <> 0 OR max(x.n) <> count(*) - 1",
    ),
    Rule(
        "edge-time",
        "Job {0} of node {1} consumed item {2}, which was made later.",
        "SELECT j.uuid, j.node, i.uuid FROM edge_executions x "
        "JOIN items i ON i.id = x.item_id JOIN jobs j ON j.id = x.job_id "
        "WHERE i.job_id >= x.job_id",
    ),
    Rule(
        "superseded",
        "Job {0} of node {1} is said to be superseded by a job that cannot take its "
        "place.",
        "SELECT j.uuid, j.node FROM jobs j JOIN jobs k ON k.id = j.superseded_by "
        "WHERE k.run_id <> j.run_id OR k.node <> j.node OR k.id <= j.id "
        "OR k.attempt <> j.attempt + 1",
    ),
    Rule(
        "attempt",
        "Job {0} of node {1} is attempt {2}, and does not supersede the one before.",
        "SELECT k.uuid, k.node, k.attempt FROM jobs k WHERE k.attempt <> 1 AND "
        "NOT EXISTS (SELECT 1 FROM jobs j WHERE j.superseded_by = k.id)",
    ),
    Rule(
        "run-end",
        "Run {0} is {1}, which does not fit the time at which it ended.",
        "SELECT uuid, state FROM runs WHERE (state = 'running') <> (ended IS NULL)",
    ),
    Rule(
        "annotation-history",
        "The annotation {1} of item {0} is not what was last recorded of it.",
        "WITH last AS (SELECT c.item_id, c.key, c.new FROM item_changes c JOIN "
        "(SELECT max(id) AS id FROM item_changes WHERE aspect = 'annotation' "
        "GROUP BY item_id, key) m ON m.id = c.id) "
        "SELECT i.uuid, l.key FROM last l JOIN items i ON i.id = l.item_id "
        "LEFT JOIN annotations a ON a.item_id = l.item_id AND a.key = l.key "
        "WHERE a.value IS DISTINCT FROM l.new",
    ),
)
