import re
import tomllib

import pytest

from fenzhen.errors import WorkspaceError
from fenzhen.workspace import load_workspace
from fenzhen.workspace.config import parse_leniently
from fenzhen.workspace.example import FILES, WORKSPACE, write_example


def test_the_example_loads_and_names_one_table(tmp_path):
    write_example(tmp_path / "new" / "desk")
    workspace = load_workspace(tmp_path / "new" / "desk")
    assert workspace.table_names == ("tickets",)
    assert workspace.rules() == ()
    assert workspace.user_words() is not None


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "rules.toml").write_text("mine")
    with pytest.raises(WorkspaceError, match=r"rules.toml exists already; nothing was written"):
        write_example(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["rules.toml"]
    assert (tmp_path / "rules.toml").read_text() == "mine"


def test_a_place_that_cannot_be_written_to_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="cannot write to"):
        write_example(tmp_path / "file" / "desk")


def test_what_is_commented_out_is_valid_too():
    switched_on = re.sub(r"^# (?=\[|\w+ = )", "", WORKSPACE.replace("@sections@\n", ""), flags=re.MULTILINE)
    for alternative in ("url_env", "query"):
        switched_on = re.sub(rf"^{alternative} = .*\n", "", switched_on, flags=re.MULTILINE)
    config, faults = parse_leniently(tomllib.loads(switched_on))
    assert faults == []
    assert set(config.tables) == {"tickets", "raw", "taxonomy", "interactions"}
    assert config.tables["tickets"].sources[0].derive == {"cost": "工时 * 单价"}


def test_the_commented_rule_is_toml():
    uncommented = "\n".join(line[2:] for line in FILES["rules.toml"].splitlines()[3:])
    assert tomllib.loads(uncommented)["rule"][0]["mode"] == "override"
