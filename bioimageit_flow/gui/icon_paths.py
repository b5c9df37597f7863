"""The drawings of the icons: SVG paths on a field of 24 by 24, drawn with a line."""

from types import MappingProxyType
from typing import Final

PATHS: Final = MappingProxyType(
    {
        "new": "M6 3h8l5 5v13H6z M14 3v5h5 M12.5 12v6 M9.5 15h6",
        "open": "M3 19V5h6l2 2.5h8V11 M3 19l3-8h16l-3 8z",
        "save": "M4 4h12.5L20 7.5V20H4z M8 4v5h7V4 M7.5 20v-7h9v7",
        "save-as": (
            "M4 4h12.5L20 7.5V11 M4 4v16h7 M8 4v5h7V4 M14 20l.6-3 5-5 2.4 2.4-5 5z"
        ),
        "close": "M6 6l12 12 M18 6L6 18",
        "play": "F M7 4.5l12 7.5-12 7.5z",
        "pilot": "M5 4.5l10 7.5-10 7.5z M19 5v14",
        "stop": "F M6 6h12v12H6z",
        "pause": "F M7 5h3.5v14H7z M13.5 5H17v14h-3.5z",
        "undo": "M8.5 5L4 9.5 8.5 14 M4.5 9.5H14a5 5 0 0 1 0 10h-3",
        "redo": "M15.5 5L20 9.5 15.5 14 M19.5 9.5H10a5 5 0 0 0 0 10h3",
        "add": "M12 5v14 M5 12h14",
        "remove": "M5 12h14",
        "search": (
            "M10.5 17a6.5 6.5 0 1 1 0-13 6.5 6.5 0 0 1 0 13z M15.5 15.5L20.5 20.5"
        ),
        "star": "M12 3.8l2.5 5.2 5.7.8-4.1 4 1 5.7-5.1-2.7-5.1 2.7 1-5.7-4.1-4 5.7-.8z",
        "star-full": (
            "F M12 3.8l2.5 5.2 5.7.8-4.1 4 1 5.7-5.1-2.7-5.1 2.7 1-5.7-4.1-4 5.7-.8z"
        ),
        "clock": "M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18z M12 7v5.2l3.4 2",
        "toolbox": "M3 8.5h18V19H3z M8.5 8.5V5h7v3.5 M3 13h18 M10 11.5v3 M14 11.5v3",
        "tool": "M4 6h16v12H4z M4 10h16 M1.8 14H4 M20 14h2.2",
        "dataset": (
            "M12 10c4.4 0 8-1.6 8-3.5S16.4 3 12 3 4 4.6 4 6.5 7.6 10 12 10z "
            "M4 6.5v11C4 19.4 7.6 21 12 21s8-1.6 8-3.5v-11 "
            "M4 12c0 1.9 3.6 3.5 8 3.5s8-1.6 8-3.5"
        ),
        "missing": (
            "M4 5h16v14H4z M9.8 10a2.3 2.3 0 1 1 3 2.2c-.6.3-.8.7-.8 1.3 M12 16v.3"
        ),
        "subworkflow": "M3 3h8v7H3z M13 14h8v7h-8z M7 10v7.5h6",
        "note": "M4 4h16v11l-5 5H4z M20 15h-5v5 M8 9h8 M8 13h4",
        "frame": "M4 8V4h4 M16 4h4v4 M20 16v4h-4 M8 20H4v-4",
        "info": "M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18z M12 11v5.5 M12 7.6v.3",
        "warning": "M12 3.5L22 20.5H2z M12 10v5 M12 17.6v.3",
        "error": (
            "M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18z M8.8 8.8l6.4 6.4 M15.2 8.8l-6.4 6.4"
        ),
        "good": "M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18z M7.8 12.3l2.9 2.9 5.6-6",
        "reset": "M5 4v5h5 M5.5 9a7.5 7.5 0 1 1-1 5",
        "help": (
            "M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18z "
            "M9.6 9.6a2.4 2.4 0 1 1 3.3 2.3c-.6.3-.9.8-.9 1.5v.4 M12 16.6v.3"
        ),
        "fit": "M4 9V4h5 M15 4h5v5 M20 15v5h-5 M9 20H4v-5 M9 9h6v6H9z",
        "zoom-in": (
            "M10.5 17a6.5 6.5 0 1 1 0-13 6.5 6.5 0 0 1 0 13z M15.5 15.5L20.5 20.5 "
            "M10.5 7.7v5.6 M7.7 10.5h5.6"
        ),
        "zoom-out": (
            "M10.5 17a6.5 6.5 0 1 1 0-13 6.5 6.5 0 0 1 0 13z M15.5 15.5L20.5 20.5 "
            "M7.7 10.5h5.6"
        ),
        "arrange": "M3 9h5v6H3z M16 3h5v6h-5z M16 15h5v6h-5z M8 12h4 M16 6h-4v12h4",
        "terminal": "M3 4.5h18v15H3z M7 9l3 3-3 3 M12.5 15.5H17",
        "share": ("M12 15V3.5 M8 7l4-3.8L16 7 M8 11H5v10h14V11h-3"),
        "picture": "M3 5h18v14H3z M3 16l5-5 4.5 4.5 3-3L21 17 M15.5 9.4v.2",
        "diff": "M4 4h6v16H4z M14 4h6v16h-6z M6 9h2 M6 13h2 M16 9h2 M16 15h2",
        "settings": (
            "M4 7h9 M17 7h3 M15 9.5a2.5 2.5 0 1 1 0-5 2.5 2.5 0 0 1 0 5z "
            "M4 17h3 M11 17h9 M9 19.5a2.5 2.5 0 1 1 0-5 2.5 2.5 0 0 1 0 5z"
        ),
        "keyboard": ("M2 6h20v12H2z M6 10h.2 M10 10h.2 M14 10h.2 M18 10h.2 M7 14.5h10"),
        "outline": "M4 5h4v4H4z M12 7h8 M6 9v9h3 M9 16h4v4H9z M16 18h4",
        "history": "M4 4v5h5 M4.6 9A8.2 8.2 0 1 1 4 13.5 M12 8v4.4l3 1.9",
        "problems": "M12 3.5L22 20.5H2z M12 10v5 M12 17.6v.3",
        "parameters": (
            "M4 7h9 M17 7h3 M15 9.5a2.5 2.5 0 1 1 0-5 2.5 2.5 0 0 1 0 5z "
            "M4 17h3 M11 17h9 M9 19.5a2.5 2.5 0 1 1 0-5 2.5 2.5 0 0 1 0 5z"
        ),
        "constant": "M7 5v14 M17 5v14 M4 9h16 M4 15h16",
        "annotation": "M3 4h9l9 9-8 8-9-9z M8 8.6v.2",
        "sweep": "M3 18h4v-4h5v-4h5V6h4",
        "more": "M6 12h.3 M12 12h.3 M18 12h.3",
        "down": "M6 9.5l6 6 6-6",
        "right": "M9.5 6l6 6-6 6",
        "copy": "M8 8h12v12H8z M5 16H4V4h12v1",
        "lock": "M5 11h14v9H5z M8 11V7.5a4 4 0 0 1 8 0V11",
        "book": "M4 5c3-1 6-1 8 1v14c-2-2-5-2-8-1z M20 5c-3-1-6-1-8 1v14c2-2 5-2 8-1z",
        "external": "M14 4h6v6 M20 4l-9 9 M10 6H4v14h14v-6",
        "float": "M10 4h10v10 M4 10h10v10H4z",
        "upgrade": "M12 20V5 M6 11l6-6 6 6",
        "home": "M3.5 11.5L12 4l8.5 7.5 M6 9.5V20h12V9.5",
        "grid": "M4 4h7v7H4z M13 4h7v7h-7z M4 13h7v7H4z M13 13h7v7h-7z",
        "run": "M7 4.5v15l12-7.5z",
        "trash": "M4 7h16 M9 7V4h6v3 M6 7l1 13h10l1-13 M10 11v5 M14 11v5",
        "wire": "M3 18c7 0 10-12 18-12",
        "check": "M5 12.5l4.5 4.5L19 7.5",
        "up": "M6 14.5l6-6 6 6",
    }
)
"""By name; ``F`` at the beginning fills the shape as well."""
