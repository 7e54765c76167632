"""Rows of suggestions as JSONL, CSV, XLSX and Parquet: the same content, and nothing that runs as a formula."""

import csv
import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from jmo_nlp.errors import ExchangeError
from jmo_nlp.exchange.rows import COLUMNS, row_of, write_rows
from jmo_nlp.records import CodedSegment, Evidence, Neighbour, Segment, Suggestion

SINYAL = CodedSegment(
    Segment("t1:0001", "t1", 3, "Informan", "informant", 10, 40, '=1+1 "sinyal" hilang\nterus', "Bagaimana sinyalnya?"),
    (
        Suggestion(
            "sarana_prasarana",
            0.83,
            True,
            Evidence((("sinyal", 0.41),), (Neighbour("t2:0004", 0.88),), "keyword", basis="labels"),
        ),
        Suggestion("pelaksanaan", 0.07, False),
    ),
    "jmo@abc",
)
ROWS = [row_of(SINYAL, source="t1.docx")] * 3


def test_a_row_has_the_promised_keys_in_order() -> None:
    assert tuple(ROWS[0]) == COLUMNS
    assert ROWS[0]["suggestions"][0] == {
        "code": "sarana_prasarana",
        "probability": 0.83,
        "suggested": True,
        "evidence": {
            "words": [["sinyal", 0.41]],
            "nearest": [{"segment": "t2:0004", "similarity": 0.88}],
            "rule": "keyword",
            "against": "",
            "unlike": [],
            "basis": "labels",
        },
        "undecided": False,
    }


def test_jsonl_gives_the_rows_back(tmp_path: Path) -> None:
    path = tmp_path / "hasil.jsonl"
    assert write_rows(ROWS, path) == 3
    assert [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] == ROWS


def test_csv_holds_the_same_and_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "hasil.csv"
    write_rows(ROWS, path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [tuple(row) for row in rows] == [COLUMNS] * 3
    assert rows[0]["text"] == "'" + SINYAL.segment.text
    assert json.loads(rows[0]["suggestions"]) == ROWS[0]["suggestions"]


def test_xlsx_holds_text_as_text(tmp_path: Path) -> None:
    path = tmp_path / "hasil.xlsx"
    write_rows(ROWS, path)
    header, first, *_rest = openpyxl.load_workbook(path).active.iter_rows()
    assert tuple(cell.value for cell in header) == COLUMNS
    text = first[COLUMNS.index("text")]
    assert (text.value, text.data_type) == (SINYAL.segment.text, "s")


def test_parquet_holds_structs(tmp_path: Path) -> None:
    path = tmp_path / "hasil.parquet"
    write_rows(iter(ROWS), path)
    table = pd.read_parquet(path)
    assert tuple(table.columns) == COLUMNS
    assert table["suggestions"][0][0]["code"] == "sarana_prasarana"
    assert table["suggestions"][0][0]["evidence"]["words"][0] == {"word": "sinyal", "weight": 0.41}


def test_a_failure_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "hasil.jsonl"
    path.write_text("yang lama")

    def broken():
        yield ROWS[0]
        raise ExchangeError("putus")

    with pytest.raises(ExchangeError, match="putus"):
        write_rows(broken(), path)
    assert [p.name for p in tmp_path.iterdir()] == ["hasil.jsonl"]
    assert path.read_text() == "yang lama"


@pytest.mark.parametrize("name", ["hasil.doc", "hasil", "tidak/ada/hasil.jsonl"])
def test_an_output_that_cannot_be_is_one_clear_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(ExchangeError, match="hasil"):
        write_rows(ROWS, tmp_path / name)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.mkstemp", lambda **_options: _full(tmp_path))
    with pytest.raises(ExchangeError, match=r"hasil\.jsonl.*No space"):
        write_rows(ROWS * 5_000, tmp_path / "hasil.jsonl")


def _full(folder: Path) -> tuple[int, str]:
    import os

    link = folder / ".hasil.jsonl.part"
    link.symlink_to("/dev/full")
    return os.open(link, os.O_WRONLY), str(link)
