"""The command ``analyse`` from a folder to words, tables and figures, and what it answers to mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.cli.app import main
from tests.experiment.analysis.stores import AREA, INDICATOR, fill, unit_points

SD = f"{AREA}.{INDICATOR}.sd"


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(a) for a in arguments])
    code = left.value.code
    return 0 if code is None else int(code)


def fails_in_a_corner(u: np.ndarray) -> np.ndarray:
    return np.where((u[:, 0] > 0.6) & (u[:, 1] < 0.5), 0.3, -1.0) / 100.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sweeps") / "s"
    effects = {
        "fund": {"sd": fails_in_a_corner, "mean": lambda u: 0.01 * u[:, 0], "total": lambda u: 2e8 + 0.0 * u[:, 0]},
        "board": {"sd": lambda u: -0.004 + 0.0 * u[:, 0], "mean": lambda u: 0.0 * u[:, 0],
                  "total": lambda u: 5e7 * u[:, 1]},
    }  # fmt: skip
    regional = {name: np.linspace(-0.01, 0.02, 21) for name in effects}
    unit = unit_points("lhs", 120, 3)
    fill(path, effects, design="lhs", unit=unit, seeds=(1, 2), noise=0.0005, missing=(7,), regional=regional)
    return path


def test_analyse_writes_tables_words_and_figures(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("analyse", folder, "--outcome", AREA) == 0
    out, err = capsys.readouterr()
    assert "fund fails in" in out
    assert (
        "Fails more often where Thing 0 is above 5" in out
        or "Fails more often where Thing 0 is above 6" in out
    )
    assert "Nothing that was varied changes this outcome." in out, (
        "the cost of the fund is the same everywhere"
    )
    assert "pairs are missing" in err
    made = folder / "analysis"
    rules = pd.read_parquet(made / "rules.parquet")
    assert set(rules.loc[(rules["policy"] == "fund") & (rules["outcome"] == SD), "status"]) == {"found"}
    assert {p.name for p in made.glob("*.csv")} >= {
        "indices.csv",
        "robustness.csv",
        "frontier.csv",
        "policy_tree.csv",
    }
    names = {p.stem.split("_")[0] for p in (made / "figures").glob("*.png")}
    assert names == {"tornado", "indices", "rules", "regret", "frontier"}
    assert all(p.with_suffix(".svg").is_file() for p in (made / "figures").glob("*.png"))


def test_analyse_again_gives_the_same_tables(folder: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert run("analyse", folder, "--outcome", SD, "--no-figures", "--out", tmp_path / name, "-q") == 0
    for path in (tmp_path / "one").glob("*.parquet"):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name
    assert run("analyse", folder, "--outcome", SD, "--no-figures", "--out", tmp_path / "one") == 2, (
        "not overwritten"
    )


def test_swedish_words_are_swedish(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        run("analyse", folder, "--outcome", SD, "--lang", "sv", "--no-figures", "--out", tmp_path / "sv") == 0
    )
    out, _ = capsys.readouterr()
    assert "Misslyckas oftare när Sak 0 är över" in out
    assert "fails" not in out


def test_json_is_plain_and_whole(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("analyse", folder, "--outcome", SD, "--no-figures", "--json", "--out", tmp_path / "j") == 0
    found = json.loads(capsys.readouterr().out)
    assert {"indices", "order", "convergence", "rules", "robustness", "swings"} <= set(found)
    assert found["order"][0]["outcome"] == SD


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--outcome", "orphan_drug"], f"did you mean: {AREA}"),
        (["--lang", "fi"], "allowed: sv, en"),
    ],
)
def test_mistakes_are_answered_with_what_is_allowed(
    folder: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("analyse", folder, *arguments) == 2
    assert said in capsys.readouterr().err


def test_a_folder_that_is_no_sweep_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("analyse", tmp_path) == 2
    assert "not the folder of a sweep" in capsys.readouterr().err


def test_a_missing_library_is_named_with_its_cure(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:

    from sim.experiment.analysis import needs

    def missing(name: str) -> object:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name.split(".", maxsplit=1)[0])

    monkeypatch.setattr(needs, "import_module", missing)
    assert run("analyse", folder, "--outcome", SD, "--out", tmp_path / "m") == 2
    said = capsys.readouterr().err
    assert "not installed (SALib)" in said or "not installed (sklearn)" in said
    assert "make setup" in said


def test_every_wording_exists_in_both_languages_with_the_same_fields() -> None:
    from string import Formatter

    from sim.report.sweep_labels import WORDS

    for name, texts in WORDS.items():
        fields = {lang: {f for _, f, _, _ in Formatter().parse(text) if f} for lang, text in texts.items()}
        assert fields["sv"] == fields["en"], name
