from pathlib import Path

import pytest

from fenzhen.errors import SettingsError
from fenzhen.settings import read_settings


def _workspace(folder: Path, text: str) -> Path:
    (folder / "workspace.toml").write_text(text, "utf-8")
    return folder


def test_state_lives_in_the_workspace_by_default(tmp_path):
    settings = read_settings(tmp_path, {})
    assert settings.state_dir == tmp_path / ".fenzhen"
    assert settings.tracking_uri == f"sqlite:///{tmp_path}/.fenzhen/mlflow.db"
    assert settings.registry_uri == settings.tracking_uri
    assert settings.exports_dir == tmp_path / ".fenzhen" / "exports"
    assert settings.exports_keep == 5
    assert settings.store_url == f"sqlite:///{tmp_path}/.fenzhen/store.db"
    assert not (tmp_path / ".fenzhen").exists()


def test_the_environment_wins_over_the_file(tmp_path):
    folder = _workspace(tmp_path, '[settings]\ntracking_uri = "http://file"\nexports_keep = 2\n')
    assert read_settings(folder, {}).tracking_uri == "http://file"
    settings = read_settings(folder, {"MLFLOW_TRACKING_URI": "http://variable"})
    assert (settings.tracking_uri, settings.registry_uri, settings.exports_keep) == (
        "http://variable", "http://variable", 2)


def test_the_registry_may_be_elsewhere(tmp_path):
    settings = read_settings(tmp_path, {"MLFLOW_TRACKING_URI": "http://a", "MLFLOW_REGISTRY_URI": "http://b"})
    assert (settings.tracking_uri, settings.registry_uri) == ("http://a", "http://b")


def test_everything_follows_the_state_folder(tmp_path):
    settings = read_settings(tmp_path, {"FENZHEN_STATE_DIR": "/var/lib/fenzhen"})
    assert settings.store_url == "sqlite:////var/lib/fenzhen/store.db"
    assert settings.exports_dir == Path("/var/lib/fenzhen/exports")


def test_relative_folders_belong_to_the_file_or_to_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    folder = _workspace(tmp_path, '[settings]\nexports_dir = "../out"\n')
    assert read_settings(folder, {}).exports_dir == tmp_path.parent / "out"
    assert read_settings(folder, {"FENZHEN_EXPORTS_DIR": "out"}).exports_dir == Path("/out")


def test_empty_variables_count_as_unset(tmp_path):
    assert read_settings(tmp_path, {"FENZHEN_EXPORTS_KEEP": ""}).exports_keep == 5


@pytest.mark.parametrize(("variable", "value"), [
    ("FENZHEN_EXPORTS_KEEP", "0"), ("FENZHEN_EXPORTS_KEEP", "2.5"), ("FENZHEN_EXPORTS_KEEP", "inf"),
    ("FENZHEN_LOCK_TIMEOUT_SECONDS", "-1"), ("FENZHEN_LOCK_TIMEOUT_SECONDS", "soon"),
])
def test_wrong_numbers_are_refused_by_name(tmp_path, variable, value):
    with pytest.raises(SettingsError, match=f"got {variable}='{value}', expected a"):
        read_settings(tmp_path, {variable: value})


@pytest.mark.parametrize("line", ["exports_keep = true", "exports_keep = [1]", "store_url = 1", 'store_url = ""'])
def test_wrong_types_in_the_file_are_refused(tmp_path, line):
    with pytest.raises(SettingsError, match=r"got settings\."):
        read_settings(_workspace(tmp_path, f"[settings]\n{line}\n"), {})


def test_an_unknown_setting_names_the_nearest(tmp_path):
    with pytest.raises(SettingsError, match="unknown setting 'export_dir', did you mean 'exports_dir'"):
        read_settings(_workspace(tmp_path, '[settings]\nexport_dir = "x"\n'), {})


def test_a_broken_file_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="cannot read"):
        read_settings(_workspace(tmp_path, "[settings"), {})


@pytest.mark.parametrize("text", ["[settings]\nstore.keep_text = true\n", "[settings.store]\nkeep_text = true\n"])
def test_text_is_kept_only_if_a_workspace_says_so(tmp_path, text):
    assert not read_settings(tmp_path, {}).keep_text
    assert read_settings(_workspace(tmp_path, text), {}).keep_text
    assert not read_settings(tmp_path, {"FENZHEN_STORE_KEEP_TEXT": "no"}).keep_text


@pytest.mark.parametrize(("text", "message"), [
    ('[settings]\nstore.keep_text = "maybe"\n', "expected true or false"),
    ("[settings]\nstore.keep_texts = true\n", "did you mean 'store.keep_text'"),
])
def test_a_wrong_word_on_keeping_text_is_refused(tmp_path, text, message):
    with pytest.raises(SettingsError, match=message):
        read_settings(_workspace(tmp_path, text), {})
