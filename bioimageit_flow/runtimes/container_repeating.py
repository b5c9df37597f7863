"""The ``docker run`` that repeats a job in its container."""

import os

from bioimageit_flow.runtimes.container_making import container_options, other_binds
from bioimageit_flow.runtimes.engine import Engine
from bioimageit_flow.runtimes.engine_facts import container_user, this_caller
from bioimageit_flow.runtimes.job_variables import job_variables
from bioimageit_flow.runtimes.protocol import JobProcess
from bioimageit_flow.runtimes.repeating import Repetition, docker_run
from bioimageit_flow.runtimes.staging import input_binds


def container_repetition(engine: Engine, image: str, process: JobProcess) -> Repetition:
    """Return what runs a job in a container as `container_job.run_container` does.

    Raises
    ------
    RuntimeUnavailableError
        If the engine does not answer.
    """
    facts = engine.facts()
    caller, groups = this_caller()
    user = container_user(facts, caller, groups)
    binds = [
        *input_binds(process.folder, is_foreign=user.hands_over),
        *other_binds(process, is_foreign=user.hands_over),
    ]
    library = None if process.tool.library is None else "/toolbox/lib"
    command = docker_run(
        facts.kind.lower(),
        image,
        container_options(process, facts, user, binds),
        user=user.user,
        namespace=user.namespace,
        variables=job_variables(cpu=process.cpu, home="/tmp", library=library),
        command=process.command,
    )
    if not user.hands_over:
        return Repetition(command)
    out = str(process.folder / "out")
    return Repetition(
        command,
        before=(("chown", "-R", user.user, out),),
        after=(("chown", "-R", f"{os.getuid()}:{os.getgid()}", out),),
    )
