"""A command line for a tool's ``run`` function."""

import argparse
import inspect
from collections.abc import Callable
from pathlib import Path


def main(run: Callable[..., None]) -> None:
    """Call a tool's function with the options of the command line.

    Each keyword of the function becomes an option of the same name, dashes for
    underscores: a `bool` becomes a flag, a `Path | None` may be left out, everything
    else must be given.

    Parameters
    ----------
    run : callable
        Function with annotated keyword-only arguments.
    """
    parser = argparse.ArgumentParser(description=inspect.getdoc(run))
    for name, keyword in inspect.signature(run).parameters.items():
        option = f"--{name.replace('_', '-')}"
        kind = keyword.annotation
        if kind is bool:
            parser.add_argument(option, action="store_true")
        elif kind == Path | None:
            parser.add_argument(option, type=Path)
        else:
            parser.add_argument(option, type=kind, required=True)
    run(**vars(parser.parse_args()))
