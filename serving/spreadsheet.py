"""What a spreadsheet would take for a formula."""

__all__ = ["Cell", "guarded"]

_FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_UNSEEN = "\u200b\ufeff"

Cell = str | float | None


def guarded(cell: Cell) -> Cell:
    """Return a cell that no spreadsheet takes for a formula; a text that looks like one begins with an apostrophe.

    >>> guarded("=HYPERLINK(1)"), guarded("甲公司"), guarded(-1.5)
    ("'=HYPERLINK(1)", '甲公司', -1.5)
    """
    if not isinstance(cell, str) or not cell or cell[0].isalnum():
        return cell
    begins = cell[0] in "\t\r\n" or cell.lstrip().lstrip(_UNSEEN).lstrip().startswith(_FORMULAS)
    return f"'{cell}" if begins else cell
