"""Codings made elsewhere find their segments by id, by offsets or by what they quote."""

from pathlib import Path

import pytest

from jmo_nlp.codebook import load_codebook
from jmo_nlp.errors import TableError
from jmo_nlp.exchange.codings import Passage, check_codes, match_passages, read_passages
from jmo_nlp.records import Segment, Transcript, Turn

SPEECH = "Sinyal di kebun sering hilang. Jadi login gagal terus. Tolong adakan sosialisasi ke afdeling."
TRANSCRIPT = Transcript("pekerja-1", SPEECH, (Turn(0, "Informan", "informant", 0, len(SPEECH)),))


def segment(number: int, text: str) -> Segment:
    start = SPEECH.index(text)
    return Segment(f"pekerja-1:000{number}", "pekerja-1", 0, "Informan", "informant", start, start + len(text), text)


SEGMENTS = [
    segment(1, "Sinyal di kebun sering hilang. Jadi login gagal terus."),
    segment(2, "Tolong adakan sosialisasi ke afdeling."),
]


def matched(*passages: Passage):
    return match_passages(passages, {"pekerja-1": TRANSCRIPT}, SEGMENTS)


def passage(quote: str, *codes: str) -> Passage:
    return Passage("row 1", frozenset(codes), transcript="pekerja-1", quote=quote)


def test_quotes_are_found_whatever_their_spacing_case_and_quotation_marks() -> None:
    result = matched(
        passage("“sinyal di  kebun\nsering hilang”", "sarana_prasarana"),
        passage("Jadi login gagal terus", "pelaksanaan"),
        passage("Tolong adakan sosialisasi ke afdeling."),
    )
    assert result.unmatched == []
    assert result.codes == {
        "pekerja-1:0001": {"sarana_prasarana", "pelaksanaan"},
        "pekerja-1:0002": frozenset(),
    }


def test_a_segment_that_was_not_looked_at_as_a_whole_stays_missing() -> None:
    assert matched(passage("Sinyal di kebun sering hilang.", "sarana_prasarana")).codes == {}


def test_offsets_and_ids_match_exactly() -> None:
    by_offsets = Passage("row 1", frozenset({"pelaksanaan"}), transcript="pekerja-1", start=0, end=SEGMENTS[0].end)
    by_id = Passage("row 2", frozenset({"sosialisasi_edukasi"}), segment="pekerja-1:0002")
    assert matched(by_offsets, by_id).codes == {
        "pekerja-1:0001": {"pelaksanaan"},
        "pekerja-1:0002": {"sosialisasi_edukasi"},
    }


def test_what_does_not_match_is_said() -> None:
    result = matched(
        passage("kalimat yang tidak pernah diucapkan", "kendala"),
        Passage("row 2", frozenset(), segment="pekerja-9:0001"),
        Passage("row 3", frozenset(), transcript="pekerja-9", quote="Sinyal"),
    )
    assert len(result.unmatched) == 3


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_of_codings_is_read_with_its_coders(tmp_path: Path) -> None:
    table = write(
        tmp_path / "kode.csv",
        "transkrip;kutipan;kode;penyandi\npekerja-1.txt;Sinyal di kebun;sarana_prasarana, kendala;penyandi_1\n",
    )
    [row] = read_passages(table)
    assert (row.transcript, row.quote, row.coder) == ("pekerja-1", "Sinyal di kebun", "penyandi_1")
    assert row.codes == {"sarana_prasarana", "kendala"}


def test_a_table_without_codes_names_the_columns_it_has(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="transkrip, kutipan"):
        read_passages(write(tmp_path / "kode.csv", "transkrip,kutipan\na,b\n"))


def test_an_unknown_code_names_its_row(tmp_path: Path) -> None:
    rows = read_passages(write(tmp_path / "kode.csv", "segment,codes\npekerja-1:0001,salah_ketik\n"))
    with pytest.raises(TableError, match=r"row .*salah_ketik"):
        check_codes(rows, load_codebook("jmo"))
