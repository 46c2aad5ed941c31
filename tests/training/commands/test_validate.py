import typer
from typer.testing import CliRunner

from training.commands import validate

app = typer.Typer()
app.command()(validate.command)


def _run(folder, toml=None, rows=None):
    if toml is not None:
        (folder / "workspace.toml").write_text(toml, "utf-8")
    if rows is not None:
        (folder / "a.csv").write_text(rows, "utf-8")
    return CliRunner().invoke(app, ["--workspace", str(folder)], env={"COLUMNS": "200"})


TOML = '[tables.tickets]\npath = "a.csv"\n'


def test_a_clean_workspace_exits_with_0(tmp_path):
    result = _run(tmp_path, TOML, "body\nx\n")
    assert result.exit_code == 0
    assert "1 table(s) checked (tickets): 0 error(s), 0 warning(s)" in result.output


def test_warnings_are_shown_and_do_not_fail(tmp_path):
    result = _run(tmp_path, TOML, "ticket_id,body\n1,x\n2,\n")
    assert result.exit_code == 0
    assert "warning" in result.output


def test_errors_are_shown_and_fail(tmp_path):
    result = _run(tmp_path, TOML, "ticket_id,body\n1,x\n1,[bold]y\n")
    assert result.exit_code == 1
    assert "ticket_id" in result.output
    assert "1 error(s), 0 warning(s)" in result.output


def test_no_workspace_is_one_sentence(tmp_path):
    result = _run(tmp_path)
    assert result.exit_code == 1
    assert result.stderr.startswith("fenzhen: there is no workspace.toml in")
    assert "Traceback" not in result.output


def test_rules_are_checked_too(tmp_path):
    (tmp_path / "rules.toml").write_text('[[rule]]\nid = "a"\nfield = "category"\n', "utf-8")
    result = _run(tmp_path, TOML, "body\nx\n")
    assert result.exit_code == 1
    assert "rules.toml" in result.output


def test_user_words_that_cannot_be_read_are_an_error(tmp_path):
    (tmp_path / "user_words.txt").write_bytes(b"\xff\xfe\x00")
    result = _run(tmp_path, TOML, "body\nx\n")
    assert result.exit_code == 1
    assert "user_words.txt" in result.output


def test_errors_of_the_file_of_its_models_and_of_tables_are_shown_together(tmp_path):
    toml = f'{TOML}[tables.article]\npath = "b.csv"\n[models.ticket_category]\nminimum = 3\n[models.colour]\n'
    result = _run(tmp_path, toml, "ticket_id,body\n1,x\n1,y\n")
    assert result.exit_code == 1
    for word in ("article", "models.ticket_c", "models.colour", "ticket_id"):
        assert word in result.output
    assert "4 error(s), 0 warning(s)" in result.output
    assert "Traceback" not in result.output
