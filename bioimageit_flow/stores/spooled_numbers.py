"""Numbers of many jobs that need no memory: kept in a file without a name.

The sums of a few million numbers are easy; their median, and the sum of those that are
not there twice, need all of them.
"""

from bioimageit_flow.stores.scratch_database import ScratchDatabase

_TABLES = """
CREATE TABLE numbers (series TEXT, value REAL);
CREATE TABLE sizes (
    series TEXT, key TEXT, size INTEGER, PRIMARY KEY (series, key)
) WITHOUT ROWID;
"""
_MIDDLE = """
SELECT avg(value) FROM (
    SELECT value FROM numbers WHERE series = ? ORDER BY value
    LIMIT 2 - (SELECT count(*) FROM numbers WHERE series = ?) % 2
    OFFSET ((SELECT count(*) FROM numbers WHERE series = ?) - 1) / 2
)
"""


class SpooledNumbers:
    """Series of numbers, and of sizes by key, by the names of the series.

    Raises
    ------
    OSError
        From every method, if the file cannot be written or read.
    """

    def __init__(self) -> None:
        self._database = ScratchDatabase(_TABLES)

    def add(self, series: str, value: float) -> None:
        """Append a number to a series."""
        self._database.execute("INSERT INTO numbers VALUES (?, ?)", (series, value))

    def median(self, series: str) -> float:
        """Return the number in the middle of a series; 0 if it has none."""
        row = self._database.execute(_MIDDLE, (series,) * 3).fetchone()
        return float(row[0] or 0.0)

    def put(self, series: str, key: str, size: int) -> None:
        """Keep the size of a key; once, however often it comes."""
        query = "INSERT OR IGNORE INTO sizes VALUES (?, ?, ?)"
        self._database.execute(query, (series, key, size))

    def sum_of_sizes(self, series: str) -> int:
        """Return the sum of the sizes of a series, each key once."""
        query = "SELECT coalesce(sum(size), 0) FROM sizes WHERE series = ?"
        return int(self._database.execute(query, (series,)).fetchone()[0])
