"""How people separate what they say: properly, with blanks, with line breaks, or hardly at all."""

from collections.abc import Sequence

from fenzhen.simulate.dice import Dice

__all__ = ["join"]

# (between phrases, inside a phrase, at the end); a tuple of separators is drawn from for every gap.
PROPER = ((("，", "。", "。", "；"), "，", "。"), (("，", "，", "。"), "，", ""), (("。",), "，", "。"))
CASUAL = (((" ",), " ", ""), (("\n",), " ", ""), (("，", " "), "，", ""), ((",", "."), ",", ""),
          (("...", "，"), "，", "..."), (("~", "，"), "，", "~"),
          (("，", "，", "！"), "，", "！！"), (("",), "", ""), (("。", "，"), "，", ""))
CASUAL_SHARE = 0.85
UNTIDY_SHARE = 0.2


def join(parts: Sequence[str], dice: Dice, *, casual: bool) -> str:
    """Return ``parts`` as one text. Phrases carry ASCII commas inside, which become whatever the writer uses."""
    casual = dice.chance(CASUAL_SHARE if casual else UNTIDY_SHARE)
    gaps, comma, end = dice.pick(CASUAL if casual else PROPER)
    text = ""
    for part in (said.rstrip(",") for said in parts):
        text += (dice.pick(gaps) if text and text[-1] not in "？?！!。" else "") + part.replace(",", comma)
    return text if text.endswith(("?", "？", "!", "！", "。")) else text + end
