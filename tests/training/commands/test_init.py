import tomllib

import typer
from typer.testing import CliRunner

from fenzhen.tables import SCHEMAS
from fenzhen.workspace import load_workspace
from fenzhen.workspace.example import FILES
from fenzhen.workspace.example_sections import SECTIONS, commented
from models.policy import Rule
from models.specs import spec_of
from training.commands import init

app = typer.Typer()
app.command()(init.command)


def test_an_example_is_written_and_named(tmp_path):
    result = CliRunner().invoke(app, [str(tmp_path / "desk")])
    assert result.exit_code == 0
    written = sorted(path.name for path in (tmp_path / "desk").iterdir())
    assert written == ["rules.toml", "user_words.txt", "workspace.toml"]
    assert "workspace.toml" in result.output


def test_the_workspace_option_names_the_folder_too(tmp_path):
    assert CliRunner().invoke(app, ["--workspace", str(tmp_path)]).exit_code == 0
    assert (tmp_path / "workspace.toml").is_file()


def test_a_second_time_is_refused(tmp_path):
    CliRunner().invoke(app, [str(tmp_path)])
    result = CliRunner().invoke(app, [str(tmp_path)])
    assert result.exit_code == 1
    assert "exists already; nothing was written" in result.stderr


def test_the_commented_rule_is_one_that_models_accept():
    uncommented = "\n".join(line[2:] for line in FILES["rules.toml"].splitlines()[3:])
    (rule,) = tomllib.loads(uncommented)["rule"]
    assert Rule.from_dict(rule).matches("充电器冒烟了")


def test_the_sections_for_people_customers_and_devices_load_once_they_are_uncommented(tmp_path):
    CliRunner().invoke(app, [str(tmp_path)])
    path = tmp_path / "workspace.toml"
    written, sections = path.read_text("utf-8"), commented(SECTIONS)
    assert sections in written
    path.write_text(written.replace(sections, SECTIONS), "utf-8")
    workspace = load_workspace(tmp_path)
    assert {"assignees", "ticket_events", "customers", "interactions", "returns", "devices", "telemetry",
            "device_events"} <= set(workspace.table_names) <= set(SCHEMAS)
    for name in ("ticket_priority", "assignee_group", "assignee", "churn", "device_failure"):
        assert name in workspace.model_names()
        spec_of(name, workspace.model_settings(name))
