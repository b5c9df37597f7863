"""By what the store of an experiment is known, and which schema this program writes."""

SCHEMA_VERSION = 4

APPLICATION_ID = 0x42494657
"""``BIFW``, in the header of a SQLite file (``PRAGMA application_id``)."""
