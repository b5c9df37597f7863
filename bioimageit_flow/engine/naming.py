"""What results are called: after their item, group or port; and what they say."""

from bioimageit_flow.engine.token import Job
from bioimageit_flow.model.data import AnnotationValue
from bioimageit_flow.model.kinds import FORMATS
from bioimageit_flow.model.naming import safe_name, split_name


def result_name(job: Job, port: str, part: str, form: str) -> str:
    """Return what a result of a job is called, whether it was made or reused.

    Parameters
    ----------
    port : str
        The output port.
    part : str
        Which of many; empty where there is one.
    form : str
        Name of the format, which decides the extension.
    """
    tokens = job.tokens
    if any(len(group) > 1 for group in job.inputs.values()) or job.group:
        stem = "_".join([port, *(f"{key}-{value}" for key, value in job.group)])
    else:
        stem = split_name(tokens[0].name)[0] if tokens else port
        datum = tokens[0].datum if tokens else None
        if datum is not None and datum.selector:
            stem = f"{split_name(datum.name)[0]}_{datum.selector.replace('=', '')}"
    for one in job.swept:
        stem += f"_{one.key}-{one.value}"
    if part:
        stem += f"_{part}"
    return safe_name(stem + FORMATS[form].extension)


def own_annotations(job: Job, part: str) -> dict[str, AnnotationValue]:
    """Return what a result says of itself: its swept values, and which part it is."""
    return {**job.own_annotations, **({"part": part} if part else {})}
