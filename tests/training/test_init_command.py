import tomllib

import typer
from typer.testing import CliRunner

from fenzhen.workspace.example import FILES
from models.policy import Rule
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
