"""What a benchmark found, as sections of ``RESULTS.md``; a later run of one section leaves the others as they were."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Aim", "Section", "Table", "merged", "number"]

_HEADING = "## "


@dataclass(frozen=True, slots=True)
class Aim:
    """What was aimed at and what came out; ``at_least`` false means at most. A stretch may be missed."""

    what: str
    got: float
    wanted: float
    at_least: bool = True
    digits: int = 4
    stretch: bool = False

    @property
    def met(self) -> bool:
        """Whether the unrounded number reaches the aim."""
        return self.got >= self.wanted if self.at_least else self.got <= self.wanted

    def line(self) -> str:
        """Return a list item.

        >>> Aim("titles accuracy", 0.91196, 0.912).line()
        '- **missed** — titles accuracy: 0.91196, aim ≥ 0.912'
        """
        shown = number(self.got, self.digits)
        if shown == number(self.wanted, self.digits) and not self.met:
            shown = f"{self.got:.{self.digits + 1}f}"
        verdict = "met" if self.met else "**missed**"
        aim = f"{'stretch' if self.stretch else 'aim'} {'≥' if self.at_least else '≤'} {self.wanted:g}"
        return f"- {verdict} — {self.what}: {shown}, {aim}"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under columns."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        """Return the table; cells after the first are set to the right."""
        rule = [":--", *["--:"] * (len(self.columns) - 1)]
        return "\n".join(f"| {' | '.join(cells)} |" for cells in (self.columns, rule, *self.rows))


@dataclass(frozen=True)
class Section:
    """One benchmark's part of the file."""

    name: str
    about: str
    tables: Sequence[Table]
    aims: Sequence[Aim] = ()
    notes: Sequence[str] = field(default_factory=list)

    def markdown(self, when: str) -> str:
        """Return the section; ``when`` says when and under which load it ran."""
        aims = "\n".join(aim.line() for aim in self.aims)
        blocks = [f"{_HEADING}{self.name}", self.about, *(table.markdown() for table in self.tables), aims, *self.notes,
                  f"_{when}_"]
        return "\n\n".join(block for block in blocks if block)


def merged(path: Path, head: str, sections: dict[str, str], order: Sequence[str]) -> str:
    """Return the file's new text: ``head``, then every section in ``order``, the old text where there is no new one."""
    known = {**_sections(path), **sections}
    return "\n\n".join([head, *(known[name] for name in order if name in known)]) + "\n"


def number(value: float, digits: int = 4) -> str:
    """Return a number for a cell, a dash where there is none.

    >>> number(0.9), number(12345.6, 0), number(float("nan"))
    ('0.9000', '12,346', '—')
    """
    return "—" if value != value else f"{value:,.{digits}f}"


def _sections(path: Path) -> dict[str, str]:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    parts = text.split(f"\n{_HEADING}")[1:]
    return {part.splitlines()[0]: (_HEADING + part).strip() for part in parts}
