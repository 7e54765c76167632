"""From codings to reliability data: missing is not zero, blind is not informed, two denominators."""

import math

import numpy as np
import pytest

from jmo_nlp.agreement import krippendorff_alpha, percent_agreement
from jmo_nlp.agreement.multilabel import for_code, for_codes, for_group, tabulate
from jmo_nlp.errors import JmoError, TableError
from jmo_nlp.records import Code, Codebook, Coding, Group

ALL = ("akses", "biaya", "sosialisasi")
BOOK = Codebook(
    "jmo",
    "1",
    "id",
    (Group("indikator", "Indikator"), Group("strategi", "Strategi"), Group("temuan", "Temuan")),
    (
        Code("akses", "Akses", group="indikator"),
        Code("biaya", "Biaya", group="indikator"),
        Code("sosialisasi", "Sosialisasi", group="strategi"),
        Code("harapan", "Harapan", group="temuan"),
    ),
)


def coding(segment: str, coder: str, *codes: str, judged: tuple[str, ...] = ALL, blind: bool | None = True) -> Coding:
    return Coding(segment, coder, frozenset(codes), frozenset(judged), blind)


CODINGS = [
    coding("musi-1:0001", "Dewi", "akses"),
    coding("musi-1:0001", "Rian", "akses", "biaya"),
    coding("musi-1:0002", "Dewi"),
    coding("musi-1:0002", "Rian"),
    coding("musi-2:0001", "Dewi", "sosialisasi"),
    coding("musi-2:0001", "Rian", judged=("akses", "biaya")),  # the review was not finished
    coding("musi-2:0002", "Rian", "biaya"),  # Dewi did not look
]


def test_not_coded_is_not_the_same_as_not_looked_at() -> None:
    table = tabulate(CODINGS)
    assert table.coders == ("Dewi", "Rian")
    assert table.segments == ("musi-1:0001", "musi-1:0002", "musi-2:0001", "musi-2:0002")
    assert table.transcripts() == ("musi-1", "musi-1", "musi-2", "musi-2")
    nan = math.nan
    assert for_code(table, "akses") == pytest.approx(np.array([[1, 0, 0, nan], [1, 0, 0, 0]]), nan_ok=True)
    assert for_code(table, "sosialisasi") == pytest.approx(np.array([[0, 0, 1, nan], [0, 0, nan, 0]]), nan_ok=True)
    assert np.isnan(for_code(table, "harapan")).all()  # nobody judged it


def test_sets_are_missing_where_some_codes_were_not_judged() -> None:
    table = tabulate(CODINGS)
    sets = for_codes(table)
    assert sets[0].tolist() == [{"akses"}, set(), {"sosialisasi"}, None]
    assert sets[1].tolist() == [{"akses", "biaya"}, set(), None, {"biaya"}]
    assert for_codes(table, ["akses", "biaya"])[1, 2] == frozenset()
    assert 0 < krippendorff_alpha(sets, "masi") < 1


def test_groups_compare_their_own_codes() -> None:
    table = tabulate(CODINGS)
    assert for_group(table, BOOK, "indikator")[:, 2].tolist() == [frozenset(), frozenset()]
    assert for_group(table, BOOK, "strategi")[:, 0].tolist() == [frozenset(), frozenset()]
    with pytest.raises(TableError, match="no code of the group 'temuan' was judged"):
        for_group(table, BOOK, "temuan")


def test_the_two_denominators() -> None:
    table = tabulate(CODINGS)
    coded = table.restricted("coded")
    assert coded.segments == ("musi-1:0001", "musi-2:0001", "musi-2:0002")
    assert for_code(table, "akses", "coded").shape == (2, 3)
    assert for_code(coded, "akses") == pytest.approx(for_code(table, "akses", "coded"), nan_ok=True)
    assert for_group(table, BOOK, "strategi", "coded").shape == (2, 1)
    # silence that both share counts over all segments, not over coded ones
    assert percent_agreement(for_code(table, "biaya")) > percent_agreement(for_code(table, "biaya", "coded"))
    assert table.restricted("all") is table


def test_blind_and_informed_codings_do_not_mix() -> None:
    informed = [coding("musi-1:0001", "Sari", "akses", blind=False)]
    with pytest.raises(JmoError, match="blind and informed codings come together"):
        tabulate(CODINGS + informed)
    assert tabulate(CODINGS).blind is True
    assert tabulate(informed).blind is False
    machine = [coding("musi-1:0001", "machine", "akses", blind=None)]
    beside = tabulate(CODINGS + machine, mixed=True)
    assert (beside.coders, beside.blind) == (("Dewi", "Rian", "machine"), None)


def test_coders_segments_and_codes_can_be_chosen() -> None:
    table = tabulate(CODINGS, coders=["Rian"], segments=["musi-2:0002", "musi-9:0001"], codes=["biaya"])
    assert for_code(table, "biaya") == pytest.approx(np.array([[1, math.nan]]), nan_ok=True)
    assert for_codes(table).tolist() == [[{"biaya"}, None]]
    with pytest.raises(TableError, match=r"coder 'Tono' coded nothing.*Dewi, Rian"):
        tabulate(CODINGS, coders=["Tono"])


def test_a_segment_coded_twice_by_one_coder_is_told() -> None:
    with pytest.raises(JmoError, match=r"segment musi-1:0001 is coded twice by Dewi"):
        tabulate([*CODINGS, coding("musi-1:0001", "Dewi")])


def test_nothing_coded_is_an_empty_table() -> None:
    table = tabulate([])
    assert for_code(table, "akses").shape == (0, 0)
    assert table.restricted("coded").segments == ()
