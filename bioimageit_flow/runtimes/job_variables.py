"""The fixed environment of a job: the same in a container and without one.

Nothing of the caller's environment reaches a job, so that a result depends on the tool
and its inputs alone.
"""

from collections.abc import Mapping
from types import MappingProxyType

FIXED: Mapping[str, str] = MappingProxyType(
    {
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        # An unknown user id has no name; programs that ask for one would fail.
        "USER": "job",
        "LOGNAME": "job",
        # Dates in files (SVG, PDF, archives): 1980-01-01, the earliest that zip knows.
        "SOURCE_DATE_EPOCH": "315532800",
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        # Progress lines come when they are printed, not at the end.
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }
)

THREAD_COUNTS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS",
)


def job_variables(
    *,
    cpu: int,
    home: str,
    library: str | None,
    bytecode: str | None = None,
    gpus: str | None = None,
) -> dict[str, str]:
    """Return the environment variables of a job.

    Parameters
    ----------
    cpu : int
        Number of processors the job may use.
    home : str
        Its private temporary folder, as the job sees it.
    library : str or None
        Folder of the toolbox's shared modules, as the job sees it.
    bytecode : str or None
        The one folder that Python keeps bytecode in; None lets it write none.
    gpus : str or None
        The GPUs it may use, as CUDA reads them; None where others see to that.
    """
    variables = dict(FIXED)
    variables |= dict.fromkeys(THREAD_COUNTS, str(cpu))
    variables |= {"HOME": home, "TMPDIR": home}
    if bytecode is None:
        variables["PYTHONDONTWRITEBYTECODE"] = "1"
    else:
        variables["PYTHONPYCACHEPREFIX"] = bytecode
    if gpus is not None:
        variables["CUDA_VISIBLE_DEVICES"] = gpus
    if library is not None:
        variables["PYTHONPATH"] = library
    return variables
