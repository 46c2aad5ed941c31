import subprocess

from training.provenance import git_commit, library_versions


def test_installed_libraries_are_named_with_their_versions() -> None:
    found = library_versions()
    assert {"numpy", "scikit-learn", "pandas"} <= set(found)
    assert all(version[0].isdigit() for version in found.values())


def test_a_commit_is_marked_dirty_once_something_changed(tmp_path) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-C", str(tmp_path), "-c", "user.name=t", "-c", "user.email=t@t", *words], check=True,
                       capture_output=True)

    git("init")
    (tmp_path / "a").write_text("1")
    git("add", "a")
    git("commit", "-m", "one")
    clean = git_commit(tmp_path)
    assert len(clean) == 40
    (tmp_path / "a").write_text("2")
    assert git_commit(tmp_path) == f"{clean}-dirty"


def test_outside_git_there_is_no_commit(tmp_path) -> None:
    assert git_commit(tmp_path) == ""
    assert git_commit(tmp_path / "absent") == ""
