"""From a job on tokens to the job that runs: parameters, annotations, fingerprint."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bioimageit_flow.engine.files import ChosenFiles
from bioimageit_flow.engine.token import Datum, Job, Token
from bioimageit_flow.errors import DataError
from bioimageit_flow.model.annotation import Conflict
from bioimageit_flow.model.command import Each, When
from bioimageit_flow.model.data import AnnotationValue, Content
from bioimageit_flow.model.fingerprint import Fingerprint, Frame, InputPart
from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.model.kinds import is_converted, reads, takes_axes
from bioimageit_flow.model.naming import staged_extension
from bioimageit_flow.model.parameter import ParameterType, ParameterValue
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.model.run import RuntimeUsed
from bioimageit_flow.model.tool import InstalledTool
from bioimageit_flow.workflow.document import Document, FromAnnotation, Swept

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
    files : mapping of str to Token
        The files that parameters name, by parameter.
    """

    job: Job
    parameters: Mapping[str, ParameterValue]
    annotations: Annotations
    fingerprint: Fingerprint | None
    digest: Sha256 | None
    problems: tuple[Problem, ...] = ()
    files: Mapping[str, Token] = field(default_factory=dict)

    @property
    def items(self) -> dict[str, tuple[Token, ...]]:
        """Everything that the job consumes: by port, and by file parameter."""
        files = {name: (token,) for name, token in self.files.items()}
        return {**self.job.inputs, **files}

    @property
    def contents(self) -> Iterator[Content]:
        """The contents that the job will read."""
        for token in (*self.job.tokens, *self.files.values()):
            if token.datum is not None:
                yield token.datum.content


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
    files : ChosenFiles
        Finds the files that parameters name.
    """

    def __init__(
        self,
        document: Document,
        tools: Mapping[str, InstalledTool],
        used: Mapping[str, RuntimeUsed],
        files: ChosenFiles,
    ) -> None:
        self._document = document
        self._tools = tools
        self._used = used
        self._files = files
        self._same = {
            name
            for name, node in document.nodes.items()
            if not any(
                isinstance(setting, Swept | FromAnnotation)
                for setting in node.parameters.values()
            )
        }
        self._parameters_of: dict[str, Mapping[str, ParameterValue]] = {}
        self._frames: dict[str, Frame] = {}
        self._commands = {
            name: tuple(_plain_argument(argument) for argument in tool.tool.command)
            for name, tool in tools.items()
        }

    def resolve(self, job: Job) -> ResolvedJob:
        """Return a job with its parameters, annotations and fingerprint."""
        problems = list(self._input_problems(job))
        parameters = self._parameters(job, problems)
        annotations = self._annotations(job, parameters, problems)
        files = self._chosen(job, parameters, problems)
        fingerprint = None
        if job.node in self._used:
            fingerprint = self._fingerprint(job, parameters, annotations, files)
        digest = self._digest(job.node, fingerprint) if fingerprint else None
        return ResolvedJob(
            job, parameters, annotations, fingerprint, digest, tuple(problems), files
        )

    def _digest(self, node: str, fingerprint: Fingerprint) -> Sha256:
        """Return a digest; what is the same for all jobs of a node is written once."""
        if node not in self._same:
            return fingerprint.digest()
        if node not in self._frames:
            self._frames[node] = Frame.of(fingerprint)
        return self._frames[node].digest(fingerprint)

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
                has_format = bool(token.datum.selector) or reads(
                    port.formats, info.format, is_image=info.axes is not None
                )
                if not has_format:
                    wanted = " or ".join(port.formats)
                    text = f"is {info.format}, but {job.node}.{name} reads {wanted}"
                    yield _problem("format-mismatch", job, name, token, text)

    def _parameters(
        self, job: Job, problems: list[Problem]
    ) -> dict[str, ParameterValue]:
        if job.node in self._parameters_of:
            return dict(self._parameters_of[job.node])
        given: dict[str, object] = {}
        swept = {one.parameter: one.value for one in job.swept}
        settings = self._document.nodes[job.node].parameters
        for name, setting in settings.items():
            match setting:
                case Swept():
                    given[name] = swept[name]
                case FromAnnotation():
                    value = self._annotation(job, name, setting.annotation, problems)
                    if value is not None:
                        given[name] = value
                case _:
                    given[name] = setting
        for one in job.swept:
            problems += _hidden_keys(job, one.key)
        try:
            resolved = self._tools[job.node].tool.resolve(given)
        except ValueError as error:
            text = f"cannot be processed by {job.node}: {error}"
            problems.append(_problem("parameter-value", job, "", job.tokens[0], text))
            return {}
        if job.node in self._same:
            self._parameters_of[job.node] = dict(resolved)
        return resolved

    def _annotation(
        self, job: Job, name: str, key: str, problems: list[Problem]
    ) -> AnnotationValue | None:
        """Return the one value of a key that the items of a job see."""
        own = job.own_annotations
        if key in own:
            return own[key]
        seen = [token.view.get(key) for token in job.tokens]
        found = list({repr(one): one for one in seen if one is not None}.values())
        if len(found) == 1 and not isinstance(found[0], Conflict):
            return found[0]
        what = "several values of" if found else "no annotation"
        text = f"has {what} {key!r}, which gives parameter {name!r}"
        problems.append(_problem("annotation", job, "", job.tokens[0], text))
        return None

    def _chosen(
        self,
        job: Job,
        parameters: dict[str, ParameterValue],
        problems: list[Problem],
    ) -> dict[str, Token]:
        """Take the files out of the parameters; they are items."""
        chosen: dict[str, Token] = {}
        for name, parameter in self._tools[job.node].tool.parameters.items():
            if parameter.type is not ParameterType.FILE or name not in parameters:
                continue
            text = str(parameters.pop(name))
            try:
                chosen[name] = self._files.find(text)
            except DataError as error:
                problems.append(
                    Problem(
                        "missing-file",
                        Severity.ERROR,
                        f"Parameter {name!r} of {job.node}: {error.message}",
                        node=job.node,
                        fix=error.remedy,
                    )
                )
        return chosen

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
        files: Mapping[str, Token],
    ) -> Fingerprint | None:
        tool = self._tools[job.node]
        inputs: dict[str, tuple[InputPart, ...]] = {}
        for port, tokens in job.inputs.items():
            parts = []
            for token, read in zip(tokens, annotations[port], strict=True):
                if token.datum is None:
                    return None
                formats = tool.tool.inputs[port].formats
                parts.append(_input_part(token.datum, read, formats))
            inputs[port] = tuple(parts)
        for name, token in files.items():
            if token.datum is not None:
                inputs[name] = (_input_part(token.datum, {}, ()),)
        return Fingerprint(
            tool=tool.ref,
            code=tool.code_sha256,
            environment=self._used[job.node].identity,
            command=self._commands[job.node],
            parameters=parameters,
            inputs=inputs,
            seed=0,
        )


def _input_part(
    datum: Datum, read: Mapping[str, AnnotationValue], accepted: tuple[str, ...]
) -> InputPart:
    form = datum.info.format
    if form == "file":  # the tool sees the extension, which may mean something to it
        form += staged_extension(form, datum.name)
    made = _converter(datum, accepted)
    return InputPart(
        datum.content.sha256, datum.selector, form, read, made, datum.corrected
    )


def _hidden_keys(job: Job, key: str) -> Iterator[Problem]:
    """Yield a problem where items have the key of a sweep already."""
    for token in job.tokens:
        if key in token.view:
            yield Problem(
                "sweep-key",
                Severity.ERROR,
                f"{token.name} has the annotation {key!r} already, which the sweep of "
                f"{job.node} would set.",
                node=job.node,
                item=token.name,
                fix="Give the sweep another 'key'.",
            )
            return


def _converter(datum: Datum, accepted: tuple[str, ...]) -> str:
    """Return what makes OME-TIFF of a datum for a port; empty where it need not."""
    form, is_image = datum.info.format, datum.info.axes is not None
    is_other = is_converted(accepted, form, datum.selector, is_image=is_image)
    if is_other or datum.corrected:
        from bioimageit_flow.formats import converter

        return converter(form)
    return ""


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
