"""Who says what: a study of JMO in Musi Rawas with a branch head, workers, a company, and an observation."""

from collections import Counter
from itertools import combinations, permutations
from math import comb, isnan, nan
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jmo_nlp.codebook import load_codebook
from jmo_nlp.messages import set_language
from jmo_nlp.records import Attributes, Code, Codebook, CodedSegment, Coding, Group, Segment, Suggestion
from jmo_nlp.shares import clopper_pearson, difference_by_transcript, share_by_transcript, share_of_people, wilson
from jmo_nlp.triangulation import Judged, one_coder, reviewed, suggested, triangulate
from jmo_nlp.triangulation.build import indicators_of
from jmo_nlp.triangulation.dates import date_of, in_order
from jmo_nlp.triangulation.records import Triangulation
from jmo_nlp.triangulation.words import basis_words, mark_words

CODES = {
    "indikator": ("sarana_prasarana", "pelaksanaan"),
    "strategi": ("sosialisasi_edukasi", "infrastruktur_internet", "peran_serikat"),
    "temuan": ("pendukung", "kendala"),
}
BOOK = Codebook(
    "kecil",
    "1",
    "id",
    tuple(Group(group, group) for group in CODES),
    tuple(Code(code, code, group=group) for group, codes in CODES.items() for code in codes),
)
ALL = frozenset(BOOK.ids())

ATTRIBUTES = {
    "kepala": Attributes("I1", "kepala cabang", "BPJS", "7 April 2026"),
    "pekerja-1": Attributes("I2", "pekerja", "kebun", "11 April 2026"),
    "pekerja-2": Attributes("I3", "Pekerja ", "pabrik", "15 April 2026"),
    "hrd": Attributes("I4", "perusahaan", "kebun", "21 April 2026"),
    "observasi": Attributes(date="2 April 2026", technique="observasi"),
}
SAID = {
    "kepala": ["sarana_prasarana pendukung", "pelaksanaan pendukung", "sosialisasi_edukasi", ""],
    "pekerja-1": [
        "sarana_prasarana kendala",
        "pelaksanaan kendala",
        "infrastruktur_internet",
        "infrastruktur_internet",
    ],
    "pekerja-2": ["sarana_prasarana kendala", "pelaksanaan pendukung kendala", "sosialisasi_edukasi", ""],
    "hrd": ["pelaksanaan pendukung", "", "sosialisasi_edukasi", ""],
    "observasi": ["sarana_prasarana kendala", ""],
}


def segments(said: dict[str, list[str]] = SAID, speakers: dict[str, list[str]] | None = None) -> list[Segment]:
    found = []
    for transcript, codes in said.items():
        for number, text in enumerate(codes, 1):
            speaker = (speakers or {}).get(transcript, ["Informan"] * len(codes))[number - 1]
            found.append(
                Segment(f"{transcript}:{number:04d}", transcript, number, speaker, "informant", 0, 1, f"Kata {text}")
            )
    return found


def coded(said: dict[str, list[str]] = SAID, coder: str = "Ani") -> list[Coding]:
    return [
        Coding(segment.id, coder, frozenset(codes.split()), ALL, blind=True)
        for segment, codes in zip(segments(said), [codes for own in said.values() for codes in own], strict=True)
    ]


def found(
    said: dict[str, list[str]] = SAID, attributes: dict[str, Attributes] = ATTRIBUTES, **options: object
) -> Triangulation:
    judged = reviewed(coded(said), ["Ani"])
    return triangulate(segments(said), attributes, BOOK, judged, **options)  # type: ignore[arg-type]


# tables


def test_a_cell_holds_counts_and_the_quotes_behind_them() -> None:
    table = found().by_kind
    assert [column.key for column in table.columns] == ["kepala cabang", "pekerja", "perusahaan", ""]
    workers = table.cell("sarana_prasarana", "pekerja")
    assert (workers.segments, workers.judged, workers.informants) == (2, 8, 2)
    assert workers.quotes == ("pekerja-1:0001", "pekerja-2:0001")
    assert workers.share == 0.25


def test_an_observation_stands_in_the_table_and_is_no_informant() -> None:
    result = found()
    assert result.informants == 4
    everybody = next(row for row in result.by_technique.rows if row.code == "sarana_prasarana").total
    assert (everybody.segments, everybody.informants) == (4, 3)
    assert result.by_technique.cell("sarana_prasarana", "observasi").informants == 0
    assert [voice.id for voice in result.voices if not voice.informant] == ["observasi"]


def test_columns_follow_the_dates_of_the_interviews() -> None:
    assert [column.key for column in found().by_informant.columns] == ["observasi", "I1", "I2", "I3", "I4"]
    given_order = found(order=["hrd", "kepala", "pekerja-1", "pekerja-2", "observasi"])
    assert [column.key for column in given_order.by_informant.columns] == ["I4", "I1", "I2", "I3", "observasi"]


def test_what_was_not_judged_is_missing_and_no_silence() -> None:
    codings = [c for c in coded() if not c.segment.startswith("hrd")]
    result = triangulate(segments(), ATTRIBUTES, BOOK, reviewed(codings, ["Ani"]))
    cell = result.by_kind.cell("sarana_prasarana", "perusahaan")
    assert cell.said is None and isnan(cell.share)
    assert not [m for m in result.marks if m.kind == "silence" and m.keys == ("perusahaan",)]
    assert "4 of 18 segments were not judged" in " ".join(result.notes)


def test_a_code_judged_alone_counts_for_itself_only() -> None:
    codings = [Coding("hrd:0001", "Ani", frozenset({"pelaksanaan"}), frozenset({"pelaksanaan"}))]
    result = triangulate(segments(), ATTRIBUTES, BOOK, reviewed(codings, ["Ani"]))
    row = {row.code: row.total for row in result.by_kind.rows}
    assert (row["pelaksanaan"].segments, row["pelaksanaan"].judged) == (1, 1)
    assert row["kendala"].judged == 0
    assert not result.balances  # the direction was not judged
    assert {m.code for m in result.marks if m.kind == "not_judged"} == ALL - {"pelaksanaan"}


def test_two_interviews_of_one_informant_are_one_voice() -> None:
    again = ATTRIBUTES | {"pekerja-2": Attributes("I2", "pekerja")}
    result = found(attributes=again)
    assert result.informants == 3
    assert result.by_informant.cell("sarana_prasarana", "I2").quotes == ("pekerja-1:0001", "pekerja-2:0001")


def test_speakers_of_a_group_talk_are_voices_of_their_own() -> None:
    said = {"fgd": ["kendala", "kendala", "pendukung"]}
    talk = segments(said, {"fgd": ["Bu Sri", "Pak Tono", "Bu Sri"]})
    result = triangulate(talk, {"fgd": Attributes()}, BOOK, reviewed(coded(said), ["Ani"]))
    assert [(v.id, v.segments) for v in result.voices] == [("fgd / Bu Sri", 2), ("fgd / Pak Tono", 1)]
    named = triangulate(talk, {"fgd": Attributes("F1", "pekerja")}, BOOK, reviewed(coded(said), ["Ani"]))
    assert [v.id for v in named.voices] == ["F1"]
    assert "2 speakers count as one informant" in " ".join(named.notes)


# marks


def marks(result: Triangulation, kind: str, axis: str = "kind") -> dict[str, object]:
    return {mark.code: mark for mark in result.marks if mark.kind == kind and mark.axis == axis}


def test_convergence_single_voice_and_silence() -> None:
    result = found()
    together = marks(result, "convergence")["sosialisasi_edukasi"]
    assert together.keys == ("kepala cabang", "pekerja", "perusahaan") and together.complete  # type: ignore[attr-defined]
    alone = marks(result, "single")["infrastruktur_internet"]
    assert (alone.keys, alone.informants, alone.segments) == (("pekerja",), 1, 2)  # type: ignore[attr-defined]
    silent = [
        m for m in result.marks if m.kind == "silence" and m.axis == "kind" and m.code == "infrastruktur_internet"
    ]
    assert [m.keys[0] for m in silent] == ["kepala cabang", "perusahaan"]
    assert silent[0].segments == 4
    assert silent[0].expected == pytest.approx(4 * 2 / 14)
    assert "peran_serikat" in marks(result, "unsaid")


def test_dissent_is_support_from_one_kind_and_an_obstacle_from_another() -> None:
    dissent = marks(found(), "dissent")
    means = dissent["sarana_prasarana"]
    assert (means.keys, means.others, means.complete) == (("kepala cabang",), ("pekerja",), True)  # type: ignore[attr-defined]
    assert dissent["pelaksanaan"].complete  # type: ignore[attr-defined]
    assert marks(found(), "dissent", "technique")["sarana_prasarana"].others == ("observasi", "wawancara")  # type: ignore[attr-defined]


def test_one_kind_that_says_both_is_no_dissent() -> None:
    said = {"pekerja-1": ["pelaksanaan pendukung", "pelaksanaan kendala"], "hrd": ["", ""]}
    result = found(said, {name: ATTRIBUTES[name] for name in said})
    assert not marks(result, "dissent")
    balance = {b.indicator: b for b in result.balances}
    assert balance["pelaksanaan"].support.segments == balance["pelaksanaan"].obstacle.segments == 1
    assert isnan(balance["sarana_prasarana"].support.share.value) and balance["sarana_prasarana"].support.share.reason


def test_marks_are_sentences_in_both_languages() -> None:
    result = found()
    for language, word in (("en", "only pekerja says it"), ("id", "hanya pekerja yang mengatakannya")):
        set_language(language)  # type: ignore[arg-type]
        texts = [mark_words(mark, {"infrastruktur_internet": "Internet"}) for mark in result.marks]
        assert any(text.startswith("Internet: ") and word in text for text in texts)
        assert len(set(texts)) == len(texts)
        assert not [text for text in texts if "{" in text]


# directions and strategies


def test_the_balance_counts_segments_that_point_either_way() -> None:
    balance = {b.indicator: b for b in found().balances}["pelaksanaan"]
    assert (balance.segments, balance.support.segments, balance.obstacle.segments) == (4, 3, 2)
    assert (balance.both, balance.neither, balance.informants) == (1, 0, 4)
    assert balance.support.share.value == 0.75
    assert balance.difference.value == pytest.approx(0.25)
    assert balance.difference.low < 0.25 < balance.difference.high
    assert [(lean.kind, lean.towards) for lean in balance.leans] == [
        ("kepala cabang", "support"),
        ("pekerja", "obstacle"),
        ("perusahaan", "support"),
        ("", "none"),
    ]


def test_strategies_rank_by_informants_and_tell_how_firm_the_rank_is() -> None:
    first, second, last = found().strategies
    assert [s.code for s in (first, second, last)] == ["sosialisasi_edukasi", "infrastruktur_internet", "peran_serikat"]
    assert (first.rank, first.informants.count, first.informants.of) == (1, 3, 4)
    assert (first.rank_low, first.rank_high) == (1, 1)
    assert (second.rank, second.rank_low, second.rank_high) == (2, 2, 2)
    assert last.rank_low == 2  # without pekerja-1 nobody speaks of the internet either
    assert first.informants.low == pytest.approx(0.1941, abs=1e-4)  # 3 of 4, Clopper and Pearson
    assert first.segments.value == 3 / 18


def test_a_talkative_informant_does_not_lead_the_ranking() -> None:
    said = {
        "kepala": ["infrastruktur_internet"] * 9,
        "pekerja-1": ["sosialisasi_edukasi", ""],
        "hrd": ["sosialisasi_edukasi", ""],
    }
    first, second, _last = found(said, {name: ATTRIBUTES[name] for name in said}).strategies
    assert (first.code, first.rank, first.rank_by_segments) == ("sosialisasi_edukasi", 1, 2)
    assert (second.code, second.rank, second.rank_by_segments) == ("infrastruktur_internet", 2, 1)


def test_one_transcript_gives_no_interval_and_says_why() -> None:
    said = {"kepala": SAID["kepala"]}
    result = found(said, {"kepala": ATTRIBUTES["kepala"]})
    share = result.strategies[0].segments
    assert share.value == 0.25 and isnan(share.low) and "one transcript" in share.reason
    assert isnan(result.strategies[0].informants.low)
    assert result.strategies[0].rank_low == result.strategies[0].rank_high == 1


def test_codes_that_meet_are_counted_over_what_was_judged_for_both() -> None:
    pair = next(p for p in found().pairs if {p.first, p.second} == {"sarana_prasarana", "kendala"})
    assert (pair.both, pair.count_first, pair.count_second, pair.judged, pair.informants) == (3, 4, 5, 18, 2)
    assert pair.jaccard == 0.5
    assert pair.expected == pytest.approx(4 * 5 / 18)
    assert len(found().pairs) == comb(len(ALL), 2)
    nothing = next(p for p in found().pairs if {p.first, p.second} == {"sarana_prasarana", "peran_serikat"})
    assert (nothing.both, nothing.jaccard) == (0, 0.0)


# saturation


def test_the_saturation_curve_follows_the_dates() -> None:
    curve = found().saturation
    assert curve.order == "date"
    assert [(p.transcript, p.seen) for p in curve.points] == [
        ("observasi", 2),
        ("kepala", 5),
        ("pekerja-1", 6),
        ("pekerja-2", 6),
        ("hrd", 6),
    ]
    assert curve.points[2].new == ("infrastruktur_internet",)
    assert (curve.codes, curve.seen, curve.since) == (7, 6, 2)
    assert curve.once == ("infrastruktur_internet",)
    assert curve.exhaustive and curve.orders == 120


def test_the_mean_curve_is_that_over_all_orders() -> None:
    has = {name: {code for codes in own for code in codes.split()} for name, own in SAID.items()}
    orders = list(permutations(has))
    for place, point in enumerate(found().saturation.points, 1):
        counts = [len(set().union(*(has[name] for name in order[:place]))) for order in orders]
        assert point.mean == pytest.approx(sum(counts) / len(counts))
        assert point.low == pytest.approx(np.quantile(counts, 0.025))
        assert point.high == pytest.approx(np.quantile(counts, 0.975))


def test_many_transcripts_are_shuffled_by_the_seed() -> None:
    said = {f"t{number:02d}": [" ".join(sorted(ALL)[: number % 5])] for number in range(30)}
    one, two, other = (found(said, {}, orders=40, seed=seed).saturation for seed in (3, 3, 4))
    assert one == two
    assert one != other
    assert (one.order, one.orders, one.exhaustive) == ("name", 40, False)
    assert [p.mean for p in one.points] == [p.mean for p in other.points]  # exact, whatever is drawn


def test_a_transcript_judged_in_part_is_named() -> None:
    codings = [c for c in coded() if c.segment != "hrd:0004" and not c.segment.startswith("kepala")]
    curve = triangulate(segments(), ATTRIBUTES, BOOK, reviewed(codings, ["Ani"])).saturation
    assert (curve.partly, curve.left_out) == (("hrd",), ("kepala",))


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("Senin, 9 Maret 2026", "2026-03-09"),
        ("2026-03-09", "2026-03-09"),
        ("09/03/2026", "2026-03-09"),
        ("9-3-2026 pukul 11.45 WIB", "2026-03-09"),
        ("March 9, 2026", "2026-03-09"),
        ("Jumat/17 Agustus 2025", "2025-08-17"),
        ("31 Februari 2026", None),
        ("Senin", None),
        (None, None),
    ],
)
def test_dates_are_read_as_people_write_them(text: str | None, iso: str | None) -> None:
    read = date_of(text)
    assert (read.isoformat() if read else None) == iso


def test_one_date_missing_leaves_the_order_as_it_was() -> None:
    attributes = {"b": Attributes(date="2026-01-02"), "a": Attributes()}
    assert in_order(["b", "a"], attributes) == (["b", "a"], "name")


# bases


def test_people_decide_by_majority_and_the_first_named_at_a_tie() -> None:
    codings = [
        Coding("s", "Ani", frozenset({"kendala"}), ALL),
        Coding("s", "Budi", frozenset({"pendukung"}), ALL),
        Coding("t", "Ani", frozenset(), ALL),
        Coding("t", "Budi", frozenset({"kendala"}), ALL),
        Coding("t", "Citra", frozenset({"kendala"}), frozenset({"kendala"})),
    ]
    judged = reviewed(codings, ["Budi", "Ani", "Citra"])
    assert judged.codes == {"s": {"pendukung"}, "t": {"kendala"}}
    assert judged.judged["t"] == ALL
    assert judged.votes["t"]["kendala"] == (2, 3)
    assert judged.basis.tied == 2
    assert "at a tie Budi decides" in basis_words(judged.basis)


def test_a_settled_disagreement_stands() -> None:
    codings = [
        Coding("s", "Ani", frozenset({"kendala"}), ALL),
        Coding("s", "Budi", frozenset({"kendala"}), ALL),
        Coding("s", "Dewi", frozenset(), frozenset({"kendala"})),
    ]
    judged = reviewed(codings, ["Ani", "Budi"], adjudicators=["Dewi"])
    assert judged.codes["s"] == frozenset()
    assert judged.votes["s"]["kendala"] == (2, 2)
    assert "Dewi" in basis_words(judged.basis)


def test_one_coder_and_the_machine_say_so() -> None:
    alone = one_coder([*coded(coder="Ani"), *coded(coder="Budi")], "Budi")
    assert alone.basis.kind == "coder" and len(alone.codes) == 18
    machine = suggested(
        [
            CodedSegment(segments()[0], (Suggestion("kendala", 0.9, True), Suggestion("pendukung", 0.2, False)), "m@1"),
            CodedSegment(segments()[1], (Suggestion("kendala", 0.5, False, undecided=True),), "m@1"),
            CodedSegment(segments()[2], (Suggestion("kendala", 0.9, True),), "m@1", abstained=True),
        ],
        BOOK,
    )
    assert machine.codes == {"kepala:0001": {"kendala"}, "kepala:0002": set()}
    assert machine.judged == {"kepala:0001": ALL, "kepala:0002": ALL - {"kendala"}}
    assert "reviewed by nobody" in basis_words(machine.basis)
    result = triangulate(segments(), ATTRIBUTES, BOOK, machine)
    assert result.basis.model == "m@1" and result.judged == 2


def test_where_everybody_judged_everything_it_is_what_a_model_learns_from() -> None:
    from jmo_nlp.pipeline import majority

    said = {name: list(reversed(codes)) for name, codes in SAID.items()}
    codings = [*coded(coder="Ani"), *coded(said, coder="Budi")]
    assert reviewed(codings, ["Budi", "Ani"]).codes == majority(codings, ["Budi", "Ani"], BOOK.ids())


# quotes


def test_quotes_are_spread_over_kinds_informants_and_sides() -> None:
    quotes = found().quotes["pelaksanaan"]
    assert [quote.segment for quote in quotes] == ["kepala:0002", "pekerja-1:0002", "hrd:0001"]
    assert [(quote.support, quote.obstacle) for quote in quotes] == [(True, False), (False, True), (True, False)]
    assert found().quotes["peran_serikat"] == ()


def test_of_like_quotes_the_one_that_more_coders_saw_and_of_middle_length_is_chosen() -> None:
    said = {"kepala": ["kendala"] * 4}
    texts = ["Sinyal.", "kata " * 200, "kata " * 30, "kata " * 31]
    talk = [
        Segment(s.id, s.transcript, s.turn, s.speaker, s.role, 0, 1, text)
        for s, text in zip(segments(said), texts, strict=True)
    ]
    codings = [
        *coded(said, "Ani"),
        Coding("kepala:0004", "Budi", frozenset({"kendala"}), ALL),
        Coding("kepala:0003", "Budi", frozenset(), ALL),
    ]
    judged = reviewed(codings, ["Ani", "Budi"])
    quotes = triangulate(talk, {}, BOOK, judged, quotes=4).quotes["kendala"]
    assert [quote.segment[-1] for quote in quotes] == ["4", "1", "2", "3"]
    assert (quotes[0].coders, quotes[0].of, quotes[3].coders, quotes[3].of) == (2, 2, 1, 2)


# intervals: worked examples


def test_exact_and_score_intervals_are_those_of_the_tables() -> None:
    assert clopper_pearson(0, 10) == pytest.approx((0.0, 0.3085), abs=1e-4)
    assert clopper_pearson(4, 20) == pytest.approx((0.0573, 0.4366), abs=1e-4)
    assert wilson(15 / 148, 148, 1.959964) == pytest.approx((0.0624, 0.1605), abs=1e-4)  # Newcombe 1998, table I
    assert wilson(1 / 29, 29, 1.959964) == pytest.approx((0.0061, 0.1718), abs=1e-4)  # the same
    assert isnan(wilson(nan, 10, 2.0)[0]) and isnan(clopper_pearson(0, 0)[0])


def test_the_variance_between_transcripts_is_that_of_the_ratio() -> None:
    sums, sizes = np.array([3, 10, 2, 7, 8]), np.array([10, 20, 10, 20, 10])
    share = share_by_transcript(sums, sizes)
    assert share.value == 30 / 70
    # by hand: residuals y - p m
    variance = 5 / 4 * sum((y - 30 / 70 * m) ** 2 for y, m in zip(sums, sizes, strict=True)) / 70**2
    effective = share.value * (1 - share.value) / variance
    freedom = 70**2 / sum(m * m for m in sizes) - 1
    from scipy.stats import norm, t

    n = effective * (norm.ppf(0.025) / t.ppf(0.025, freedom)) ** 2
    assert (share.low, share.high) == pytest.approx(clopper_pearson(share.value * n, n))


def test_nothing_found_is_no_certainty() -> None:
    share = share_by_transcript([0, 0, 0, 0], [25, 25, 25, 25])
    assert share.low == 0.0 and 3 / 100 < share.high < 0.5  # wider than the rule of three for 100 independent segments
    both = difference_by_transcript([4, 4, 4], [4, 4, 4])
    assert both.value == 1.0 and both.high == 1.0 and both.low < 0.5
    assert share_of_people(0, 0).reason and share_of_people(1, 1).reason


# laws

choice = st.lists(st.sampled_from(sorted(ALL)), max_size=3).map(" ".join)
studies = st.dictionaries(st.sampled_from(sorted(ATTRIBUTES)), st.lists(choice, min_size=1, max_size=4), min_size=1)
holes = st.sets(st.integers(0, 19), max_size=6)


def of_study(said: dict[str, list[str]], missing: set[int]) -> tuple[list[Segment], Judged]:
    codings = [coding for number, coding in enumerate(coded(said)) if number not in missing]
    return segments(said), reviewed(codings, ["Ani"])


@settings(deadline=None)
@given(studies, holes)
def test_margins_add_up(said: dict[str, list[str]], missing: set[int]) -> None:
    talk, judged = of_study(said, missing)
    result = triangulate(talk, {name: ATTRIBUTES[name] for name in said}, BOOK, judged, orders=20)
    counts = Counter(code for codes in judged.codes.values() for code in codes)
    for axis in ("informant", "kind", "technique"):
        table = result.table(axis)  # type: ignore[arg-type]
        assert sum(column.segments for column in table.columns) == len(talk)
        for row in table.rows:
            assert sum(cell.segments for cell in row.cells) == row.total.segments == counts[row.code]
            assert sum(cell.judged for cell in row.cells) == row.total.judged == len(judged.codes)
            assert sorted(q for cell in row.cells for q in cell.quotes) == sorted(row.total.quotes)
            for cell in (*row.cells, row.total):
                assert cell.segments == len(cell.quotes) <= cell.judged
                assert cell.informants <= cell.judged_informants
    by_informant = {row.code: sum(cell.informants for cell in row.cells) for row in result.by_informant.rows}
    assert by_informant == {row.code: row.total.informants for row in result.by_informant.rows}
    for balance in result.balances:
        assert balance.segments == balance.support.segments + balance.obstacle.segments - balance.both + balance.neither
        assert sum(lean.support for lean in balance.leans) == balance.support.segments
    for pair in result.pairs:
        assert pair.both <= min(pair.count_first, pair.count_second) <= pair.judged
    for strategy in result.strategies:
        assert strategy.rank_low <= strategy.rank_high
        share = strategy.segments
        assert isnan(share.low) or 0 <= share.low <= share.value <= share.high <= 1


@settings(max_examples=30, deadline=None)
@given(studies, holes, st.randoms(use_true_random=False))
def test_the_order_of_transcripts_changes_no_count(
    said: dict[str, list[str]], missing: set[int], random: object
) -> None:
    talk, judged = of_study(said, missing)
    names = list(said)
    random.shuffle(names)  # type: ignore[attr-defined]
    mixed = [segment for name in names for segment in talk if segment.transcript == name]
    own = {name: ATTRIBUTES[name] for name in names}
    one = triangulate(talk, own, BOOK, judged, orders=20)
    two = triangulate(mixed, own, BOOK, judged, orders=20, order=names)
    for axis in ("informant", "kind", "technique"):
        left = {(r.code, c.key): (x.segments, x.judged, x.informants) for r in one.table(axis).rows  # type: ignore[arg-type]
                for c, x in zip(one.table(axis).columns, r.cells, strict=True)}  # type: ignore[arg-type]  # fmt: skip
        right = {(r.code, c.key): (x.segments, x.judged, x.informants) for r in two.table(axis).rows  # type: ignore[arg-type]
                 for c, x in zip(two.table(axis).columns, r.cells, strict=True)}  # type: ignore[arg-type]  # fmt: skip
        assert left == right
    assert [(s.code, s.rank, s.rank_low, s.rank_high) for s in one.strategies] == [
        (s.code, s.rank, s.rank_low, s.rank_high) for s in two.strategies
    ]
    assert [(p.both, p.expected) for p in one.pairs if p.judged] == [
        (p.both, p.expected) for p in two.pairs if p.judged
    ]
    assert one.saturation.seen == two.saturation.seen
    assert [p.mean for p in one.saturation.points] == pytest.approx([p.mean for p in two.saturation.points])


@settings(max_examples=30, deadline=None)
@given(studies)
def test_ranks_without_a_transcript_are_those_of_the_study_without_it(said: dict[str, list[str]]) -> None:
    own = {name: ATTRIBUTES[name] for name in said}
    full = {s.code: s for s in found(said, own, orders=5).strategies}
    if len(said) < 2:
        return
    ranks: dict[str, list[int]] = {code: [] for code in full}
    for left_out in said:
        rest = {name: codes for name, codes in said.items() if name != left_out}
        for strategy in found(rest, {name: own[name] for name in rest}, orders=5).strategies:
            ranks[strategy.code].append(strategy.rank)
    for code, strategy in full.items():
        assert (strategy.rank_low, strategy.rank_high) == (min(ranks[code]), max(ranks[code]))


@settings(deadline=None)
@given(st.lists(st.integers(0, 6).flatmap(lambda m: st.tuples(st.integers(0, m), st.just(m))), max_size=8))
def test_an_interval_holds_its_share(clusters: list[tuple[int, int]]) -> None:
    share = share_by_transcript([y for y, _m in clusters], [m for _y, m in clusters])
    mirrored = share_by_transcript([m - y for y, m in clusters], [m for _y, m in clusters])
    if isnan(share.low):
        assert share.reason
    else:
        assert 0 <= share.low <= share.value <= share.high <= 1
        assert (share.low, share.high) == pytest.approx((1 - mirrored.high, 1 - mirrored.low), abs=1e-9)


# other codebooks, nothing at all


@pytest.mark.parametrize("name", ["delone-mclean", "steers-1985", "jmo"])
def test_built_in_codebooks_have_indicators(name: str) -> None:
    book = load_codebook(name)
    indicators = indicators_of(book)
    assert indicators and not {"pendukung", "kendala", *book.ids("strategi")} & set(indicators)
    judged = reviewed(
        [Coding("hrd:0001", "Ani", frozenset({indicators[0], "kendala"}), frozenset(book.ids()))], ["Ani"]
    )
    result = triangulate(segments(), ATTRIBUTES, book, judged)
    assert result.balances[0].obstacle.segments == 1


def test_a_codebook_without_directions_has_no_balance() -> None:
    book = Codebook("b", "1", "id", (), (Code("tema", "Tema"),))
    result = triangulate(segments(), ATTRIBUTES, book, reviewed([], []))
    assert (result.balances, result.strategies, result.judged) == ((), (), 0)


def test_an_empty_study_is_no_accident() -> None:
    result = triangulate([], {}, BOOK, reviewed([], ["Ani"]))
    assert (result.segments, result.informants, result.saturation.points) == (0, 0, ())
    assert {mark.kind for mark in result.marks} == {"not_judged"}


# the export holds it all


def test_every_count_follows_from_the_exported_wide_table(jmo_nlp, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    pd = pytest.importorskip("pandas")
    from jmo_nlp.corpus import Corpus

    sample = Path(__file__).parents[1] / "corpora" / "contoh"
    study, out = tmp_path / "studi", tmp_path / "lebar.csv"
    assert jmo_nlp("new", study, "--codebook", "jmo").returncode == 0
    sources = [sample / "sources" / name for name in ("pekerja-1.txt", "observasi-kantor.md")]
    assert jmo_nlp("import", study, *sources, "--attributes", sample / "informan.csv").returncode == 0
    for coder in ("penyandi_1", "penyandi_2"):
        assert jmo_nlp("import-codings", study, sample / "codings" / f"{coder}.csv").returncode == 0
    assert jmo_nlp("export", study, "--format", "wide", "--out", out).returncode == 0
    options = ("--unit", "informant", "--counts", "--out", tmp_path / "informan.csv")
    assert jmo_nlp("export", study, "--format", "wide", *options).returncode == 0
    with Corpus(study) as corpus:
        names = corpus.coders()
        attributes = {name: corpus.attributes(name) for name in corpus.transcript_ids()}
        codes = corpus.codebook.ids()
        result = triangulate(corpus.segments(), attributes, corpus.codebook, reviewed(corpus.codings(), names))
        alone = triangulate(
            corpus.segments(), attributes, corpus.codebook, one_coder(corpus.codings(), "penyandi_2")
        ).by_informant

    wide = pd.read_csv(out, dtype={"informant": str, "kind": str})
    decided = pd.DataFrame(
        {
            code: [
                nan if not (votes := [v for v in pair if v == v])
                else votes[0] if sum(votes) * 2 == len(votes) else float(sum(votes) * 2 > len(votes))
                for pair in zip(*(wide[f"{name}.{code}"] for name in names), strict=True)
            ]
            for code in codes
        }
    )  # fmt: skip
    assert decided.notna().all().all() and len(decided) > 60
    for table, column in ((result.by_kind, "kind"), (result.by_technique, "technique")):
        counts = decided.groupby(wide[column].fillna("")).sum()
        for row in table.rows:
            assert {c.key: x.segments for c, x in zip(table.columns, row.cells, strict=True)} == counts[
                row.code
            ].to_dict()
    people = decided.groupby(wide["informant"]).max().sum()
    for row in result.by_informant.rows:
        assert row.total.informants == people[row.code]
    for first, second in combinations(codes, 2):
        pair = next(p for p in result.pairs if (p.first, p.second) == (first, second))
        assert pair.both == int((decided[first] * decided[second]).sum())
    for balance in result.balances:
        about = decided[decided[balance.indicator] == 1]
        assert (balance.support.segments, balance.obstacle.segments) == (
            about["pendukung"].sum(),
            about["kendala"].sum(),
        )
    counts = pd.read_csv(tmp_path / "informan.csv", index_col="unit")
    for row in alone.rows:
        for column, cell in zip(alone.columns, row.cells, strict=True):
            assert cell.segments == counts.loc[column.key, f"penyandi_2.{row.code}"]
            assert cell.judged == counts.loc[column.key, f"penyandi_2.{row.code}.n"]
