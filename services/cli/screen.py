r"""How rich draws for us: nothing that a terminal would obey, and no cell cut short.

What is drawn is data, so a lead may be called ``[red]`` or carry an escape sequence in its name; the first is
drawn as it is, the second is drawn as ``\u001b``. A table that is too wide for its terminal is narrowed in
steps: first texts wrap at blanks, then names do, then columns move together; where not even words fit, each
row is drawn as a card, a cell a line. Rich by itself would crop the columns that must not wrap. Imported
only when something is drawn.
"""

from collections.abc import Iterator
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Column, Table
from rich.text import Text

from services.cli.printable import printable

_UNBOUNDED = 100_000


class Screen(Console):
    """A console that draws data: every control character in it is shown, not sent."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Return a text to draw."""
        return super().render_str(printable(text), **options)


class UncutTable(Table):
    """A table that wraps and folds its cells where they do not fit, and never crops them.

    What stands over and under it has all the width there is, however narrow the table.
    """

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Narrow the columns to the room there is, and draw; row by row where there is not enough of it."""
        (title, self.title), (caption, self.caption) = (self.title, None), (self.caption, None)
        if title:
            yield console.render_str(str(title), style=self.title_style or "")
        widths = self._fitting(console, options)
        if widths is None:
            self.padding = (0, 0)
            widths = self._fitting(console, options)
        if widths is None:
            yield from self._cards()
        else:
            for column, width in zip(self.columns, widths, strict=True):
                column.no_wrap, column.width = False, width
            yield from super().__rich_console__(console, options)
        if caption:
            yield console.render_str(f"{caption}\n", style="dim")
        self.title, self.caption = title, caption

    def _fitting(self, console: Console, options: ConsoleOptions) -> list[int] | None:
        """Return the widths at which every word is whole; None: there is not that much room."""
        widths = [max(_lengths(column, by_word=False)) for column in self.columns]
        words = [max(_lengths(column, by_word=True)) for column in self.columns]
        whole = Measurement.get(console, options.update(width=_UNBOUNDED), self).maximum
        excess = whole - options.max_width
        texts = [
            width if column.no_wrap else word
            for column, width, word in zip(self.columns, widths, words, strict=True)
        ]
        for floors in (texts, words):
            excess = _narrow(widths, floors, excess)
        return widths if excess <= 0 else None

    def _cards(self) -> RenderResult:
        """Draw each row as lines, a cell a line behind its column's head; empty cells are left out."""
        heads = [printable(str(column.header)) for column in self.columns]
        rows = zip(*(column.cells for column in self.columns), strict=True)
        for row, cells in zip(self.rows, rows, strict=True):
            card = Table(box=None, show_header=False, pad_edge=False, style=row.style or "")
            card.add_column(style="dim", no_wrap=True, width=max(map(cell_len, heads)))
            card.add_column(overflow="fold")
            for head, cell in zip(heads, cells, strict=True):
                if str(cell):
                    card.add_row(head, cell)
            yield card
            yield Text()


def _lengths(column: Column, *, by_word: bool) -> Iterator[int]:
    yield 1
    for cell in (column.header, *column.cells):
        text = printable(str(cell))
        yield from map(cell_len, text.split() if by_word else text.splitlines())


def _narrow(widths: list[int], floors: list[int], excess: int) -> int:
    """Take from the widest columns down to their floors; return what is still too much."""
    while excess > 0:
        spare = [index for index, width in enumerate(widths) if width > floors[index]]
        if not spare:
            break
        widths[max(spare, key=widths.__getitem__)] -= 1
        excess -= 1
    return excess
