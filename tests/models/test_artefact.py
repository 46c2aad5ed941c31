"""What is not exactly as it was saved is refused, and only ever with an ``ArtefactError``."""

import hashlib
import json
import os
import pickletools
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fenzhen.errors import ArtefactError
from models.artefact import load_scorer, manifest_sha256, verify, write_artefact
from tests.models.made_up import IDENTITY, simulated_scorer

FILES = (
    "calibration.json", "fingerprints.npy", "golden.json", "intercept.npy", "keys.npy", "manifest.json",
    "norm_weights.npy", "second_intercept.npy", "second_keys.npy", "second_level.json", "second_norm_weights.npy",
    "second_weights.npy", "user_words.txt", "weights.npy",
)
Change = Callable[[dict[str, Any]], Any]


def forge(folder: Path, change: Change) -> None:
    """Alter the manifest, with right hashes of the files as they are."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["files"] = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in manifest["files"]
    }
    result = change(manifest)
    text = json.dumps(manifest if result is None else result, ensure_ascii=False)
    (folder / "manifest.json").write_text(text, "utf-8")


def put(*path: str, value: Any) -> Change:
    """Return a change that sets one place of the manifest."""
    def change(manifest: dict[str, Any]) -> None:
        for key in path[:-1]:
            manifest = manifest[key]
        manifest[path[-1]] = value
    return change


def as_it_is(_manifest: dict[str, Any]) -> None:
    """Change nothing but the hashes."""


def test_the_artefact_is_these_files_of_data(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    for path in folder.iterdir():
        content = path.read_bytes()
        if path.suffix == ".npy":
            assert np.load(path, allow_pickle=False).dtype.kind in "fu"
        else:
            content.decode("utf-8")
        assert not zipfile.is_zipfile(path)
        with pytest.raises(ValueError, match=r"opcode|exhausted|expected"):
            list(pickletools.genops(content or b"?"))


@pytest.mark.parametrize("name", FILES)
def test_one_flipped_byte_anywhere_is_refused(folder: Path, name: str) -> None:
    sha256, path = manifest_sha256(folder), folder / name
    content = bytearray(path.read_bytes() or b"\0")
    for position in {0, len(content) // 2, len(content) - 1}:
        content[position] ^= 1
        path.write_bytes(content)
        with pytest.raises(ArtefactError):
            load_scorer(folder, sha256)
        content[position] ^= 1


@pytest.mark.parametrize("name", FILES)
def test_a_missing_or_truncated_or_extended_file_is_refused(folder: Path, name: str) -> None:
    sha256, path = manifest_sha256(folder), folder / name
    content = path.read_bytes()
    for wrong in (content[:-1] if content else b"x", content + b"\n"):
        path.write_bytes(wrong)
        with pytest.raises(ArtefactError, match="SHA-256"):
            load_scorer(folder, sha256)
    path.unlink()
    with pytest.raises(ArtefactError, match=f"{name} cannot be read"):
        load_scorer(folder, sha256)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="cannot be read"):
        load_scorer(tmp_path / "nothing")


@pytest.mark.parametrize(("change", "message"), [
    (put("feature_schema", value=2), "got feature_schema 2, expected 1; update Fenzhen"),
    (put("feature_schema", value=0), "got feature_schema 0, expected 1; train again"),
    (put("format", value=99), "got format 99"),
    (put("family", value="oracle"), "got family 'oracle'"),
    (put("family", value=["text_label"]), "got family"),
    (put("files", value=[]), "names no files"),
    (put("files", value={}), "does not vouch for"),
    (put("files", "../../etc/passwd", value="0"), "within the folder"),
    (put("files", "/etc/passwd", value="0"), "within the folder"),
    (put("files", "..", value="0"), "within the folder"),
    (put("files", "a/b.npy", value="0"), "within the folder"),
    (put("files", "a\0b", value="0"), "within the folder"),
    (put("files", "", value="0"), "within the folder"),
    (put("files", "keys.npy", value=None), "SHA-256"),
    (put("classes", value=["甲", "乙"]), "expected float32 of shape"),
    (put("classes", value=["甲"]), "unusable classes"),
    (put("classes", value=list("甲乙丙丁戊己庚庚")), "unusable classes"),
    (put("classes", value="甲乙丙丁戊己庚辛"), "unusable classes"),
    (put("classes", value=[["甲"], ["乙"]]), "unusable classes"),
    (put("classes", value=7), "unusable classes"),
    (put("thresholds", value={"甲": {"auto": "高"}}), "unusable thresholds"),
    (put("thresholds", value={"甲": 0.5}), "unusable thresholds"),
    (put("thresholds", value=None), "unusable thresholds"),
    (put("lead", value={"characters": 24, "weight": float("nan")}), "unusable lead"),
    (put("lead", value={"characters": 24, "weight": 0}), "unusable lead"),
    (put("lead", value={"characters": 24, "weight": 2.0, "x": 1}), "unexpected keyword"),
    (put("lead", value={}), "weight"),
    (put("model", value=""), "unusable model and field"),
    (put("field", value=None), "unusable model and field"),
    (put("segmenter", value={}), "engine"),
    (put("segmenter", "engine", value="../../engine"), "engine"),
    (put("segmenter", value="rjieba"), "cannot be read as a text_label model"),
    (lambda manifest: manifest.pop("second_level"), "cannot be read as a text_label model"),
    (lambda manifest: manifest["files"].pop("weights.npy"), r"does not vouch for weights\.npy"),
    (lambda manifest: manifest["files"].pop("second_level.json"), r"does not vouch for second_level\.json"),
    (lambda _manifest: [1], "names no files"),
    (lambda _manifest: "text", "names no files"),
])
def test_a_forged_manifest_is_refused(folder: Path, change: Change, message: str) -> None:
    def wholly(manifest: dict[str, Any]) -> Any:
        found = change(manifest)
        return found if isinstance(found, list) or found == "text" else None

    forge(folder, wholly)
    with pytest.raises(ArtefactError, match=message):
        load_scorer(folder)


@pytest.mark.parametrize("content", ["", "{", "null", "[" * 100_000, "9" * 10_000, '"\\ud800"', "\ufeff{}"])
def test_a_manifest_that_is_no_json_object_is_refused(folder: Path, content: str) -> None:
    (folder / "manifest.json").write_text(content, "utf-8")
    with pytest.raises(ArtefactError):
        load_scorer(folder)


@pytest.mark.parametrize("name", ["calibration.json", "golden.json", "second_level.json"])
@pytest.mark.parametrize("content", [
    "", "{}", "[]", "null", "3", '{"scale": "x", "shift": []}', '{"scale": 1e999, "shift": [0]}',
    '{"tickets": [], "probabilities": []}', '{"tickets": [["a", null]], "probabilities": [[NaN]]}', "[" * 100_000,
])
def test_forged_json_is_refused(folder: Path, name: str, content: str) -> None:
    (folder / name).write_text(content, "utf-8")
    forge(folder, as_it_is)
    with pytest.raises(ArtefactError):
        load_scorer(folder)


def huge_header(shape: tuple[int, ...]) -> bytes:
    header = str({"descr": "<f4", "fortran_order": False, "shape": shape}).encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + b"\0" * 64


@pytest.mark.parametrize("name", ["weights.npy", "keys.npy", "second_weights.npy", "fingerprints.npy"])
@pytest.mark.parametrize("content", [
    b"", b"\x93NUMPY", b"PK\x03\x04", huge_header((10**9, 10**9)), huge_header((10**30,)), huge_header((-1,)),
    huge_header(()), huge_header((10**12, 8)),
])
def test_forged_arrays_are_refused(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    forge(folder, as_it_is)
    with pytest.raises(ArtefactError):
        load_scorer(folder)


@pytest.mark.filterwarnings("ignore")
def test_weights_that_are_not_finite_or_objects_are_refused(folder: Path) -> None:
    weights = np.load(folder / "weights.npy")
    for wrong in (np.full_like(weights, np.nan), weights.astype(np.float64), weights[:, :2], weights.astype(object)):
        np.save(folder / "weights.npy", wrong, allow_pickle=True)
        forge(folder, as_it_is)
        with pytest.raises(ArtefactError, match=r"weights\.npy|Array can't be memory-mapped"):
            load_scorer(folder)


def test_what_no_longer_gives_the_golden_outputs_is_refused(folder: Path) -> None:
    weights = np.load(folder / "weights.npy")
    np.save(folder / "weights.npy", np.float32(1.01) * weights)
    forge(folder, as_it_is)
    with pytest.raises(ArtefactError, match=r"golden probabilities differ by .*; train again"):
        load_scorer(folder)


def test_golden_tickets_cannot_be_left_out(folder: Path) -> None:
    (folder / "golden.json").write_text('{"tickets": [["a", null]], "probabilities": [[0.5, 0.5]]}', "utf-8")
    forge(folder, as_it_is)
    with pytest.raises(ArtefactError, match="golden probabilities differ by inf"):
        load_scorer(folder)


def test_a_pipe_or_folder_instead_of_a_file_is_refused(folder: Path) -> None:
    for make in (os.mkfifo, os.mkdir):
        (folder / "weights.npy").unlink()
        make(folder / "weights.npy")
        with pytest.raises(ArtefactError, match="cannot be read"):
            load_scorer(folder)
        (folder / "weights.npy").rmdir() if make is os.mkdir else None


def test_the_manifest_must_be_the_expected_one(folder: Path) -> None:
    load_scorer(folder, manifest_sha256(folder))
    with pytest.raises(ArtefactError, match=r"manifest\.json: got SHA-256 .*, expected 0000"):
        load_scorer(folder, "0000")


def test_verify_needs_no_family(tmp_path: Path) -> None:
    sha256 = write_artefact(tmp_path, {"a.txt": "甲", "b.npy": np.arange(3)}, {"family": "unheard of"})
    assert set(verify(tmp_path, sha256)["files"]) == {"a.txt", "b.npy"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=5,
)
KEYS = ("classes", "thresholds", "lead", "segmenter", "second_level", "family", "files", "model", "format")


@pytest.fixture(scope="module")
def forged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An artefact whose manifest each example overwrites."""
    folder = tmp_path_factory.mktemp("forged")
    simulated_scorer().save(folder, IDENTITY)
    (folder / "manifest.saved").write_bytes((folder / "manifest.json").read_bytes())
    return folder


@pytest.mark.filterwarnings("ignore")
@settings(deadline=None, max_examples=60)
@given(key=st.sampled_from(KEYS), value=JSON)
def test_no_manifest_makes_another_error(forged: Path, key: str, value: Any) -> None:
    manifest = json.loads((forged / "manifest.saved").read_text("utf-8"))
    (forged / "manifest.json").write_text(json.dumps({**manifest, key: value}), "utf-8")
    try:
        load_scorer(forged).probabilities(["打印机卡纸"], [None])
    except ArtefactError:
        pass
    else:
        assert key in ("thresholds", "segmenter", "second_level", "model", "lead", "format")
