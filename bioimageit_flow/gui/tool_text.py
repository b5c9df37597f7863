"""A tool in rich text: what hovering over it tells, and its page in the panel."""

from html import escape
from typing import Final

from PySide6.QtGui import QTextDocument

from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.port import InputPort, OutputPort
from bioimageit_flow.model.tool import InstalledTool, Tool

_DOI: Final = "doi:"
_TIP_WIDTH: Final = 380


def citation_link(text: str) -> str:
    """Return a citation as HTML, with a link where it is a DOI or an address."""
    if text.startswith(_DOI):
        doi = text.removeprefix(_DOI)
        return f'<a href="https://doi.org/{escape(doi)}">doi:{escape(doi)}</a>'
    if text.startswith("https://"):
        return f'<a href="{escape(text)}">{escape(text)}</a>'
    return escape(text)


def tip(tool: Tool, theme: Theme) -> str:
    """Return what hovering over a tool tells, as HTML."""
    inputs = _ports(tool.inputs, theme) or tr("nothing")
    outputs = _ports(tool.outputs, theme) or tr("nothing")
    first = _first_paragraph(tool.help)
    parts = [
        f'<table width="{_TIP_WIDTH}"><tr><td>',
        f"<b>{escape(tr(tool.name))}</b> &nbsp;"
        f'<span style="color:{theme.muted}">{escape(tool.id)} {tool.version}</span>',
        f"<p>{escape(tr(tool.summary))}</p>",
        f"<p>{tr('Takes')} {inputs}<br>{tr('Gives')} {outputs}</p>",
    ]
    if first:
        parts.append(f'<p style="color:{theme.muted}">{escape(first)}</p>')
    parts.append("</td></tr></table>")
    return "".join(parts)


def help_html(tool: Tool) -> str:
    """Return the help of a tool, which is Markdown, as HTML."""
    document = QTextDocument()
    document.setMarkdown(
        tool.help or tool.summary, QTextDocument.MarkdownFeature.MarkdownNoHTML
    )
    return document.toHtml()


def facts(installed: InstalledTool) -> list[tuple[str, str]]:
    """Return what is to be known of a tool beside its help: label and HTML."""
    tool = installed.tool
    needs = tool.resources
    says = [
        (tr("Tool"), f"{escape(tool.id)} {escape(tool.version)}"),
        (tr("Licence"), escape(tool.licence or tr("not stated"))),
    ]
    if tool.authors:
        names = ", ".join(escape(author.name) for author in tool.authors)
        says.append((tr("Authors"), names))
    if tool.citations:
        links = "<br>".join(citation_link(text) for text in tool.citations)
        says.append((tr("Please cite"), links))
    if installed.container is not None:
        image = f"{installed.container.image}:{installed.container.tag}"
        digest = installed.container.digest or tr("not resolved yet")
        says += [(tr("Image"), escape(image)), (tr("Digest"), escape(digest))]
    if installed.lock is not None:
        says.append((tr("Environment"), escape(installed.lock.name)))
    network = tr("uses the network") if needs.network else tr("no network")
    gpu = tr("{count} GPU", count=needs.gpu) if needs.gpu else tr("no GPU")
    says += [
        (
            tr("Resources"),
            escape(
                tr(
                    "{cpu} core(s), {memory}, at most {time}",
                    cpu=needs.cpu,
                    memory=needs.memory,
                    time=needs.time,
                )
            ),
        ),
        (tr("Rights"), escape(f"{network}, {gpu}; {_sees()}")),
        (tr("Origin"), escape(tr(installed.origin))),
    ]
    if not tool.deterministic:
        says.append((tr("Note"), escape(tr("Results differ from run to run."))))
    return says


def _sees() -> str:
    return tr("sees its inputs and one output folder")


def kind_name(kind: Kind) -> str:
    """Return what a kind of data is called in the language of the window."""
    return tr(kind.value)


def _ports(ports: dict[str, InputPort] | dict[str, OutputPort], theme: Theme) -> str:
    words = []
    for name, port in ports.items():
        dot = f'<span style="color:{theme.kinds[port.kind]}">&#9679;</span>'
        words.append(f"{dot}&nbsp;{escape(tr(port.label or name))}")
    return ", ".join(words)


def _first_paragraph(text: str) -> str:
    for paragraph in text.split("\n\n"):
        plain = " ".join(paragraph.split()).replace("**", "").replace("`", "")
        if plain and not plain.startswith(("#", "|", "*", "1.")):
            return plain
    return ""
