"""The bars of a run on a terminal."""

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table

from bioimageit_flow.cli.output import clean_line, clock, count, text_of
from bioimageit_flow.model.run import RunState
from bioimageit_flow.session.run_tally import NodeTally, RunTally

BAR = 28
"""Width of a bar in cells, where there is room."""

_LINES_AROUND = 4


def bars(
    tally: RunTally, now_s: float, *, height: int, width: int, is_stopping: bool
) -> RenderableType:
    """Draw a bar per node, and a line for the whole.

    Nodes that have ended, then those that wait, give way where the terminal is too low
    for all.
    """
    if not tally.nodes:
        return _before(tally, is_stopping=is_stopping)
    room = max(height - _LINES_AROUND, 3)
    shown = _worth_showing(tally.nodes, room)
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, overflow="ellipsis", max_width=max(width // 4, 12))
    table.add_column(width=max(min(BAR, width // 4), 6))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis")
    for name in shown:
        table.add_row(*_row(name, tally.nodes[name], now_s))
    left_out = len(tally.nodes) - len(shown)
    lines: list[RenderableType] = [table]
    if left_out:
        lines.append(text_of((f"… and {count(left_out, 'more node')}", "dim")))
    lines.append(_whole(tally, is_stopping=is_stopping))
    return Group(*lines)


def _before(tally: RunTally, *, is_stopping: bool) -> RenderableType:
    if is_stopping:
        return text_of(("Stopping …", "yellow"))
    if tally.state is RunState.QUEUED:
        waiting = f"Waiting for another run …  {clock(tally.elapsed_s)}"
        return text_of((waiting, "dim"))
    if tally.preparing is None:
        return text_of((f"Planning …  {clock(tally.elapsed_s)}", "dim"))
    node, what = tally.preparing
    line = text_of(
        ("Getting ready ", "dim"), (clean_line(node), "bold"), f": {clean_line(what)}"
    )
    line.no_wrap, line.overflow = True, "ellipsis"
    return line


def _worth_showing(nodes: dict[str, NodeTally], room: int) -> list[str]:
    def rank(name: str) -> int:
        node = nodes[name]
        if node.running or node.failed:
            return 0
        return 2 if node.is_over else 1

    best = sorted(nodes, key=rank)[:room]
    return [name for name in nodes if name in best]


def _row(name: str, node: NodeTally, now_s: float) -> list[RenderableType]:
    is_good = node.is_over and not node.failed
    style = "red" if node.failed else "green" if is_good else "cyan"
    bar = ProgressBar(
        total=max(node.expected, 1),
        completed=node.completed if node.expected else 1,
        complete_style=style,
        finished_style=style,
    )
    title = text_of((clean_line(name), "" if node.running else "dim"))
    return [title, bar, text_of(f"{node.ended}/{node.expected}"), _state(node, now_s)]


def _state(node: NodeTally, now_s: float) -> RenderableType:
    styles = {"reused": "blue", "failed": "bold red", "cancelled": "yellow"}
    line = text_of()
    for number, word in node.counts():
        line.append_text(text_of((f"{number} {word}", styles[word]), "  "))
    if node.running:
        line.append_text(text_of((f"{node.running} running", "cyan"), "  "))
    eta_s = node.eta_s(now_s)
    if eta_s is not None:
        line.append_text(text_of((f"about {clock(eta_s)} left", "dim")))
    line.no_wrap = True
    return line


def _whole(tally: RunTally, *, is_stopping: bool) -> RenderableType:
    numbers = f"{tally.ended} of {count(tally.expected, 'job')}"
    if is_stopping:
        running = count(tally.running, "running job")
        return text_of(
            (f"Stopping: {running} being ended; what is done is kept", "yellow")
        )
    line = text_of((f"{clock(tally.elapsed_s)}  {numbers}", "bold"))
    if tally.state is RunState.PAUSED:
        line.append_text(text_of(("  paused", "yellow")))
    if tally.activity:
        line.append_text(text_of((f"  {clean_line(tally.activity)}", "dim")))
    line.no_wrap, line.overflow = True, "ellipsis"
    return line
