"""The comparison of ways to code: fair draws, right figures, and a run from tables to page."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from jmo_nlp.agreement import krippendorff_alpha

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(SCRIPTS))


def table(path: Path, rows: int, start: int = 0) -> Path:
    """Write what workers said of an app: signal, helper, neither; each text is there once."""
    said = [
        ("Sinyal di blok {n} hilang, aplikasi tidak terbuka.", "x", ""),
        ("Jaringan internet di pondok {n} lambat sekali.", "neg", "neutral"),
        ("Petugas loket {n} sabar membantu kami.", "neut", "pos"),
        ("Mandor regu {n} mengajari kami memakai aplikasi.", "", "x"),
        ("Saya panen di blok {n} dari pagi.", "neutral", "neut"),
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["jawaban", "sinyal", "bantuan"])
        for i in range(start, start + rows):
            text, *cells = said[i % len(said)]
            writer.writerow([text.format(n=i), *cells])
    return path


def test_a_cell_says_whether_its_code_applies(parts: None, tmp_path: Path) -> None:
    from quality_parts.sets import read_set

    coded = read_set("kebun", table(tmp_path / "a.csv", 5))
    assert coded.codes == ["sinyal", "bantuan"]
    assert coded.applies.tolist() == [[True, False], [True, False], [False, True], [False, True], [False, False]]


def test_draws_are_the_same_each_time_and_nothing_learned_is_judged(parts: None, tmp_path: Path) -> None:
    from quality_parts.sets import CodedSet, draws

    texts = [f"jawaban {i % 30}" for i in range(40)]  # ten are there twice
    coded = CodedSet("kebun", texts, ["sinyal"], np.zeros((40, 1), dtype=bool))
    first, again = list(draws(coded, 12, 3, None)), list(draws(coded, 12, 3, None))
    assert [d.parts[0][0].tolist() for d in first] == [d.parts[0][0].tolist() for d in again]
    assert len({tuple(d.parts[0][0].tolist()) for d in first}) == 3
    (whole,) = draws(coded, None, 3, None)
    (tested,) = draws(coded, None, 3, 25)
    for draw in [*first, whole, tested]:
        for learned, judged in draw.parts:
            assert not {texts[i] for i in learned} & {texts[i] for i in judged}
    assert set(tested.parts[0][0].tolist()) == set(range(25))
    assert min(tested.parts[0][1]) >= 25


def test_alpha_is_krippendorffs(parts: None) -> None:
    from quality_parts.measures import mean_alpha, measure

    rng = np.random.default_rng(2)
    applies = rng.random((60, 3)) < (0.4, 0.5, 0.05)  # the last applies too seldom to count
    given = applies ^ (rng.random((60, 3)) < 0.15)
    known = [krippendorff_alpha(np.stack([applies[:, c], given[:, c]]).astype(float)) for c in (0, 1)]
    assert mean_alpha(given, applies) == pytest.approx(100 * np.mean(known))
    perfect = measure(applies.astype(float), applies, applies)
    assert all(value == pytest.approx(100) for value in perfect.values())


def test_a_quick_run_goes_from_tables_to_page(tmp_path: Path) -> None:
    train, test = table(tmp_path / "train.csv", 70), table(tmp_path / "test.csv", 40, start=70)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "TRIED.md").write_text("what was written by hand stays", encoding="utf-8")
    command = [
        sys.executable, str(SCRIPTS / "bench_quality.py"), "--quick", "--train", f"kebun={train}",
        "--test", f"kebun={test}", "--out", str(tmp_path / "out"), "--cache", str(tmp_path / "cache"),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stderr
    with (tmp_path / "out" / "quality.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    ours = [row for row in rows if row["contender"] == "jmo-nlp"]
    assert [(row["n"], row["draw"]) for row in ours] == [("0", "0"), ("25", "0"), ("25", "1"), ("50", "0"), ("50", "1")]
    assert all(row["judged"] == "40" for row in rows)
    assert min(float(row["macro_f1"]) for row in ours if row["n"] == "50") > 90
    page = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "judged on a test part" in page
    assert "**jmo-nlp**" in page
    assert "[TRIED.md](TRIED.md)" in page
    assert (tmp_path / "out" / "TRIED.md").read_text(encoding="utf-8") == "what was written by hand stays"
    assert (tmp_path / "out" / "kebun.svg").read_text(encoding="utf-8").startswith("<svg")


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPTS / "bench_quality.py"), "--train", f"kebun={tmp_path / 'tidak-ada.csv'}"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "tidak-ada.csv: no such file." in done.stderr
