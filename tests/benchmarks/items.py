"""How a store does with many items: ``python -m tests.benchmarks.items [COUNT]``.

Rows, not files: items are put into the store as an import would. Prints one table:
seconds by the clock and of the processor, and the peak of memory after each step.
"""

import resource
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from time import perf_counter, process_time
from uuid import UUID

from bioimageit_flow.model.annotation_rules import FromName
from bioimageit_flow.model.chosen import Selection
from bioimageit_flow.model.data import Content, DataInfo, Imported, Item, Location
from bioimageit_flow.model.ids import ItemId, Sha256
from bioimageit_flow.model.keys import Key, KeyType
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.query import parse
from bioimageit_flow.session.previews import Preview, make_preview
from bioimageit_flow.stores.protocol import NewRawItem
from bioimageit_flow.stores.sql import SqlStore

DEFAULT = 1_000_000
BATCH = 5_000
INFO = DataInfo(
    Kind.IMAGE, "ome-tiff", "YX", (512, 512), "uint16", {"x": 0.1, "y": 0.1}
)
CONDITIONS = ("control", "drug", "washout")


def new_item(number: int) -> NewRawItem:
    """Return one item of a screen of plates with 96 wells and 9 fields."""
    plate, rest = divmod(number, 96 * 9)
    well, field = divmod(rest, 9)
    condition = CONDITIONS[well % 3]
    place = f"{'ABCDEFGH'[well // 12]}{well % 12 + 1:02}"
    name = f"{condition}_P{plate:04}_{place}_f{field}.ome.tif"
    digest = sha256(str(number).encode()).digest()
    content = Content(Sha256(digest.hex()), 524_288)
    item = Item(
        id=ItemId(str(UUID(bytes=digest[:16], version=4))),
        name=name,
        dataset="screen",
        content=content,
        info=INFO,
        origin=Imported(f"/screen/P{plate:04}/{name}"),
        annotations={"dose": number % 10},
    )
    lies = Location(f"data/screen/{name}", 524_288, number, number, content.sha256)
    return NewRawItem(item, lies)


def batches(count: int) -> Iterator[list[NewRawItem]]:
    """Go through the items, some at a time."""
    for start in range(0, count, BATCH):
        yield [new_item(n) for n in range(start, min(start + BATCH, count))]


class Table:
    """Prints what was measured, line by line."""

    def __init__(self) -> None:
        print(f"{'step':<58}{'s':>9}{'cpu s':>9}{'result':>12}{'peak MiB':>10}")  # noqa: T201

    def measure(self, step: str, act: Callable[[], object]) -> None:
        """Do something and print how long it took."""
        began, cpu = perf_counter(), process_time()
        result = act()
        took, used = perf_counter() - began, process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        times = f"{took:>9.2f}{used:>9.2f}"
        print(f"{step:<58}{times}{result!s:>12}{peak:>10.0f}", flush=True)  # noqa: T201


def run(folder: Path, count: int) -> None:
    """Measure everything in a new store."""
    table = Table()
    with closing(SqlStore.create(folder / "experiment.db", "Screen")) as store:

        def fill() -> int:
            for batch in batches(count):
                store.add_raw_items(batch)
            return store.count()

        seen: list[Preview] = []

        def preview(expression: str) -> Callable[[], object]:
            def look() -> int:
                rule = FromName(expression)
                screen = Selection(dataset="screen")
                seen.append(make_preview(store, screen, rule, "bench"))
                return seen[-1].set

            return look

        def counted(text: str) -> Callable[[], object]:
            return lambda: store.count(Selection(parse(text)))

        def paged(text: str, pages: int) -> Callable[[], object]:
            def walk() -> int:
                last, seen = None, 0
                for _ in range(pages):
                    page = store.page(Selection(parse(text)), last, 100)
                    seen += len(page)
                    last = page[-1].id
                return seen

            return walk

        table.measure(f"add {count} items with one annotation", fill)
        table.measure("preview one key by regex", preview("^(?P<condition>[a-z]+)_"))
        table.measure("set it", lambda: seen.pop().apply())
        places = r"_P(?P<plate>\d+)_(?P<well>(?P<row>[A-H])\d+)_"
        table.measure("preview three keys by regex", preview(places))
        table.measure("set them", lambda: seen.pop().apply())
        name = "drug_P0001_A02_f0.ome.tif"
        one = next(store.selected(Selection(parse(f"name = {name}"))))
        alone = {one.id: {"seen": True}}
        table.measure("annotate one item", lambda: store.annotate(alone, user="bench"))
        table.measure("undo that", lambda: store.undo(user="bench").n)
        for text in (
            "condition = drug",
            "condition = drug and dose >= 5 and not name ~ test",
            "name = drug_P0001_A02_f0.ome.tif",
            'name ~ "_H12_f8"',
            "well in (A01, H12) and plate > 0100",
            "not exists dose",
        ):
            table.measure(f"count: {text}", counted(text))
        table.measure("first page: condition = drug", paged("condition = drug", 1))
        table.measure("ten pages: condition = drug", paged("condition = drug", 10))
        table.measure("ten pages of 100: dose >= 0", paged("dose >= 0", 10))
        table.measure("keys with counts", lambda: len(store.key_uses()))
        dose = Key("dose", KeyType.NUMBER, unit="µM")
        table.measure("declare a key", lambda: store.declare_key(dose, user="bench"))
        table.measure("undo it", lambda: store.undo(user="bench").n)
        table.measure("undo the regex", lambda: store.undo(user="bench").rows)
        table.measure("verify the chain", lambda: len(store.verify_changes()))
    size = (folder / "experiment.db").stat().st_size / 2**20
    print(f"database: {size:.0f} MiB")  # noqa: T201


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    with tempfile.TemporaryDirectory() as place:
        run(Path(place), wanted)
