"""Times as texts: ISO 8601 in UTC, to the microsecond."""

from datetime import UTC, datetime

from bioimageit_flow.errors import StoreError


def time_text(moment: datetime) -> str:
    """Return a time as ISO 8601 in UTC, to the microsecond.

    Raises
    ------
    StoreError
        If it does not say its time zone.
    """
    if moment.tzinfo is None:
        raise StoreError(
            f"The time {moment.isoformat()} does not say its time zone.",
            remedy="Give times in UTC.",
        )
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    text = moment.isoformat(timespec="microseconds")
    return text.replace("+00:00", "Z")


def time_value(text: str) -> datetime:
    """Return the time of a text that `time_text` made."""
    return datetime.fromisoformat(text)
