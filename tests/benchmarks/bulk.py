"""Tickets a second over raw texts, segmentation included, each contender in turn and every round in another order."""

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

from tests.benchmarks.bench import Bench
from tests.benchmarks.cases import raw_messages
from tests.benchmarks.results import Aim, Section, Table, number
from tests.benchmarks.words import cut_words, prepared_words

__all__ = ["Timing", "alternate", "bulk"]

ROUNDS, QUICK_ROUNDS, QUICK_TICKETS = 7, 1, 60
OURS, FASTTEXT, SCIKIT = "Fenzhen", "fastText, same batch segmentation", "scikit-learn, same batch segmentation"
COLUMNS = (
    "contender", "tickets/s", "tickets per CPU second", "slowest round", "fastest round", "Fenzhen is × as fast",
    "× per CPU second",
)
Texts = Sequence[str | None]


@dataclass
class Timing:
    """Wall and CPU seconds of each round."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


def bulk(bench: Bench) -> Section:
    """Return the section: titles and hotline messages as written."""
    test = bench.cases("titles")[0].parts[0][1]
    sources = [("titles, dev", "titles", (list(test.subjects), list(test.bodies)))]
    if not bench.quick:
        sources.append(("hotline, raw messages", "raw", raw_messages()))
    tables, aims = [], []
    for title, model, texts in sources:
        table, found = _compared(bench, title, model, *texts)
        tables.append(table)
        aims += found
    return Section("bulk", _ABOUT, tables, aims)


def alternate(jobs: dict[str, Callable[[], object]], rounds: int) -> dict[str, Timing]:
    """Return the timings of each job; one unmeasured round first, then ``rounds``, each starting with another job."""
    timings = {name: Timing() for name in jobs}
    names = list(jobs)
    for job in jobs.values():
        job()
    gc.collect()
    gc.freeze()  # models and texts, as in a worker: each collection then looks at what the job made
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            _time(jobs[name], timings[name])
    gc.unfreeze()
    return timings


def _time(job: Callable[[], object], timing: Timing) -> None:
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    job()
    timing.wall.append(time.perf_counter() - wall)
    timing.cpu.append(time.process_time() - cpu)


def _compared(bench: Bench, title: str, model: str, subjects: Texts, bodies: Texts) -> tuple[Table, list[Aim]]:
    if bench.quick:
        subjects, bodies = subjects[:QUICK_TICKETS], bodies[:QUICK_TICKETS]
    bench.say(f"bulk: {title}, {len(subjects):,} tickets")
    timings = alternate(_jobs(bench, model, subjects, bodies), QUICK_ROUNDS if bench.quick else ROUNDS)
    rows = [_row(name, timing, timings[OURS], len(subjects)) for name, timing in timings.items()]
    characters = sum(len(subject or "") + len(body or "") for subject, body in zip(subjects, bodies, strict=True))
    head = f"{title}: {len(subjects):,} tickets of {characters / len(subjects):.0f} characters on average"
    aims = [
        Aim(f"{title}: times {SCIKIT}", ratio(timings[SCIKIT].wall, timings[OURS].wall), 2.0, digits=2),
        Aim(f"{title}: times {FASTTEXT}", ratio(timings[FASTTEXT].wall, timings[OURS].wall), 1.0, digits=2,
            stretch=True),
    ]
    return Table((head, *COLUMNS[1:]), rows), aims


def _jobs(bench: Bench, model: str, subjects: Texts, bodies: Texts) -> dict[str, Callable[[], object]]:
    ours, fasttext, scikit = (bench.kept_fit(model, name).fitted for name in ("Fenzhen", "fastText", "scikit-learn"))
    words = prepared_words(subjects, bodies, bench.segmenter)

    def batch() -> list[str]:
        return prepared_words(subjects, bodies, bench.segmenter)

    def plain() -> list[str]:
        return cut_words(subjects, bodies, bench.segmenter)

    def one_by_one() -> None:
        for text in plain():
            fasttext.model.predict(text)

    return {
        OURS: lambda: ours.probabilities(subjects, bodies),
        FASTTEXT: lambda: fasttext.best_of_words(batch()),
        "fastText, Segmenter.cut_many": lambda: fasttext.best_of_words(plain()),
        "fastText, Segmenter.cut_many, one predict a ticket": one_by_one,
        SCIKIT: lambda: scikit.best_of_words(batch()),
        "scikit-learn, Segmenter.cut_many": lambda: scikit.best_of_words(plain()),
        "only batch segmentation": batch,
        "only Segmenter.cut_many": plain,
        "Fenzhen on words, without segmentation": lambda: ours.best_of_words(words),
        "fastText on words, without segmentation": lambda: fasttext.best_of_words(words),
        "scikit-learn on words, without segmentation": lambda: scikit.best_of_words(words),
    }


def _row(name: str, timing: Timing, ours: Timing, tickets: int) -> list[str]:
    wall = [tickets / seconds for seconds in timing.wall]
    cpu = [tickets / max(seconds, 1e-9) for seconds in timing.cpu]
    return [
        name, number(median(wall), 0), number(median(cpu), 0), number(min(wall), 0), number(max(wall), 0),
        number(ratio(timing.wall, ours.wall), 2), number(ratio(timing.cpu, ours.cpu), 2),
    ]


def ratio(theirs: Sequence[float], ours: Sequence[float]) -> float:
    """Return the median over the rounds of their seconds to ours.

    >>> ratio([2.0, 4.0, 9.0], [1.0, 1.0, 3.0])
    3.0
    """
    return median(their / our for their, our in zip(theirs, ours, strict=True))


_ABOUT = (
    f"Median of {ROUNDS} rounds in one process; in each round all contenders run in turn, and each round begins with "
    "another one. *Same batch segmentation*: the peer gets the words of Fenzhen's own normalising, masking and "
    "threaded cutting, joined without a Python loop. *Segmenter.cut_many*: texts as written, cut one at a time, "
    "nothing masked. fastText labels all texts in one call, unless it says otherwise; scikit-learn's is "
    "`decision_function`. Ratios are medians of the rounds' own ratios. Fenzhen's answer holds all calibrated "
    "probabilities and the warnings. Segmentation uses both cores, hence the column by CPU second."
)
