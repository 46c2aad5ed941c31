import logging

import numpy as np
import pytest
from matplotlib import image

from tests.training.made_up import made_up_evaluation
from training.evaluation import plots
from training.evaluation.evaluate import evaluate


def test_every_plot_is_a_picture_with_something_on_it(tmp_path) -> None:
    for name in plots.write_plots(tmp_path, made_up_evaluation()):
        picture = image.imread(tmp_path / name)
        assert min(picture.shape[:2]) >= 300
        assert picture[..., :3].std() > 0.02


def test_the_chinese_font_is_found_without_setting_anything_up() -> None:
    assert plots.font_family() == ("Noto Sans CJK SC",)


def test_without_the_font_there_are_plots_and_a_warning_in_the_log(tmp_path, monkeypatch, caplog) -> None:
    monkeypatch.setattr(plots, "FONT", "absent.otf")
    plots.font_family.cache_clear()
    try:
        with caplog.at_level(logging.WARNING):
            assert "reliability.png" in plots.write_plots(tmp_path, made_up_evaluation(rows=30))
    finally:
        plots.font_family.cache_clear()
    assert "no Chinese font" in caplog.text


@pytest.mark.parametrize("right", [True, False])
def test_a_single_row_can_be_drawn_whether_right_or_wrong(tmp_path, right) -> None:
    found = evaluate(["墨"], [[1.0, 0.0] if right else [0.0, 1.0]], ["墨", "纸"], rounds=5)
    assert plots.write_plots(tmp_path, found)


def test_a_hundred_classes_with_long_names_and_emoji_can_be_drawn(tmp_path) -> None:
    random = np.random.default_rng(0)
    classes = [f"一个非常非常非常长的类别名称😀{i}" for i in range(100)]
    labels = np.array(classes, dtype=object)[random.integers(0, 100, 400)]
    found = evaluate(labels, random.dirichlet(np.ones(100), 400), classes, rounds=5)
    assert plots.write_plots(tmp_path, found)
