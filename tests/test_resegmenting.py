"""Segments split and merged by hand keep what was decided, want a review again, and can be put back."""

import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.acts import redo, undo
from jmo_nlp.corpus.marks import marks, set_mark
from jmo_nlp.corpus.resegmenting import lineage, merge, split
from jmo_nlp.corpus.reviewing import place_of, texts_of
from jmo_nlp.corpus.samples import add_sample
from jmo_nlp.errors import CorpusError
from jmo_nlp.records import Decision, Mark, Sample, SampledSegment

ONE, TWO, THREE, FOUR = (f"pekerja-1:000{number}" for number in range(1, 5))


def codes(corpus: Corpus) -> dict[tuple[str, str], tuple[set[str], bool | None]]:
    return {(c.segment, c.coder): (set(c.codes), c.blind) for c in corpus.codings()}


def reviewed(corpus: Corpus, segment: str, coder: str, *given: str, rejected: tuple[str, ...] = ()) -> None:
    decisions = [Decision(segment, code, coder, True, "tangan@1", 0.9) for code in given]
    decisions += [Decision(segment, code, coder, False) for code in rejected]
    corpus.record(coder, decisions, reviewed=[segment])


def cut(corpus: Corpus, segment: str, word: str) -> int:
    return place_of(corpus, segment).start + texts_of(corpus, [segment])[segment].index(word)


def test_a_split_gives_both_parts_all_decisions_and_wants_a_review(review_study: Path) -> None:
    with Corpus(review_study) as corpus:
        reviewed(corpus, THREE, "Ani", "kendala", rejected=("pendukung",))
        reviewed(corpus, THREE, "Budi", "sarana_prasarana")
        first, second = split(corpus, "Ani", THREE, cut(corpus, THREE, "katanya"))
        texts = texts_of(corpus, [first, second])
        assert texts[first].endswith("gagal terus,") and texts[second].startswith("katanya")
        assert codes(corpus) == {
            (first, "Ani"): ({"kendala"}, None),
            (second, "Ani"): ({"kendala"}, None),
            (first, "Budi"): ({"sarana_prasarana"}, None),
            (second, "Budi"): ({"sarana_prasarana"}, None),
        }
        judged = {c.segment: c.judged for c in corpus.codings(["Ani"])}
        assert judged[first] == {"kendala", "pendukung"}, "what was silently rejected is not known of a part"
        assert [s.id for s in corpus.segments("pekerja-1")][2:4] == [first, second]
        assert first not in (ONE, TWO, THREE) and second != first
        assert lineage(corpus, second) == [second, THREE]
        shown = corpus.db.execute("SELECT DISTINCT origin, model_shown, probability_shown FROM decision WHERE segment = ? "
                                  "AND applies AND coder = 'Ani'", (first,)).fetchall()  # fmt: skip
        assert [tuple(row) for row in shown] == [("carried", "tangan@1", 0.9)]


def test_undoing_a_split_brings_the_review_back_and_keeps_what_others_did_since(review_study: Path) -> None:
    with Corpus(review_study) as corpus:
        reviewed(corpus, THREE, "Ani", "kendala")
        first, second = split(corpus, "Ani", THREE, cut(corpus, THREE, "katanya"))
        corpus.record("Budi", [Decision(second, "pelaksanaan", "Budi", True)], reviewed=[second])
        undo(corpus, "Ani")
        assert codes(corpus) == {
            (THREE, "Ani"): ({"kendala"}, False),
            (THREE, "Budi"): ({"pelaksanaan"}, None),
        }
        redo(corpus, "Ani")
        assert codes(corpus)[second, "Budi"] == ({"pelaksanaan"}, False)
        assert codes(corpus)[first, "Ani"] == ({"kendala"}, None)
        assert [s.id for s in corpus.segments("pekerja-1")][2:4] == [first, second]


def test_a_merge_takes_what_applies_to_either(review_study: Path) -> None:
    with Corpus(review_study) as corpus:
        reviewed(corpus, THREE, "Ani", "kendala", rejected=("pendukung", "pelaksanaan"))
        reviewed(corpus, FOUR, "Ani", "sarana_prasarana", rejected=("pendukung",))
        set_mark(corpus, Mark(FOUR, "Ani", "unsure"))
        before = texts_of(corpus, [THREE, FOUR])
        whole = merge(corpus, "Ani", THREE)
        assert texts_of(corpus, [whole])[whole] == f"{before[THREE]} {before[FOUR]}"
        (coding,) = corpus.codings(["Ani"])
        assert coding.codes == {"kendala", "sarana_prasarana"} and coding.blind is None
        assert coding.judged == {"kendala", "sarana_prasarana", "pendukung"}
        assert whole in [mark.segment for mark in marks(corpus)]
        undo(corpus, "Ani")
        assert {c.segment: set(c.codes) for c in corpus.codings()} == {THREE: {"kendala"}, FOUR: {"sarana_prasarana"}}


def test_only_neighbours_within_a_turn_are_merged(review_study: Path) -> None:
    with Corpus(review_study) as corpus, pytest.raises(CorpusError, match="last segment of its turn"):
        merge(corpus, "Ani", FOUR)


def test_no_part_is_empty(review_study: Path) -> None:
    with Corpus(review_study) as corpus:
        place = place_of(corpus, THREE)
        for at in (-5, place.start, place.end, 10**9):
            with pytest.raises(CorpusError, match="between two words"):
                split(corpus, "Ani", THREE, at)
        assert corpus.db.execute("SELECT count(*) FROM act").fetchone()[0] == 0


@pytest.mark.parametrize("purpose", ["blind", "random"])
def test_a_drawn_segment_stays_as_it_is(review_study: Path, purpose: str) -> None:
    with Corpus(review_study) as corpus:
        add_sample(corpus, Sample("uji", purpose, 1, coders=("Ani", "Budi")), [SampledSegment(THREE)])
        with pytest.raises(CorpusError, match="sample uji"):
            split(corpus, "Ani", THREE, cut(corpus, THREE, "katanya"))
        with pytest.raises(CorpusError, match="sample uji"):
            merge(corpus, "Ani", THREE)


def test_what_another_cut_again_cannot_be_undone_from_beneath(review_study: Path) -> None:
    with Corpus(review_study) as corpus:
        _first, second = split(corpus, "Ani", THREE, cut(corpus, THREE, "katanya"))
        split(corpus, "Budi", second, cut(corpus, second, "sistem"))
        with pytest.raises(CorpusError, match="undone first"):
            undo(corpus, "Ani")
        undo(corpus, "Budi")
        undo(corpus, "Ani")
        assert [s.id for s in corpus.segments("pekerja-1")][2] == THREE


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["split", "merge", "decide"]), st.integers(0, 5), st.floats(0.1, 0.9)), max_size=6
    )
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_segments_never_overlap_and_undoing_all_restores_them(review_study: Path, steps: list) -> None:
    with Corpus(review_study) as corpus:
        coder = f"penyandi {corpus.db.execute('SELECT count(*) FROM act').fetchone()[0]}"
        original = corpus.segments("pekerja-1")
        done = 0
        for kind, number, share in steps:
            segment = (now := corpus.segments("pekerja-1"))[number % len(now)]
            try:
                if kind == "split":
                    split(corpus, coder, segment.id, segment.start + int(share * (segment.end - segment.start)))
                elif kind == "merge":
                    merge(corpus, coder, segment.id)
                else:
                    corpus.record(coder, [Decision(segment.id, "kendala", coder, True)], reviewed=[segment.id])
                    continue
                done += 1
            except CorpusError:
                continue
            now = corpus.segments("pekerja-1")
            assert all(a.end <= b.start for a, b in itertools.pairwise(now))
            assert all(s.text == s.text.strip() != "" for s in now)
            assert "".join(" ".join(s.text for s in now).split()) == "".join(" ".join(s.text for s in original).split())
        for _step in range(done):
            undo(corpus, coder)
        assert corpus.segments("pekerja-1") == original
