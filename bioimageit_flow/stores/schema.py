"""Schema version 3 of the SQL store.

Attempts (``runs``, ``jobs``) and facts (``items``, ``edge_executions``, ``records``)
are different tables; content, item and location are different tables. Facts cannot be
changed: triggers refuse it. What people decide (annotations, exclusions, corrections)
is a table of how it is now, beside ``changes`` and ``item_changes``, the facts of how
it came to be so. What runs compute right now stands in ``claims``, and goes when it is
done. Every table has an integer key that counts up in the order of writing; the uuids
that the program knows are unique texts beside it.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import UserDefinedType

SCHEMA_VERSION = 3

APPLICATION_ID = 0x42494657
"""``BIFW``, in the header of a SQLite file (``PRAGMA application_id``)."""

metadata = MetaData()


class Number(UserDefinedType[int | float]):
    """A number as it is: whole or not, compared without loss."""

    cache_ok = True

    def get_col_spec(self, **_options: object) -> str:
        """Return the name of the type."""
        return "NUMERIC"


def _key() -> Column[int]:
    # SQLite counts only a column declared INTEGER PRIMARY KEY.
    return Column("id", Integer, primary_key=True)


meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""uuid, name, created, schema_version, program_version (that knows this schema)."""

# Attempts

runs = Table(
    "runs",
    metadata,
    _key(),
    Column("uuid", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("folder", Text, nullable=False, unique=True),
    Column("workflow_id", Text, nullable=False),
    Column("workflow_sha256", Text, nullable=False),
    Column("workflow_text", Text, nullable=False),
    Column("bindings", Text, nullable=False),  # JSON
    Column("machine", Text, nullable=False),  # JSON
    Column("started", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("ended", Text),
    Column("elapsed_s", Float),
)

runtimes = Table(
    "runtimes",
    metadata,
    _key(),
    Column("name", Text, nullable=False),
    Column("identity", Text, nullable=False),
    Column("detail", Text, nullable=False),
    UniqueConstraint("name", "identity", "detail"),
)

fingerprints = Table(
    "fingerprints",
    metadata,
    _key(),
    Column("sha256", Text, nullable=False, unique=True),
    Column("parts", Text, nullable=False),  # JSON
)

jobs = Table(
    "jobs",
    metadata,
    _key(),
    Column("uuid", Text, nullable=False, unique=True),
    Column("run_id", ForeignKey("runs.id"), nullable=False),
    Column("node", Text, nullable=False),
    Column("tool", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("fingerprint_id", ForeignKey("fingerprints.id"), nullable=False),
    Column("runtime_id", ForeignKey("runtimes.id"), nullable=False),
    Column("parameters", Text, nullable=False),  # JSON
    Column("command", Text, nullable=False),  # JSON
    Column("started", Text),
    Column("elapsed_s", Float, nullable=False),
    Column("cpu_s", Float),
    Column("peak_memory", BigInteger),
    Column("exit_code", Integer),
    Column("log", Text, nullable=False),
    Column("cause", Text),
    Column("message", Text, nullable=False),
    Column("reused_from", ForeignKey("jobs.id")),
    Column("record_n", Integer, nullable=False),
    Column("attempt", Integer, nullable=False, server_default="1"),
    Column("superseded_by", ForeignKey("jobs.id")),
    Column("declared_in", ForeignKey("changes.id")),
    Index("jobs_by_run", "run_id", "node"),
    Index("jobs_by_fingerprint", "fingerprint_id", "state"),
    Index(
        "jobs_superseded",
        "superseded_by",
        unique=True,
        sqlite_where=text("superseded_by IS NOT NULL"),
    ),
)
"""An attempt that a later one of its run took the place of says which; one whose
known result was declared still valid says in which change."""

claims = Table(
    "claims",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("run", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("boot_id", Text, nullable=False),
    Column("pid", BigInteger, nullable=False),
    Column("process_started", Float, nullable=False),
    Column("claimed", Text, nullable=False),
    Column("renewed", Text, nullable=False),
    Index("claims_by_run", "run"),
    sqlite_with_rowid=False,
)
"""Fingerprints that a run computes, so that nobody else does: the sha256, the uuid of
the run, the process that carries it, and when that was last heard of."""

# Content, location, item

contents = Table(
    "contents",
    metadata,
    _key(),
    Column("sha256", Text, nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("is_folder", Boolean(create_constraint=False), nullable=False),
)

locations = Table(
    "locations",
    metadata,
    _key(),
    Column("content_id", ForeignKey("contents.id"), nullable=False),
    Column("path", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("inode", Text, nullable=False),  # 64 bits without sign, or more
    Column("verify_sha256", Text, nullable=False),
    Column("is_referenced", Boolean(create_constraint=False), nullable=False),
    Column("state", Text, nullable=False),
    UniqueConstraint("path", "content_id"),
    Index("locations_by_content", "content_id"),
)

datasets = Table(
    "datasets",
    metadata,
    _key(),
    Column("name", Text, nullable=False, unique=True),
    Column("run_id", ForeignKey("runs.id")),
    Column("node", Text),
    Column("port", Text),
    CheckConstraint("(run_id IS NULL) = (port IS NULL)"),
)
"""Raw datasets have no run."""

items = Table(
    "items",
    metadata,
    _key(),
    Column("uuid", Text, nullable=False, unique=True),
    Column("dataset_id", ForeignKey("datasets.id"), nullable=False),
    Column("content_id", ForeignKey("contents.id"), nullable=False),
    Column("location_id", ForeignKey("locations.id")),  # where it was published
    Column("job_id", ForeignKey("jobs.id")),
    Column("source", Text),
    Column("name", Text, nullable=False),
    Column("selector", Text, nullable=False),
    Column("part", Text, nullable=False),
    Column("info", Text, nullable=False),  # JSON
    Column("first_annotations", Text, nullable=False),  # JSON, as it was made
    Column("kind", Text, nullable=False, server_default=""),
    Column("format", Text, nullable=False, server_default=""),
    CheckConstraint("(job_id IS NULL) <> (source IS NULL)", name="one_origin"),
    Index("items_by_dataset", "dataset_id", "name", "uuid"),
    Index("items_by_name", "name", "uuid"),
    Index("items_by_content", "content_id"),
    Index("items_by_job", "job_id"),
)

# Facts of runs

edges = Table(
    "edges",
    metadata,
    _key(),
    Column("run_id", ForeignKey("runs.id"), nullable=False),
    Column("edge", Text, nullable=False),
    Column("port", Text, nullable=False),
    UniqueConstraint("run_id", "edge", "port"),
)

edge_executions = Table(
    "edge_executions",
    metadata,
    Column("job_id", ForeignKey("jobs.id"), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("edge_id", ForeignKey("edges.id"), nullable=False),
    Column("item_id", ForeignKey("items.id"), nullable=False),
    Index("edge_executions_by_item", "item_id"),
    sqlite_with_rowid=False,
)
"""One item that passed one edge into one job, in the order ``n`` of the job's inputs;
what was produced are the items of the job."""

records = Table(
    "records",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),  # canonical JSON
    Column("previous", Text, nullable=False),
    Column("sha256", Text, nullable=False),
)

# What people decide, as it is now

keys = Table(
    "keys",
    metadata,
    _key(),
    Column("name", Text, nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("choices", Text, nullable=False),  # JSON
)
"""Keys that were declared; others may be used too."""

annotations = Table(
    "annotations",
    metadata,
    Column("item_id", ForeignKey("items.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),  # JSON
    Column("text", Text),  # where the value is a text
    Column("number", Number),  # where it is a number
    Index("annotations_by_value", "key", "text", "number"),
    sqlite_with_rowid=False,
)
"""The index serves numbers too: they have no text, so that ``text IS NULL`` leads to
them."""

exclusions = Table(
    "exclusions",
    metadata,
    Column("item_id", ForeignKey("items.id"), primary_key=True),
    Column("reason", Text, nullable=False),
)
"""Items that stay out of runs."""

corrections = Table(
    "corrections",
    metadata,
    Column("item_id", ForeignKey("items.id"), primary_key=True),
    Column("info", Text, nullable=False),  # JSON
)
"""What the header of a file should have said."""

# How it came to be so

changes = Table(
    "changes",
    metadata,
    _key(),
    Column("kind", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("undoes", ForeignKey("changes.id")),
    Column("first_row", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("body", Text, nullable=False),  # canonical JSON
    Column("previous", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Index("changes_by_undone", "undoes"),
)
"""One act of one person, chained by hashes like the records of a run; its rows in
``item_changes`` are those from ``first_row`` on."""

item_changes = Table(
    "item_changes",
    metadata,
    _key(),
    Column(
        "change_id",
        ForeignKey("changes.id", deferrable=True, initially="DEFERRED"),
        nullable=False,
    ),
    Column("item_id", ForeignKey("items.id"), nullable=False),
    Column("aspect", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("old", Text),  # JSON
    Column("new", Text),  # JSON
    Index("item_changes_by_item", "item_id"),
)

still_valid = Table(
    "still_valid",
    metadata,
    _key(),
    Column(
        "change_id",
        ForeignKey("changes.id", deferrable=True, initially="DEFERRED"),
        nullable=False,
    ),
    Column("fingerprint", Text, nullable=False),
    Column("job_id", ForeignKey("jobs.id"), nullable=False),
    Index("still_valid_by_fingerprint", "fingerprint"),
    Index("still_valid_by_change", "change_id"),
)
"""Fingerprints for which the results of a job with another one were declared valid; no
more so when the change was undone."""

FACTS = (
    contents,
    fingerprints,
    items,
    edges,
    edge_executions,
    records,
    changes,
    item_changes,
    still_valid,
)
"""Tables whose rows are never changed."""


def create_tables(connection: Connection) -> None:
    """Create everything of this schema version in an empty database."""
    metadata.create_all(connection, checkfirst=False)
    for table in FACTS:
        forbid_changes(connection, table)


def forbid_changes(connection: Connection, table: Table) -> None:
    """Make the database refuse to change the rows of a table."""
    for action in ("UPDATE", "DELETE"):
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table.name}_no_{action.lower()} "
            f"BEFORE {action} ON {table.name} BEGIN "
            f"SELECT RAISE(ABORT, 'rows of {table.name} never change'); END"
        )
