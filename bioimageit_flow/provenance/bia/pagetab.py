"""The study as a submission in PageTab, the format of BioStudies: sections of lines."""

from collections.abc import Iterable

from bioimageit_flow.model.study import Study, Term
from bioimageit_flow.provenance.bia.checking import Totals

RAW_LIST = "file_list_images.tsv"
DERIVED_LIST = "file_list_analysed.tsv"

_Section = list[tuple[str, str]]


def pagetab(study: Study, totals: Totals) -> str:
    """Return a submission to the BioImage Archive as text."""
    sections: list[tuple[str, _Section]] = [
        (
            "Submission",
            [
                ("Title", study.title),
                ("ReleaseDate", study.release_date),
                ("AttachTo", "BioImages"),
            ],
        ),
        (
            "Study\tStudy-1",
            [
                ("Title", study.title),
                ("Description", study.description),
                ("License", study.licence),
                *(("Keywords", word) for word in study.keywords),
                ("Funding statement", study.funding),
            ],
        ),
        *_people(study),
        *(
            (f"Publication\tPublication-{n}", [("DOI", doi.removeprefix("doi:"))])
            for n, doi in enumerate(study.publications, 1)
        ),
        *_rembi(study, totals),
        *_components(totals),
    ]
    return "\n".join(_text(head, lines) for head, lines in sections)


def _text(head: str, lines: _Section) -> str:
    kept = [f"{name}\t{' '.join(value.split())}" for name, value in lines if value]
    return "\n".join([head, *kept]) + "\n"


def _people(study: Study) -> Iterable[tuple[str, _Section]]:
    places = list(dict.fromkeys((a.affiliation, a.ror) for a in study.authors))
    for number, author in enumerate(study.authors, 1):
        place = places.index((author.affiliation, author.ror)) + 1
        yield (
            f"Author\tAuthor-{number}\tStudy-1",
            [
                ("Name", author.name),
                ("E-mail", author.email),
                ("ORCID", author.orcid),
                ("Role", author.role),
                ("<affiliation>", f"Organization-{place}"),
            ],
        )
    for number, (name, ror) in enumerate(places, 1):
        yield (
            f"Organization\tOrganization-{number}\tStudy-1",
            [("Name", name), ("RORID", ror)],
        )


def _rembi(study: Study, totals: Totals) -> Iterable[tuple[str, _Section]]:
    sample, specimen, taken = study.biosample, study.specimen, study.acquisition
    yield (
        "Biosample\tBiosample-1\tStudy-1",
        [
            *(("Organism", _term(term)) for term in sample.organism),
            ("Biological entity", sample.biological_entity),
            ("Description", sample.description),
            *(("Experimental variable", name) for name in sample.variables),
        ],
    )
    yield (
        "Specimen\tSpecimen-1\tStudy-1",
        [
            ("Sample preparation protocol", specimen.preparation),
            ("Growth protocol", specimen.growth),
        ],
    )
    yield (
        "Image acquisition\tImage acquisition-1\tStudy-1",
        [
            *(("Imaging method", _term(term)) for term in taken.method),
            ("Imaging instrument", taken.instrument or totals.taken.instruments_told),
            (
                "Image acquisition parameters",
                taken.parameters or totals.taken.parameters_told,
            ),
        ],
    )
    if totals.tools:
        yield (
            "Image analysis\tImage analysis-1\tStudy-1",
            [("Image analysis overview", f"Tools: {', '.join(totals.tools)}.")],
        )


def _components(totals: Totals) -> Iterable[tuple[str, _Section]]:
    yield (
        "Study Component\tStudy Component-1\tStudy-1",
        [
            ("Name", "Raw images"),
            ("Description", "Images as they were taken."),
            ("Biosample", "Biosample-1"),
            ("Specimen", "Specimen-1"),
            ("Image acquisition", "Image acquisition-1"),
            ("File List", RAW_LIST),
        ],
    )
    if totals.tools:
        yield (
            "Study Component\tStudy Component-2\tStudy-1",
            [
                ("Name", "Analysed data"),
                ("Description", "What was made of them; the sources are named."),
                ("Image analysis", "Image analysis-1"),
                ("File List", DERIVED_LIST),
            ],
        )


def _term(term: Term) -> str:
    return f"{term.name} ({term.term})" if term.term else term.name
