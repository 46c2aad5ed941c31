"""The benchmarks run: on a small seeded share of everything, for what they print and not for how fast it is."""

import importlib.util
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import BENCHMARKS, RESULTS, main
from tests.benchmarks.results import Aim, Section, Table, merged

needs_fasttext = pytest.mark.skipif(
    importlib.util.find_spec("fasttext") is None, reason="fastText is absent: pip install '.[bench]'"
)


@needs_fasttext
@pytest.mark.usefixtures("shared_data")
def test_a_quick_run_writes_every_section_that_was_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "RESULTS.md"
    assert main(["titles", "bulk", "footprint", "routing", "--quick", "--output", str(output)]) == 0
    written = output.read_text(encoding="utf-8")
    assert [line for line in written.splitlines() if line.startswith("## ")] == [
        "## titles", "## bulk", "## footprint", "## routing"]
    assert written.count("| Fenzhen |") == 1 + 1 + 1
    assert written.count("| scikit-learn |") == 1 + 1
    assert "no measure of anything" in capsys.readouterr().out


def test_an_unknown_benchmark_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["titels"]) == 2
    assert f"got titels, expected some of {', '.join(BENCHMARKS)}" in capsys.readouterr().err


def test_a_run_of_some_sections_leaves_the_others(tmp_path: Path) -> None:
    path = tmp_path / "RESULTS.md"
    path.write_text("# Results\n\nold head\n\n## titles\n\nold titles\n\n## bulk\n\nold bulk\n", encoding="utf-8")
    found = merged(path, "# Results\n\nnew head", {"titles": "## titles\n\nnew titles"}, ["titles", "bulk", "http"])
    assert found == "# Results\n\nnew head\n\n## titles\n\nnew titles\n\n## bulk\n\nold bulk\n"


def test_a_section_says_of_each_aim_whether_it_is_met() -> None:
    aims = [Aim("accuracy", 0.93, 0.93), Aim("ECE", 0.031, 0.03, at_least=False), Aim("rate", 0.9, 1.0, stretch=True)]
    text = Section("titles", "About.", [Table(("contender", "accuracy"), [("Fenzhen", "0.93")])], aims).markdown("now")
    assert text.splitlines()[-5:-2] == [
        "- met — accuracy: 0.9300, aim ≥ 0.93", "- **missed** — ECE: 0.0310, aim ≤ 0.03",
        "- **missed** — rate: 0.9000, stretch ≥ 1",
    ]


@pytest.mark.skipif(not RESULTS.exists(), reason="no benchmark was run yet")
def test_the_results_hold_benchmarks_in_order_and_no_quick_run() -> None:
    text = RESULTS.read_text(encoding="utf-8")
    found = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    assert found == [name for name in BENCHMARKS if name in found]
    assert "no measure of anything" not in text
