"""Whether some typed letters fit a title."""


def fits_words(text: str, title: str) -> bool:
    """Say whether every word that was typed stands in a title."""
    known = title.casefold()
    return all(word in known for word in text.casefold().split())
