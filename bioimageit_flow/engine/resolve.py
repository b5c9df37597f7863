"""From a job on tokens to the job that runs: parameters, annotations, fingerprint."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bioimageit_flow.engine.token import Job, Token
from bioimageit_flow.model.annotation import Conflict
from bioimageit_flow.model.command import Each, When
from bioimageit_flow.model.data import AnnotationValue
from bioimageit_flow.model.fingerprint import Fingerprint, InputPart
from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.model.kinds import takes_axes, takes_format
from bioimageit_flow.model.parameter import ParameterValue
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.run import RuntimeUsed
from bioimageit_flow.model.tool import InstalledTool
from bioimageit_flow.workflow.document import Document, FromAnnotation

Annotations = Mapping[str, tuple[Mapping[str, AnnotationValue], ...]]


@dataclass(frozen=True, slots=True)
class ResolvedJob:
    """A job with everything that decides its result.

    Attributes
    ----------
    annotations : mapping
        By port, in group order: the values that the tool reads.
    fingerprint : Fingerprint or None
        None in a plan, where inputs or the runtime are not known yet.
    problems : tuple of Problem
        Why it cannot run.
    """

    job: Job
    parameters: Mapping[str, ParameterValue]
    annotations: Annotations
    fingerprint: Fingerprint | None
    digest: Sha256 | None
    problems: tuple[Problem, ...] = ()


class Resolver:
    """Resolves the jobs of one run.

    Parameters
    ----------
    document : Document
        The workflow that runs.
    tools : mapping of str to InstalledTool
        The tool of each node.
    used : mapping of str to RuntimeUsed
        What each node runs in, where that is known.
    """

    def __init__(
        self,
        document: Document,
        tools: Mapping[str, InstalledTool],
        used: Mapping[str, RuntimeUsed],
    ) -> None:
        self._document = document
        self._tools = tools
        self._used = used
        self._commands = {
            name: tuple(_plain_argument(argument) for argument in tool.tool.command)
            for name, tool in tools.items()
        }

    def resolve(self, job: Job) -> ResolvedJob:
        """Return a job with its parameters, annotations and fingerprint."""
        problems = list(self._input_problems(job))
        parameters = self._parameters(job, problems)
        annotations = self._annotations(job, parameters, problems)
        fingerprint = None
        if job.node in self._used:
            fingerprint = self._fingerprint(job, parameters, annotations)
        digest = fingerprint.digest() if fingerprint else None
        return ResolvedJob(
            job, parameters, annotations, fingerprint, digest, tuple(problems)
        )

    def _input_problems(self, job: Job) -> Iterator[Problem]:
        ports = self._tools[job.node].tool.inputs
        for name, tokens in job.inputs.items():
            port = ports[name]
            for token in tokens:
                if token.datum is None:
                    continue
                info = token.datum.info
                if not takes_axes(port.axes, info.axes):
                    wanted = " or ".join(port.axes)
                    text = f"has axes {info.axes}, but {job.node}.{name} takes {wanted}"
                    yield _problem("axes-mismatch", job, name, token, text)
                has_format = bool(token.datum.selector) or takes_format(
                    port.formats, info.format
                )
                if not has_format:
                    wanted = " or ".join(port.formats)
                    text = f"is {info.format}, but {job.node}.{name} reads {wanted}"
                    yield _problem("format-mismatch", job, name, token, text)

    def _parameters(
        self, job: Job, problems: list[Problem]
    ) -> dict[str, ParameterValue]:
        given: dict[str, object] = {}
        settings = self._document.nodes[job.node].parameters
        for name, setting in settings.items():
            if not isinstance(setting, FromAnnotation):
                given[name] = setting
                continue
            values = {
                repr(value): value
                for token in job.tokens
                if (value := token.view.get(setting.annotation)) is not None
            }
            found = list(values.values())
            if len(found) == 1 and not isinstance(found[0], Conflict):
                given[name] = found[0]
                continue
            what = "several values of" if found else "no annotation"
            text = f"has {what} {setting.annotation!r}, which gives parameter {name!r}"
            problems.append(_problem("annotation", job, "", job.tokens[0], text))
        try:
            return self._tools[job.node].tool.resolve(given)
        except ValueError as error:
            text = f"cannot be processed by {job.node}: {error}"
            problems.append(_problem("parameter-value", job, "", job.tokens[0], text))
            return {}

    def _annotations(
        self,
        job: Job,
        parameters: dict[str, ParameterValue],
        problems: list[Problem],
    ) -> Annotations:
        tool = self._tools[job.node].tool
        keys = tool.keys_read(parameters)
        required = {key for key in keys or () if key not in tool.reads}
        return {
            port: tuple(
                self._read(job, port, token, keys, required, problems)
                for token in tokens
            )
            for port, tokens in job.inputs.items()
        }

    @staticmethod
    def _read(
        job: Job,
        port: str,
        token: Token,
        keys: tuple[str, ...] | None,
        required: set[str],
        problems: list[Problem],
    ) -> dict[str, AnnotationValue]:
        values: dict[str, AnnotationValue] = {}
        for key in token.view if keys is None else keys:
            value = token.view.get(key)
            if value is None:
                if key in required:
                    text = f"has no annotation {key!r}, which {job.node} reads"
                    problems.append(_problem("annotation", job, port, token, text))
            elif not isinstance(value, Conflict):
                values[key] = value
            elif keys is not None:
                shown = ", ".join(str(one) for one in value.values)
                text = (
                    f"has several values of {key!r} ({shown}), which {job.node} reads"
                )
                problems.append(_problem("annotation", job, port, token, text))
        return values

    def _fingerprint(
        self,
        job: Job,
        parameters: Mapping[str, ParameterValue],
        annotations: Annotations,
    ) -> Fingerprint | None:
        tool = self._tools[job.node]
        inputs: dict[str, tuple[InputPart, ...]] = {}
        for port, tokens in job.inputs.items():
            parts = []
            for token, read in zip(tokens, annotations[port], strict=True):
                if token.datum is None:
                    return None
                datum = token.datum
                parts.append(
                    InputPart(
                        datum.content.sha256, datum.selector, datum.info.format, read
                    )
                )
            inputs[port] = tuple(parts)
        return Fingerprint(
            tool=tool.ref,
            code=tool.code_sha256,
            environment=self._used[job.node].identity,
            command=self._commands[job.node],
            parameters=parameters,
            inputs=inputs,
            seed=0,
        )


def seed_of(digest: Sha256) -> int:
    """Return the seed of a job: 31 bits of its fingerprint, the same at every run."""
    return int(digest[:8], 16) & 0x7FFFFFFF


def _plain_argument(argument: str | When | Each) -> object:
    return argument if isinstance(argument, str) else argument.model_dump(mode="json")


def _problem(code: str, job: Job, port: str, token: Token, text: str) -> Problem:
    fixes = {
        "axes-mismatch": "Project or split the image before this node.",
        "format-mismatch": "Convert the file to OME-TIFF.",
        "annotation": "Annotate the item, or choose another key.",
        "parameter-value": "Choose another value.",
    }
    return Problem(
        code,
        Severity.ERROR,
        f"{token.name} {text}.",
        node=job.node,
        port=port,
        item=token.name,
        fix=fixes[code],
    )
