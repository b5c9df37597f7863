"""Results that are known already."""

from bioimageit_flow.engine.contents import ContentFinder
from bioimageit_flow.engine.scheduler import Output
from bioimageit_flow.engine.token import Datum
from bioimageit_flow.errors import DataError
from bioimageit_flow.model.run import KnownResult


def known_outputs(result: KnownResult, finder: ContentFinder) -> list[Output] | None:
    """Return what a finished job gave; None if a file of it is gone or was changed."""
    outputs: list[Output] = []
    for item in result.outputs:
        try:
            finder.find(item.content)
        except DataError:
            return None
        datum = Datum(item.id, item.name, item.content, item.info)
        outputs.append(Output(item.port, datum, item.name, item.part, item.annotations))
    return outputs
