"""Who is compared: Fenzhen as ``fenzhen train`` fits it, fastText, and scikit-learn's plain pipeline.

All three get the same words: normalised, masked and cut by the project's segmenter. Only Fenzhen chooses its
configuration and calibrates, on rows held out from those it is given; that is part of its training time.
"""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from features.text.segment import Segmenter
from features.text.ticket_text import Texts
from models.calibration import softmax
from models.specs import Spec
from models.text.examples import Examples
from tests.benchmarks.words import words_of
from training.text.dataset import Dataset
from training.text.judge import Judge

__all__ = ["CONTENDERS", "Answers", "FastText", "Fenzhen", "Fitted", "ScikitLearn", "cut_characters"]

WORDS = {"lr": 0.5, "epoch": 25, "wordNgrams": 2, "thread": 2}
CHARACTERS = {"lr": 0.2, "epoch": 25, "wordNgrams": 2, "minn": 1, "maxn": 3, "thread": 2}
"""fastText with the characters within each word too: slower and, on Chinese, better. What is not named is default."""


@dataclass(frozen=True, eq=False)
class Answers:
    """The best label of each row and its confidence in 0 to 1; ``probable`` says whether that is a probability."""

    labels: NDArray[np.object_]
    confidence: NDArray[np.float64]
    probable: bool = True


class Fitted(Protocol):
    """A model that was fitted."""

    def answers(self, examples: Examples) -> Answers:
        """Return the best label of each example."""

    def best_of_words(self, words: list[str]) -> object:
        """Label texts that are already cut; for timing."""


@dataclass(frozen=True, eq=False)
class Fenzhen:
    """A scorer of ours in the configuration that was chosen for it."""

    scorer: Any
    settings: str

    @classmethod
    def fit(cls, spec: Spec, train: Dataset, segmenter: Segmenter, seed: int) -> "Fenzhen":
        """Choose the configuration, fit on all rows and calibrate out of fold, as ``fenzhen train`` does."""
        del segmenter  # the spec makes its own
        judge = Judge(spec, train, None, None, seed, lambda: None)
        chosen = judge.tuned()
        settings = f"C {chosen.settings.strength:g}, lead {chosen.settings.lead_weight:g}"
        return cls(judge.refit(chosen), settings)

    def answers(self, examples: Examples) -> Answers:
        found, _ = self.scorer.probabilities(examples.subjects, examples.bodies, segmented=examples.segmented)
        return _best(found, self.scorer.classes)

    def probabilities(self, subjects: Texts, bodies: Texts) -> object:
        """Score raw tickets; for timing."""
        return self.scorer.probabilities(subjects, bodies)

    def best_of_words(self, words: list[str]) -> object:
        return self.scorer.probabilities([None] * len(words), words, segmented=True)


@dataclass(frozen=True, eq=False)
class FastText:
    """A supervised model of fastText."""

    model: Any
    classes: tuple[str, ...]
    segmenter: Segmenter
    settings: str

    @classmethod
    def fit(
        cls, spec: Spec, train: Dataset, segmenter: Segmenter, seed: int, *, options: Mapping[str, float] = WORDS,
    ) -> "FastText":
        """Fit on lines of words in a seeded order; with two threads it gives another model each time.

        fastText learns in the order of the file and must not see one class after the other, as the tables list them.
        """
        del spec
        import fasttext

        classes = tuple(sorted(set(train.examples.labels)))
        index = {name: f"__label__{position}" for position, name in enumerate(classes)}
        words = words_of(train.examples, segmenter)
        lines = [f"{index[label]} {text}\n" for label, text in zip(train.examples.labels, words, strict=True)]
        order = np.random.default_rng(seed).permutation(len(lines))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "train.txt"
            path.write_text("".join(lines[row] for row in order), encoding="utf-8", errors="replace")
            model = fasttext.train_supervised(str(path), seed=seed, verbose=0, **options)
        return cls(model, classes, segmenter, ", ".join(f"{key} {value:g}" for key, value in options.items()))

    def answers(self, examples: Examples) -> Answers:
        labels, shares = self.best_of_words(words_of(examples, self.segmenter))
        positions = [int(found[0].removeprefix("__label__")) if found else 0 for found in labels]
        confidence = [float(share[0]) if len(share) else 0.0 for share in shares]
        return Answers(np.array(self.classes, dtype=object)[positions], np.clip(confidence, 0.0, 1.0))

    def best_of_words(self, words: list[str]) -> Any:
        return self.model.predict(words)


@dataclass(frozen=True, eq=False)
class ScikitLearn:
    """TF-IDF of words, pairs of words and runs of one to three characters, and ``LinearSVC``, nothing tuned."""

    pipeline: Any
    segmenter: Segmenter
    settings: str = "defaults"

    @classmethod
    def fit(cls, spec: Spec, train: Dataset, segmenter: Segmenter, seed: int) -> "ScikitLearn":
        """Fit the pipeline."""
        del spec
        pipeline = plain_pipeline(seed)
        pipeline.fit(words_of(train.examples, segmenter), list(train.examples.labels))
        return cls(pipeline, segmenter)

    def answers(self, examples: Examples) -> Answers:
        margins = np.asarray(self.best_of_words(words_of(examples, self.segmenter)), dtype=np.float64)
        if margins.ndim == 1:
            margins = np.column_stack([-margins, margins])
        ranked = _best(softmax(margins), self.pipeline.classes_)
        return Answers(ranked.labels, ranked.confidence, probable=False)

    def best_of_words(self, words: list[str]) -> Any:
        return self.pipeline.decision_function(words)


CONTENDERS: dict[str, Callable[[Spec, Dataset, Segmenter, int], Any]] = {
    "Fenzhen": Fenzhen.fit, "fastText": FastText.fit,
    "fastText with characters": partial(FastText.fit, options=CHARACTERS), "scikit-learn": ScikitLearn.fit,
}


def plain_pipeline(seed: int) -> Any:
    """Return scikit-learn's pipeline over the same kinds of n-grams as ours."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.svm import LinearSVC

    words = TfidfVectorizer(tokenizer=str.split, token_pattern=None, ngram_range=(1, 2), sublinear_tf=True)
    characters = TfidfVectorizer(
        analyzer="char", preprocessor=cut_characters, ngram_range=(1, 3), sublinear_tf=True
    )
    return make_pipeline(make_union(words, characters), LinearSVC(random_state=seed))


def cut_characters(text: str) -> str:
    """Return the text without the spaces between words.

    >>> cut_characters("打印机 Wifi")
    '打印机wifi'
    """
    return text.replace(" ", "").lower()


def _best(probabilities: NDArray[np.float64], classes: Any) -> Answers:
    best = probabilities.argmax(axis=1)
    confidence = np.clip(probabilities[np.arange(len(best)), best], 0.0, 1.0)
    return Answers(np.array(classes, dtype=object)[best], confidence)
