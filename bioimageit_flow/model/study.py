"""What a study is, as archives of images ask for it: the file ``study.yaml``.

The fields follow REMBI (Sarkans et al., Nature Methods 2021): study, biosample,
specimen, image acquisition, image data, analysed data. Nothing is required to work;
`study_gaps` says what an archive will ask for.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bioimageit_flow.model.naming import STUDY_FILE as STUDY_FILE

STUDY_SCHEMA = "bioimageit-flow/study/1"

_TERM = r"^([A-Za-z]+[:_][A-Za-z0-9]+)?$"
_Text = Annotated[str, StringConstraints(strip_whitespace=True)]


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, defer_build=True
    )


class Term(_Part):
    """A word of an ontology.

    Attributes
    ----------
    name : str
        What people call it.
    term : str
        Its id there, such as ``NCBITaxon:9606`` or ``FBbi:00000246``.
    """

    name: _Text
    term: Annotated[str, StringConstraints(pattern=_TERM)] = ""


class StudyAuthor(_Part):
    """Somebody who made the study."""

    name: _Text
    orcid: str = ""
    email: str = ""
    affiliation: str = ""
    ror: str = ""
    role: str = ""


class Biosample(_Part):
    """What was looked at."""

    organism: tuple[Term, ...] = ()
    biological_entity: str = ""
    description: str = ""
    variables: tuple[str, ...] = ()


class Specimen(_Part):
    """How it was made ready."""

    preparation: str = ""
    growth: str = ""


class Acquisition(_Part):
    """How the images were taken."""

    method: tuple[Term, ...] = ()
    instrument: str = ""
    parameters: str = ""


class Study(_Part):
    """A study; see ``bioimageit-flow export bia --template``.

    Attributes
    ----------
    crate_after_run : bool
        Whether the experiment is made a crate again after each run, in the background.
    """

    schema_: Literal["bioimageit-flow/study/1"] = Field(
        "bioimageit-flow/study/1", alias="schema"
    )
    title: _Text = ""
    description: _Text = ""
    keywords: tuple[str, ...] = ()
    licence: str = ""
    release_date: str = ""
    authors: tuple[StudyAuthor, ...] = ()
    funding: str = ""
    publications: tuple[str, ...] = ()
    crate_after_run: bool = False
    biosample: Biosample = Biosample()
    specimen: Specimen = Specimen()
    acquisition: Acquisition = Acquisition()


class Gap(BaseModel):
    """Something an archive will ask for.

    Attributes
    ----------
    asked_by : tuple of str
        Which archives ask for it.
    is_required : bool
        Whether they refuse without it.
    fix : str
        What to write, and where.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    field: str
    text: str
    asked_by: tuple[str, ...]
    is_required: bool
    fix: str


_BIA, _ZENODO = "BioImage Archive", "Zenodo"
_BOTH = (_BIA, _ZENODO)
_ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")
_BIA_LICENCES = ("CC0-1.0", "CC-BY-4.0")
_SHORTEST = {"title": 25, "description": 25}


def study_gaps(study: Study) -> Iterator[Gap]:
    """Go through what archives will ask for and a study does not say."""
    for name, least in _SHORTEST.items():
        value = str(getattr(study, name))
        if len(value) < least:
            yield Gap(
                field=name,
                text=f"The {name} is missing."
                if not value
                else f"The {name} has {len(value)} characters.",
                asked_by=_BOTH,
                is_required=True,
                fix=f"Write '{name}: ...' with {least} characters or more.",
            )
    yield from _licence_gaps(study)
    yield from _author_gaps(study)
    yield from _rembi_gaps(study)


def _gap(field: str, text: str, fix: str, *asked: str, required: bool = True) -> Gap:
    return Gap(
        field=field,
        text=text,
        asked_by=asked or _BOTH,
        is_required=required,
        fix=fix,
    )


def _licence_gaps(study: Study) -> Iterator[Gap]:
    if not study.licence:
        yield _gap(
            "licence",
            "There is no licence of the data.",
            "Write 'licence: CC0-1.0' or 'licence: CC-BY-4.0'.",
        )
    elif study.licence not in _BIA_LICENCES:
        yield _gap(
            "licence",
            f"The BioImage Archive takes {' or '.join(_BIA_LICENCES)}, "
            f"not {study.licence}.",
            "Choose one of them, or another archive.",
            _BIA,
        )
    if not study.keywords:
        yield _gap(
            "keywords",
            "There are no keywords.",
            "Write 'keywords: [...]'.",
            required=False,
        )
    if not study.funding:
        yield _gap(
            "funding",
            "Nobody is said to have funded it.",
            "Write 'funding: ...' with the number of the grant.",
            required=False,
        )


def _author_gaps(study: Study) -> Iterator[Gap]:
    if not study.authors:
        yield _gap(
            "authors",
            "There are no authors.",
            "Write 'authors: [{name: ..., orcid: ..., email: ..., affiliation: ...}]'.",
        )
    for author in study.authors:
        if not author.orcid:
            yield _gap(
                "authors.orcid",
                f"{author.name} has no ORCID.",
                "Write 'orcid: 0000-...' (https://orcid.org).",
                required=False,
            )
        elif not is_orcid(author.orcid):
            yield _gap(
                "authors.orcid",
                f"{author.orcid!r} of {author.name} is no ORCID.",
                "Copy it from https://orcid.org.",
            )
        if not author.affiliation:
            yield _gap(
                "authors.affiliation",
                f"{author.name} has no affiliation.",
                "Write 'affiliation: ...' and 'ror: https://ror.org/...'.",
                _BIA,
            )
    if study.authors and not any(author.email for author in study.authors):
        yield _gap(
            "authors.email",
            "No author can be written to.",
            "Write 'email: ...' for at least one.",
            _BIA,
        )


def _rembi_gaps(study: Study) -> Iterator[Gap]:
    sample, specimen, taken = study.biosample, study.specimen, study.acquisition
    for field, there, text, fix, required in (
        (
            "biosample.organism",
            sample.organism,
            "The organism is missing.",
            "Write 'organism: [{name: Homo sapiens, term: NCBITaxon:9606}]'.",
            True,
        ),
        (
            "biosample.biological_entity",
            sample.biological_entity,
            "The biological entity is missing.",
            "Write what was imaged, such as 'HeLa cells'.",
            True,
        ),
        (
            "specimen.preparation",
            specimen.preparation,
            "It is not said how the specimen was prepared.",
            "Write 'preparation: ...' (fixation, staining, mounting).",
            True,
        ),
        (
            "acquisition.method",
            taken.method,
            "The imaging method is missing.",
            "Write 'method: [{name: spinning disk confocal microscopy, "
            "term: FBbi:00000253}]'.",
            True,
        ),
        (
            "acquisition.instrument",
            taken.instrument,
            "The microscope is missing.",
            "Write 'instrument: ...' with its maker and model.",
            True,
        ),
        (
            "acquisition.parameters",
            taken.parameters,
            "It is not said how the images were taken.",
            "Write 'parameters: ...' (objective, exposure, filters).",
            True,
        ),
        (
            "biosample.variables",
            sample.variables,
            "It is not said what was varied.",
            "Write 'variables: [...]'.",
            False,
        ),
    ):
        if not there:
            yield _gap(field, text, fix, _BIA, required=required)
    for term in sample.organism:
        if not term.term.upper().startswith("NCBITAXON"):
            yield _gap(
                "biosample.organism",
                f"The organism {term.name} has no number of the NCBI taxonomy.",
                "Write 'term: NCBITaxon:...'.",
                _BIA,
            )
    for term in taken.method:
        if not term.term.lower().startswith("fbbi"):
            yield _gap(
                "acquisition.method",
                f"The imaging method {term.name} has no FBbi term.",
                "Write 'term: FBbi:...' (https://www.ebi.ac.uk/ols4/ontologies/fbbi).",
                _BIA,
                required=False,
            )


def is_orcid(text: str) -> bool:
    """Say whether a text is an ORCID with the right check digit (ISO 7064 MOD 11-2)."""
    if not _ORCID.fullmatch(text):
        return False
    total = 0
    digits = text.replace("-", "")
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return digits[-1] == ("X" if check == 10 else str(check))


TEMPLATE = f"""\
# What archives of images ask for. Fill in what you know; `export bia --check` says
# what is missing. Terms: https://www.ebi.ac.uk/ols4
schema: {STUDY_SCHEMA}
title: ""                 # 25 characters or more
description: |
  ...
keywords: []
licence: CC0-1.0          # the BioImage Archive takes CC0-1.0 or CC-BY-4.0
release_date: ""          # such as 2027-01-31
authors:
  - name: ""
    orcid: ""             # 0000-0002-1825-0097
    email: ""
    affiliation: ""
    ror: ""               # https://ror.org/...
    role: ""
funding: ""
crate_after_run: false    # keep the experiment folder a valid RO-Crate by itself
publications: []          # such as doi:10.1038/s41592-021-01166-8
biosample:
  organism: []            # [{{name: Homo sapiens, term: NCBITaxon:9606}}]
  biological_entity: ""   # such as HeLa cells
  description: ""
  variables: []           # such as [dose, time after treatment]
specimen:
  preparation: ""         # fixation, staining, mounting
  growth: ""
acquisition:
  method: []              # [{{name: confocal microscopy, term: FBbi:00000251}}]
  instrument: ""          # maker and model
  parameters: ""          # objective, exposure, filters
"""
