"""A plain linear model finds the labels, but not all of them."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix, hstack

from fenzhen.simulate.history import History
from fenzhen.simulate.tickets import Ticket

TRAINED = 0.8


@pytest.fixture(scope="module")
def resolved(history: History) -> list[Ticket]:
    return [ticket for ticket in history.tickets if ticket.resolved_at]


@pytest.fixture(scope="module")
def matrices(resolved: list[Ticket]) -> tuple[csr_matrix, csr_matrix]:
    import rjieba
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [f"{ticket.subject} \n {ticket.body}" for ticket in resolved]
    cut = int(len(texts) * TRAINED)
    kinds = (TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=2),
             TfidfVectorizer(tokenizer=rjieba.cut, token_pattern=None, sublinear_tf=True, min_df=2))
    train = hstack([kind.fit_transform(texts[:cut]) for kind in kinds]).tocsr()
    return train, hstack([kind.transform(texts[cut:]) for kind in kinds]).tocsr()


@pytest.mark.parametrize(("label", "floor", "ceiling"), [
    ("category", 0.80, 0.93), ("subcategory", 0.74, 0.92), ("sentiment", 0.74, 0.92), ("request_type", 0.66, 0.88)])
def test_labels_are_learnable_but_not_perfectly(
        label: str, floor: float, ceiling: float, resolved: list[Ticket], matrices: tuple[csr_matrix, csr_matrix]):
    from sklearn.svm import LinearSVC

    train, test = matrices
    labels = np.array([getattr(ticket.filing, label) or "其他" for ticket in resolved])
    cut = train.shape[0]
    predicted = LinearSVC(C=0.5, random_state=1).fit(train, labels[:cut]).predict(test)
    assert floor <= np.mean(predicted == labels[cut:]) <= ceiling
