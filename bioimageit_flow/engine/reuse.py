"""Results that are known already."""

from bioimageit_flow.engine.contents import ContentFinder
from bioimageit_flow.engine.naming import result_name
from bioimageit_flow.engine.scheduler import Output
from bioimageit_flow.engine.token import Datum, Job
from bioimageit_flow.errors import DataError
from bioimageit_flow.model.run import KnownResult


def known_outputs(
    job: Job, result: KnownResult, finder: ContentFinder
) -> list[Output] | None:
    """Return what a known result gives a job; None if a file is gone or changed."""
    outputs: list[Output] = []
    for item in result.outputs:
        try:
            finder.find(item.content)
        except DataError:
            return None
        name = result_name(job, item.port, item.part, item.info.format)
        datum = Datum(item.id, name, item.content, item.info)
        outputs.append(Output(item.port, datum, name, item.part, item.annotations))
    return outputs
