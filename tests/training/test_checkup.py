"""What ``fenzhen doctor`` finds: nothing is raised, nothing is changed, what is broken is said."""

from pathlib import Path

import pytest

from fenzhen.exports import Exports
from tests.models.made_up import simulated_scorer
from training.checkup import Finding, checkup

TOML = """
[tables.tickets]
path = "tickets.csv"
[models.ticket_category]
[models.ticket_colour]
colour = "red"
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with one good and one bad model, nothing trained, and nobody at the service's port."""
    monkeypatch.setenv("FENZHEN_PORT", "9")
    (tmp_path / "workspace.toml").write_text(TOML, encoding="utf-8")
    (tmp_path / "tickets.csv").write_text("ticket_id,subject,category\n1,打印机卡纸,硬件\n", encoding="utf-8")
    return tmp_path


def found(desk: Path) -> dict[str, Finding]:
    return {each.what: each for each in checkup(desk)}


def test_a_new_workspace_is_told_part_by_part_and_stays_as_it_is(desk: Path) -> None:
    before = sorted(desk.rglob("*"))
    told = found(desk)
    assert told["table tickets"].found == "1 rows"
    assert (told["model ticket_category"].state, told["model ticket_colour"].state) == ("ok", "broken")
    assert {told[name].state for name in ("trained", "served", "service", "rules", "user words")} == {"absent"}
    assert sorted(desk.rglob("*")) == before


def test_a_folder_without_a_workspace_is_one_finding(tmp_path: Path) -> None:
    finding, = checkup(tmp_path)
    assert (finding.state, finding.what) == ("broken", "workspace")


def test_a_table_that_cannot_be_read_does_not_hide_the_rest(desk: Path) -> None:
    (desk / "tickets.csv").unlink()
    told = found(desk)
    assert told["table tickets"].state == told["validation"].state == "broken"
    assert told["served"].state == "absent"


def test_a_champion_is_verified(desk: Path, tmp_path: Path) -> None:
    simulated_scorer().save(tmp_path / "artefact", {"model": "ticket_category", "field": "category", "metrics": {}})
    champion = Exports(desk / ".fenzhen" / "exports").publish("ticket_category", 4, tmp_path / "artefact",
                                                              registry_alias=4)
    assert found(desk)["champion ticket_category"].found.startswith("version 4, text_label")
    (champion.folder / "manifest.json").chmod(0o644)
    (champion.folder / "manifest.json").write_text("{}", encoding="utf-8")
    assert found(desk)["champion ticket_category"].state == "broken"
