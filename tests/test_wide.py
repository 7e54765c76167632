"""Wide tables for R and SPSS: what is missing stays apart from 0, machine from people, and no cell is run."""

import csv
import re
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jmo_nlp.exchange.rows import Sheet, guard_formula, unguard_formula, write_rows
from jmo_nlp.exchange.wide import Wide, wide_table
from jmo_nlp.exchange.wide_columns import DICTIONARY, dictionary_rows, spss_name
from jmo_nlp.records import (
    Attributes,
    Code,
    Codebook,
    CodedSegment,
    Coding,
    Group,
    SampledSegment,
    Segment,
    Suggestion,
    Transcript,
    Turn,
)

BOOK = Codebook(
    "uji",
    "1",
    "id",
    (Group("temuan", "Arah temuan"),),
    (Code("kendala", "Kendala", group="temuan"), Code("pendukung", "Pendukung", group="temuan")),
)
TEXT = "Sinyal hilang. Sama-sama. =1+1 lancar."


def transcript(name: str) -> Transcript:
    return Transcript(
        name,
        TEXT,
        (Turn(0, "Informan", "informant", 0, 25, 3.5), Turn(1, "Informan", "informant", 26, len(TEXT))),
    )


def segment(name: str, number: int, start: int, end: int) -> Segment:
    turn = 0 if end <= 25 else 1
    return Segment(f"{name}:{number:04d}", name, turn, "Informan", "informant", start, end, TEXT[start:end])


def material(**more: object) -> Wide:
    names = ("t1", "t2", "catatan")
    spans = [(0, 14), (15, 25), (26, len(TEXT))]
    segments = [segment(name, n, *span) for name in names for n, span in enumerate(spans, start=1)]
    both = frozenset({"kendala", "pendukung"})
    codings = [
        Coding("t1:0001", "Ani, S.Sos", frozenset({"kendala"}), both, True),
        Coding("t1:0002", "Ani, S.Sos", frozenset(), both, True),
        Coding("t1:0003", "Ani, S.Sos", frozenset({"pendukung"}), frozenset({"pendukung"}), False),
        Coding("t2:0001", "Ani, S.Sos", frozenset(), both, True),
        Coding("t1:0001", "Budi", frozenset(), both, None),
    ]
    coded = [
        CodedSegment(
            own,
            (Suggestion("kendala", 0.9, own.id == "t1:0001"), Suggestion("pendukung", 0.4, False, undecided=own.id == "t1:0002")),
            "m@1",
            abstained=own.id == "t1:0003",
        )
        if own.transcript == "t1"
        else CodedSegment(own, (), "")
        for own in segments
    ]  # fmt: skip
    return Wide(
        coded,
        {name: transcript(name) for name in names},
        {
            "t1": Attributes("I.1", "pekerja", date="2026-04-01"),
            "t2": Attributes("I.1", "pekerja", date="2026-04-09"),
            "catatan": Attributes(technique="observasi"),
        },
        {(own.segment, own.coder): own for own in codings},
        ("Ani, S.Sos", "Budi"),
        BOOK,
        **more,  # type: ignore[arg-type]
    )


def table(unit: str = "segment", **more: object) -> list[dict[str, object]]:
    columns, rows = wide_table(material(), unit=unit, **more)  # type: ignore[arg-type]
    names = {column.name for column in columns}
    found = list(rows)
    assert all(row.keys() == names for row in found)
    return found


def test_not_looked_at_is_blank_and_no_code_is_0() -> None:
    first, second, third, fourth, fifth, *_rest = table()
    assert [row["Ani_S.Sos".replace(".", "_") + ".kendala"] for row in (first, second, third, fourth, fifth)] == [
        1, 0, None, 0, None,
    ]  # fmt: skip
    assert (first["Budi.kendala"], second["Budi.kendala"]) == (0, None)
    assert [row["blind_Ani_S.Sos"] for row in (first, second, third)] == [1, 1, 0]
    assert (first["start_s"], third["start_s"], first["text"]) == (3.5, None, "Sinyal hilang.")


def test_the_machine_stands_apart_and_may_say_nothing() -> None:
    first, second, third, fourth, *_rest = table()
    assert (first["machine.kendala"], second["machine.kendala"]) == (1, 0)
    assert second["machine.pendukung"] is None, "neither yes nor no with the wished certainty"
    assert third["machine.kendala"] is None, "abstained"
    assert fourth["machine.kendala"] is None, "no model has looked"


def test_a_unit_carries_a_code_once_and_lacks_it_only_where_all_was_judged() -> None:
    turns = table("turn")
    assert [(row["transcript"], row["turn"], row["segments"]) for row in turns][:2] == [("t1", 0, 2), ("t1", 1, 1)]
    assert [row["Ani_S_Sos.kendala"] for row in turns[:3]] == [1, None, None]
    assert [row["Ani_S_Sos.pendukung"] for row in turns[:3]] == [0, 1, None]
    one, two, three = table("transcript")
    assert (one["Ani_S_Sos.kendala"], two["Ani_S_Sos.kendala"], three["Ani_S_Sos.kendala"]) == (1, None, None)
    assert one["Budi.kendala"] is None, "one of three segments was judged, and has it not"


def test_informants_are_rows_and_so_is_what_speaks_for_none() -> None:
    first, notes = table("informant")
    assert (first["unit"], first["transcripts"], first["segments"]) == ("I.1", "t1; t2", 6)
    assert (first["date"], first["kind"]) == ("2026-04-01; 2026-04-09", "pekerja")
    assert (notes["unit"], notes["informant"], notes["technique"]) == ("catatan", None, "observasi")


def test_counts_come_with_how_many_were_judged() -> None:
    first, notes = table("informant", counts=True)
    assert (first["Ani_S_Sos.kendala"], first["Ani_S_Sos.kendala.n"]) == (1, 3)
    assert (first["Ani_S_Sos.pendukung"], first["Ani_S_Sos.pendukung.n"]) == (1, 4)
    assert (notes["Ani_S_Sos.kendala"], notes["Ani_S_Sos.kendala.n"]) == (None, 0)


def test_samples_tell_the_chance_of_each_segment() -> None:
    samples = {"acak 1": {"t1:0001": SampledSegment("t1:0001", "s", 0.25), "t1:0002": SampledSegment("t1:0002")}}
    _columns, rows = wide_table(material(samples=samples))
    assert [row["sample_acak_1"] for row in rows][:3] == [0.25, None, None]


@given(st.lists(st.text(min_size=1, max_size=90), min_size=1, max_size=4, unique=True))
def test_names_are_such_as_spss_takes_and_differ(coders: list[str]) -> None:
    wide = material()
    columns, _rows = wide_table(
        Wide(wide.coded, wide.transcripts, wide.attributes, {}, coders, BOOK, samples={coders[0]: {}}), counts=True
    )
    names = [column.name for column in columns]
    assert len({name.lower() for name in names}) == len(names)
    for name in names:
        assert len(name.encode()) <= 64 and re.fullmatch(r"[^\W\d_][\w.]*", name) and name[-1] not in "._", name
    known = {column.coder for column in columns if column.code}
    assert known == {"machine", *coders}


def test_spss_keeps_words_of_its_own() -> None:
    assert (spss_name("and"), spss_name("2 Budi"), spss_name("Ibu Sri-Rahayu")) == (
        "v_and",
        "v_2_Budi",
        "Ibu_Sri_Rahayu",
    )


DANGEROUS = ["=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_cell_is_run_as_a_formula(tmp_path: Path, text: str) -> None:
    rows = [{"teks": text, "angka": -1, text: "x"}]
    columns = ("teks", "angka", text)
    write_rows(rows, tmp_path / "t.csv", columns=columns)
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as file:
        head, first = csv.reader(file)
    assert head[2] == first[0] == "'" + text and first[1] == "-1"
    assert unguard_formula(first[0]) == text
    write_rows(rows, tmp_path / "t.xlsx", columns=columns)
    cells = list(openpyxl.load_workbook(tmp_path / "t.xlsx").active.iter_rows())[1]
    assert cells[0].data_type == "s" and str(cells[0].value).replace("_x000D_", "\r") == text
    assert cells[0].quotePrefix and not cells[2].quotePrefix


@given(st.text())
def test_the_guard_comes_off_again(text: str) -> None:
    guarded = guard_formula(text)
    assert guarded == text or unguard_formula(guarded) == text


def test_the_dictionary_lies_beside_the_table(tmp_path: Path) -> None:
    columns, rows = wide_table(material())
    names = [column.name for column in columns]
    numbers = [column.name for column in columns if column.kind == "number"]
    beside = Sheet("dictionary", DICTIONARY, dictionary_rows(columns))
    found = list(rows)
    for ending in ("csv", "xlsx", "parquet"):
        write_rows(found, tmp_path / f"lebar.{ending}", columns=names, numbers=numbers, beside=beside)
    said = pd.read_csv(tmp_path / "lebar-dictionary.csv", keep_default_na=False)
    assert list(said["column"]) == names and tuple(said.columns) == DICTIONARY
    kendala = said.set_index("column").loc["Ani_S_Sos.kendala"]
    assert (kendala["coder"], kendala["code"], kendala["group"]) == ("Ani, S.Sos", "kendala", "temuan")
    assert openpyxl.load_workbook(tmp_path / "lebar.xlsx").sheetnames == ["jmo_nlp", "dictionary"]
    for frame in (pd.read_csv(tmp_path / "lebar.csv"), pd.read_parquet(tmp_path / "lebar.parquet")):
        assert list(frame["Ani_S_Sos.kendala"].fillna(-1)) == [1, 0, -1, 0, -1, -1, -1, -1, -1]
