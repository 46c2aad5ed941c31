"""What any model must beat: always the majority, words typical of a class, and a plain linear model.

Each one is fitted on the same rows as the model and gives probabilities for the same classes, in their order. They are
honest, untuned and quick (60,000 short texts in seconds); none of them is calibrated.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from fenzhen.metrics.agreement import encode

Probabilities = NDArray[np.float64]


class Baseline(Protocol):
    """Fitted on texts and labels, it gives float64 probabilities (texts, classes), each row summing to 1."""

    name: str
    classes: tuple[str, ...]

    def fit(self, texts: Sequence[str], labels: Sequence[str], seed: int = 0) -> None:
        """Learn; labels outside ``classes`` are left out."""

    def probabilities(self, texts: Sequence[str]) -> Probabilities:
        """Return a row per text."""


def text_baselines(classes: Sequence[str]) -> tuple[Baseline, ...]:
    """Return unfitted baselines for text labels, weakest first.

    >>> [baseline.name for baseline in text_baselines(["纸", "墨"])]
    ['majority', 'keywords', 'linear']
    """
    return Majority(classes), Keywords(classes), Linear(classes)


class Majority:
    """The share of each class among the fitted labels, whatever the text.

    >>> majority = Majority(["墨", "纸"])
    >>> majority.fit(["", "", "", ""], ["纸", "纸", "纸", "墨"])
    >>> majority.probabilities(["卡纸"])
    array([[0.25, 0.75]])
    """

    name = "majority"

    def __init__(self, classes: Sequence[str]) -> None:
        self.classes = tuple(classes)
        self._shares = np.full(len(self.classes), 1 / max(len(self.classes), 1))

    def fit(self, texts: Sequence[str], labels: Sequence[str], seed: int = 0) -> None:  # noqa: ARG002
        """Count labels."""
        self._shares = _shares(labels, self.classes)

    def probabilities(self, texts: Sequence[str]) -> Probabilities:
        """Return the same shares for each text."""
        return np.tile(self._shares, (len(texts), 1))


class Keywords:
    """Rules as a person would write them: the words most typical of a class vote for it; without any, the majority.

    The keywords of a class are the ``most`` runs of two or three characters with the highest chi-squared statistic
    among those more frequent in the class than elsewhere, mined on at most ``SAMPLE`` texts.

    >>> rules = Keywords(["墨", "纸"], least_texts=1)
    >>> rules.fit(["打印机卡纸", "又卡纸", "墨盒空了", "墨盒坏了"], ["纸", "纸", "墨", "墨"])
    >>> rules.probabilities(["卡纸", "墨盒"]).argmax(axis=1), "墨盒" in rules.words["墨"]
    (array([1, 0]), True)
    """

    name = "keywords"
    SAMPLE = 20_000

    def __init__(self, classes: Sequence[str], most: int = 20, least_texts: int = 3) -> None:
        self.classes = tuple(classes)
        self.words: dict[str, list[str]] = {value: [] for value in self.classes}
        self._most, self._least_texts = most, least_texts
        self._shares = np.full(len(self.classes), 1 / max(len(self.classes), 1))

    def fit(self, texts: Sequence[str], labels: Sequence[str], seed: int = 0) -> None:
        """Mine keywords; a text too short for one simply has none."""
        codes = encode(labels, self.classes)
        self._shares = _shares(labels, self.classes)
        sample = np.flatnonzero(codes >= 0)
        if sample.size > self.SAMPLE:
            sample = np.sort(np.random.default_rng(seed).choice(sample, self.SAMPLE, replace=False))
        names, present = _runs([texts[row] for row in sample.tolist()], self._least_texts)
        self.words = {value: _typical(present, codes[sample] == index, names, self._most)
                      for index, value in enumerate(self.classes)}

    def probabilities(self, texts: Sequence[str]) -> Probabilities:
        """Return the share of each class among the keywords found, the classes' shares counting as one vote."""
        votes, lowered = np.tile(self._shares, (len(texts), 1)), [text.lower() for text in texts]
        for index, value in enumerate(self.classes):
            for word in self.words[value]:
                votes[:, index] += np.fromiter((word in text for text in lowered), np.float64, len(texts))
        total: Probabilities = votes.sum(axis=1, keepdims=True)
        return votes / total


class Linear:
    """scikit-learn's plain pipeline: TF-IDF of one and two characters, logistic loss, one class against the others.

    >>> linear = Linear(["墨", "纸"])
    >>> linear.fit(["打印机卡纸", "又卡纸", "墨盒空了", "墨盒坏了"], ["纸", "纸", "墨", "墨"])
    >>> linear.probabilities(["卡纸", "墨盒"]).argmax(axis=1)
    array([1, 0])
    """

    name = "linear"

    def __init__(self, classes: Sequence[str], features: int = 200_000) -> None:
        self.classes = tuple(classes)
        self._features = features
        self._fitted: tuple[Any, Any] | None = None
        self._majority = Majority(classes)

    def fit(self, texts: Sequence[str], labels: Sequence[str], seed: int = 0) -> None:
        """Fit on the known labels; with a single class, or texts without characters, it is the majority."""
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import SGDClassifier

        self._majority.fit(texts, labels)
        codes = encode(labels, self.classes)
        rows = np.flatnonzero(codes >= 0)
        shown = [texts[row] for row in rows.tolist()]
        if np.unique(codes[rows]).size < 2 or not any(text.strip() for text in shown):
            return
        vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True, max_features=self._features,
                                  dtype=np.float32)
        # Passes fall with the rows: on 44,000 reviews 5 give 0.902, 10 give 0.902, 23 give 0.901.
        passes = int(np.clip(200_000 / rows.size, 5, 100))
        model = SGDClassifier(loss="log_loss", alpha=1e-5, max_iter=passes, tol=None, random_state=seed)
        model.fit(vectors.fit_transform(shown), codes[rows])
        self._fitted = vectors, model

    def probabilities(self, texts: Sequence[str]) -> Probabilities:
        """Return probabilities; a class that was not fitted has 0."""
        if self._fitted is None:
            return self._majority.probabilities(texts)
        vectors, model = self._fitted
        found = np.zeros((len(texts), len(self.classes)))
        if len(texts):
            found[:, model.classes_] = model.predict_proba(vectors.transform(texts))
        return found


def _shares(labels: Sequence[str], classes: tuple[str, ...]) -> Probabilities:
    codes = encode(labels, classes)
    counts = np.bincount(codes[codes >= 0], minlength=len(classes)).astype(np.float64)
    return counts / counts.sum() if counts.sum() else np.full(len(classes), 1 / max(len(classes), 1))


def _runs(texts: Sequence[str], least_texts: int) -> tuple[NDArray[Any], Any]:
    """Return the runs of characters and a sparse 0/1 matrix (texts, runs); none if none is frequent."""
    from scipy import sparse
    from sklearn.feature_extraction.text import CountVectorizer

    vectors = CountVectorizer(analyzer="char", ngram_range=(2, 3), min_df=min(least_texts, max(len(texts), 1)),
                              max_features=50_000, binary=True, dtype=np.float32)
    try:
        present = vectors.fit_transform(texts)
    except ValueError:  # an empty vocabulary
        return np.empty(0, dtype=object), sparse.csr_array((len(texts), 0), dtype=np.float32)
    return vectors.get_feature_names_out(), present


def _typical(present: Any, member: NDArray[np.bool_], names: NDArray[Any], most: int) -> list[str]:
    """The names of highest chi-squared (2×2, class against text) that are more frequent inside the class."""
    rows, inside = member.size, int(member.sum())
    if not names.size or inside in (0, rows):
        return []
    both = np.asarray(present[member].sum(axis=0), dtype=np.float64).ravel()
    total = np.asarray(present.sum(axis=0), dtype=np.float64).ravel()
    surplus = both * rows - total * inside
    spread = np.maximum(total * (rows - total), 1e-9)
    statistic = np.where(surplus > 0, surplus**2 / spread, -1.0)
    best = np.argsort(-statistic, kind="stable")[:most]
    return [str(names[index]) for index in best if statistic[index] > 0 and str(names[index]).strip()]
