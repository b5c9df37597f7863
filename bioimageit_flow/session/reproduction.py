"""How a run is reproduced, and what came of it."""

from dataclasses import dataclass
from pathlib import Path

from bioimageit_flow.provenance.certificate import Certificate
from bioimageit_flow.provenance.verdict import TOLERANCE
from bioimageit_flow.session.crate_images import Allow


@dataclass(frozen=True, slots=True)
class ReproduceOptions:
    """How a run is reproduced.

    Attributes
    ----------
    run : str
        Which run, where a crate has several: the beginning of its id.
    sample : int or None
        How many raw items are taken, at random; all for None.
    seed : int
        Decides which.
    tolerance : float
        Up to which relative difference two numbers count as the same.
    runtime : str
        ``auto``, ``container`` or ``environment``.
    jobs : int or None
        How many cpus the jobs may use.
    only : str
        Path in the crate of the one result that is wanted; all for none.
    certificate : Path or None
        A crate to write, of the new run, with the certificate in it.
    allow_images : callable, optional
        Asked before images of the crate are given to the container engine of this
        machine; without it they are left alone.
    """

    run: str = ""
    sample: int | None = None
    seed: int = 0
    tolerance: float = TOLERANCE
    runtime: str = "auto"
    jobs: int | None = None
    only: str = ""
    certificate: Path | None = None
    allow_images: Allow | None = None


@dataclass(frozen=True, slots=True)
class Reproduction:
    """What came of it.

    Attributes
    ----------
    folder : Path
        With the new experiment, the tools, and the certificate.
    """

    folder: Path
    certificate: Certificate
    crate: Path | None = None
