"""The study of an experiment: ``study.yaml`` in its folder."""

from pathlib import Path

from pydantic import ValidationError

from bioimageit_flow.errors import DataError, FlowError
from bioimageit_flow.model.study import (
    STUDY_FILE,
    TEMPLATE,
    Gap,
    Study,
    study_gaps,
)
from bioimageit_flow.model.yaml_text import read_yaml
from bioimageit_flow.stores.person import Person, read_person, write_person

__all__ = [
    "STUDY_FILE",
    "TEMPLATE",
    "Gap",
    "Person",
    "Study",
    "read_person",
    "read_study",
    "study_gaps",
    "write_person",
]


def read_study(folder: Path, file: Path | None = None) -> Study:
    """Return what is said of a study; an empty one where nothing is.

    Parameters
    ----------
    folder : Path
        Of the experiment, where ``study.yaml`` lies.
    file : Path, optional
        Another file that says it.

    Raises
    ------
    DataError
        If it cannot be read, or says what no study has; names the field.
    """
    path = file or folder / STUDY_FILE
    if file is None and not path.exists():
        return Study.model_validate({})
    try:
        return Study.model_validate(read_yaml(path.read_text(encoding="utf-8")) or {})
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{path} cannot be read ({error}).", remedy="Check the path."
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise DataError(
            f"{path}: {place}: {first['msg']}.",
            remedy="`bioimageit-flow export bia --template` prints one to begin with.",
        ) from error
    except (FlowError, ValueError) as error:
        raise DataError(f"{path} is no YAML: {error}") from error
