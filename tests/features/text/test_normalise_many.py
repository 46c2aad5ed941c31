"""Many texts at once are normalised as each alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.text.normalise import normalise_text
from features.text.normalise_many import normalise_many

TEXTS = st.text(st.one_of(st.characters(), st.sampled_from("Ａ，　㎏e\u0301ﾊﾟ…<b>&;\0\ud800\uf8ff打機\n ")))


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), TEXTS), max_size=20), st.booleans())
def test_many_texts_are_normalised_as_each_alone(texts: list[str | None], simplify: bool) -> None:
    assert normalise_many(texts, simplify=simplify) == [normalise_text(text, simplify=simplify) for text in texts]


@pytest.mark.parametrize("count", [0, 1, 4000, 12_000])
def test_the_number_of_texts_does_not_matter(count: int) -> None:
    texts = [f"打印機{number}　" for number in range(count)]
    assert normalise_many(texts) == [f"打印机{number}" for number in range(count)]
