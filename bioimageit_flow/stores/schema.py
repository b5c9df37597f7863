"""Schema version 4 of the SQL store.

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
    UniqueConstraint,
    event,
    func,
    literal_column,
    text,
)

from bioimageit_flow.stores.columns import (
    TEXT_START,
    WHERE,
    Number,
    WholeKey,
    Words,
    index_in,
    say_where,
)
from bioimageit_flow.stores.dialects import dialect_of

metadata = MetaData()
event.listen(metadata, "before_create", say_where)


def _key() -> Column[int]:
    return Column("id", WholeKey, primary_key=True, autoincrement=False)


meta = Table(
    "meta",
    metadata,
    Column("key", Words, primary_key=True),
    Column("value", Words, nullable=False),
)
"""uuid, name, created, schema_version, program_version (that knows this schema); homes
of a store on a server (see `stores.homes`)."""

# Attempts

runs = Table(
    "runs",
    metadata,
    _key(),
    Column("uuid", Words, nullable=False, unique=True),
    Column("name", Words, nullable=False),
    Column("folder", Words, nullable=False, unique=True),
    Column("workflow_id", Words, nullable=False),
    Column("workflow_sha256", Words, nullable=False),
    Column("workflow_text", Words, nullable=False),
    Column("bindings", Words, nullable=False),  # JSON
    Column("machine", Words, nullable=False),  # JSON
    Column("started", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("ended", Words),
    Column("elapsed_s", Float),
)

runtimes = Table(
    "runtimes",
    metadata,
    _key(),
    Column("name", Words, nullable=False),
    Column("identity", Words, nullable=False),
    Column("detail", Words, nullable=False),
    UniqueConstraint("name", "identity", "detail"),
)

fingerprints = Table(
    "fingerprints",
    metadata,
    _key(),
    Column("sha256", Words, nullable=False, unique=True),
    Column("parts", Words, nullable=False),  # JSON
)

jobs = Table(
    "jobs",
    metadata,
    _key(),
    Column("uuid", Words, nullable=False, unique=True),
    Column("run_id", ForeignKey("runs.id"), nullable=False),
    Column("node", Words, nullable=False),
    Column("tool", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("fingerprint_id", ForeignKey("fingerprints.id"), nullable=False),
    Column("runtime_id", ForeignKey("runtimes.id"), nullable=False),
    Column("parameters", Words, nullable=False),  # JSON
    Column("command", Words, nullable=False),  # JSON
    Column("started", Words),
    Column("elapsed_s", Float, nullable=False),
    Column("cpu_s", Float),
    Column("peak_memory", BigInteger),
    Column("exit_code", Integer),
    Column("log", Words, nullable=False),
    Column("cause", Words),
    Column("message", Words, nullable=False),
    Column("reused_from", ForeignKey("jobs.id")),
    Column("record_n", Integer, nullable=False),
    Column("attempt", Integer, nullable=False, server_default="1"),
    Column("superseded_by", ForeignKey("jobs.id")),
    Column("declared_in", ForeignKey("changes.id")),
    Column("units", Words, nullable=False, server_default="{}"),  # JSON
    Index("jobs_by_run", "run_id", "node"),
    Index("jobs_by_fingerprint", "fingerprint_id", "state"),
    Index(
        "jobs_superseded",
        "superseded_by",
        unique=True,
        sqlite_where=text("superseded_by IS NOT NULL"),
        info={WHERE: text("superseded_by IS NOT NULL")},
    ),
)
"""An attempt that a later one of its run took the place of says which; one whose
known result was declared still valid says in which change."""

claims = Table(
    "claims",
    metadata,
    Column("fingerprint", Words, primary_key=True),
    Column("run", Words, nullable=False),
    Column("host", Words, nullable=False),
    Column("boot_id", Words, nullable=False),
    Column("pid", BigInteger, nullable=False),
    Column("process_started", Float, nullable=False),
    Column("claimed", Words, nullable=False),
    Column("renewed", Words, nullable=False),
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
    Column("sha256", Words, nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("is_folder", Boolean(create_constraint=False), nullable=False),
)

locations = Table(
    "locations",
    metadata,
    _key(),
    Column("content_id", ForeignKey("contents.id"), nullable=False),
    Column("path", Words, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("inode", Words, nullable=False),  # 64 bits without sign, or more
    Column("verify_sha256", Words, nullable=False),
    Column("is_referenced", Boolean(create_constraint=False), nullable=False),
    Column("state", Words, nullable=False),
    UniqueConstraint("path", "content_id"),
    Index("locations_by_content", "content_id"),
)

datasets = Table(
    "datasets",
    metadata,
    _key(),
    Column("name", Words, nullable=False, unique=True),
    Column("run_id", ForeignKey("runs.id")),
    Column("node", Words),
    Column("port", Words),
    CheckConstraint("(run_id IS NULL) = (port IS NULL)"),
)
"""Raw datasets have no run."""

items = Table(
    "items",
    metadata,
    _key(),
    Column("uuid", Words, nullable=False, unique=True),
    Column("dataset_id", ForeignKey("datasets.id"), nullable=False),
    Column("content_id", ForeignKey("contents.id"), nullable=False),
    Column("location_id", ForeignKey("locations.id")),  # where it was published
    Column("job_id", ForeignKey("jobs.id")),
    Column("source", Words),
    Column("name", Words, nullable=False),
    Column("selector", Words, nullable=False),
    Column("part", Words, nullable=False),
    Column("info", Words, nullable=False),  # JSON
    Column("first_annotations", Words, nullable=False),  # JSON, as it was made
    Column("kind", Words, nullable=False, server_default=""),
    Column("format", Words, nullable=False, server_default=""),
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
    Column("edge", Words, nullable=False),
    Column("port", Words, nullable=False),
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
    Column("kind", Words, nullable=False),
    Column("body", Words, nullable=False),  # canonical JSON
    Column("previous", Words, nullable=False),
    Column("sha256", Words, nullable=False),
)

# What people decide, as it is now

keys = Table(
    "keys",
    metadata,
    _key(),
    Column("name", Words, nullable=False, unique=True),
    Column("type", Words, nullable=False),
    Column("unit", Words, nullable=False),
    Column("description", Words, nullable=False),
    Column("choices", Words, nullable=False),  # JSON
)
"""Keys that were declared; others may be used too."""

annotations = Table(
    "annotations",
    metadata,
    Column("item_id", ForeignKey("items.id"), primary_key=True),
    Column("key", Words, primary_key=True),
    Column("value", Words, nullable=False),  # JSON
    Column("text", Words),  # where the value is a text
    Column("number", Number),  # where it is a number
    index_in("sqlite", "annotations_by_value", "key", "text", "number"),
    index_in(
        "postgresql",
        "annotations_by_start",
        "key",
        func.left(literal_column('"text"'), literal_column(str(TEXT_START))),
        where=literal_column('"text"').is_not(None),
    ),
    index_in(
        "postgresql",
        "annotations_by_number",
        "key",
        "number",
        where=literal_column('"text"').is_(None),
    ),
    sqlite_with_rowid=False,
)
"""The index serves numbers too: they have no text, so that ``text IS NULL`` leads to
them."""

exclusions = Table(
    "exclusions",
    metadata,
    Column("item_id", ForeignKey("items.id"), primary_key=True),
    Column("reason", Words, nullable=False),
)
"""Items that stay out of runs."""

corrections = Table(
    "corrections",
    metadata,
    Column("item_id", ForeignKey("items.id"), primary_key=True),
    Column("info", Words, nullable=False),  # JSON
)
"""What the header of a file should have said."""

# How it came to be so

changes = Table(
    "changes",
    metadata,
    _key(),
    Column("kind", Words, nullable=False),
    Column("user", Words, nullable=False),
    Column("at", Words, nullable=False),
    Column("note", Words, nullable=False),
    Column("undoes", ForeignKey("changes.id")),
    Column("first_row", WholeKey, nullable=False),
    Column("rows", WholeKey, nullable=False),
    Column("body", Words, nullable=False),  # canonical JSON
    Column("previous", Words, nullable=False),
    Column("sha256", Words, nullable=False),
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
    Column("aspect", Words, nullable=False),
    Column("key", Words, nullable=False),
    Column("old", Words),  # JSON
    Column("new", Words),  # JSON
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
    Column("fingerprint", Words, nullable=False),
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
    dialect = dialect_of(connection)
    for table in FACTS:
        dialect.forbid_changes(connection, table)
