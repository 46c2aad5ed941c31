"""A worker ends with its parent."""

from serving.parent import _watch, is_worker


def test_a_worker_ends_once_another_process_is_its_parent() -> None:
    parents, slept, ended = iter([7, 7, 1]), [], []
    _watch(7, parent_now=lambda: next(parents), sleep=slept.append, end=lambda: ended.append(True))
    assert (len(slept), ended) == (2, [True])


def test_this_process_is_no_worker() -> None:
    assert not is_worker()
