"""What a coder did can be taken back and done again, act by act, and nothing is ever lost from the store."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.acts import acting, redo, redoable, take_back, undo, undoable
from jmo_nlp.corpus.marks import add_note, marks, notes, set_mark
from jmo_nlp.errors import CorpusError
from jmo_nlp.records import Coding, Decision, Mark

ONE, TWO = "pekerja-1:0001", "pekerja-1:0002"


def decide(corpus: Corpus, segment: str, code: str, applies: bool | None, *, coder: str = "Ani") -> None:
    with acting(corpus, coder, "decide", segment=segment) as act:
        if applies is None:
            take_back(corpus, coder, segment, [code], act=act.id)
        else:
            corpus.record(coder, [Decision(segment, code, coder, applies)], act=act.id)


def finish(corpus: Corpus, segment: str, *, blind: bool = False, coder: str = "Ani") -> None:
    with acting(corpus, coder, "finish", segment=segment) as act:
        corpus.record(coder, [], reviewed=[segment], blind=blind, act=act.id)


def state(corpus: Corpus, coder: str = "Ani") -> list[Coding]:
    return corpus.codings([coder]) if coder in corpus.coders() else []


def test_undoing_a_first_decision_leaves_the_code_undecided_not_rejected(review_study: Path) -> None:
    with Corpus(review_study) as corpus:
        decide(corpus, ONE, "kendala", True)
        assert state(corpus) == [Coding(ONE, "Ani", frozenset({"kendala"}), frozenset({"kendala"}))]
        undo(corpus, "Ani")
        assert state(corpus) == []
        redo(corpus, "Ani")
        assert state(corpus)[0].codes == {"kendala"}


def test_a_decision_taken_back_is_no_decision(review_study: Path) -> None:
    with Corpus(review_study) as corpus:
        decide(corpus, ONE, "kendala", True)
        decide(corpus, ONE, "kendala", None)
        assert state(corpus) == []
        undo(corpus, "Ani")
        assert state(corpus)[0].codes == {"kendala"}


def test_undoing_a_review_makes_silence_missing_again(review_study: Path) -> None:
    with Corpus(review_study) as corpus:
        finish(corpus, ONE, blind=True)
        assert state(corpus)[0].blind is True
        undo(corpus, "Ani")
        assert state(corpus) == []
        redo(corpus, "Ani")
        assert state(corpus)[0].blind is True


def test_a_new_act_ends_what_could_be_redone(review_study: Path) -> None:
    with Corpus(review_study) as corpus:
        decide(corpus, ONE, "kendala", True)
        undo(corpus, "Ani")
        decide(corpus, TWO, "pendukung", True)
        assert redoable(corpus, "Ani") is None
        assert undoable(corpus, "Ani").segment == TWO


def test_coders_undo_their_own_acts_only(review_study: Path) -> None:
    with Corpus(review_study) as corpus:
        decide(corpus, ONE, "kendala", True, coder="Ani")
        decide(corpus, ONE, "kendala", True, coder="Budi")
        undo(corpus, "Ani")
        assert state(corpus, "Ani") == []
        assert state(corpus, "Budi")[0].codes == {"kendala"}
        assert undo(corpus, "Ani") is None


def test_an_act_sent_twice_is_done_once(review_study: Path) -> None:
    with Corpus(review_study) as corpus:
        for _time in range(2):
            with acting(corpus, "Ani", "decide", segment=ONE, act="a" * 32) as act:
                if act is not None:
                    corpus.record("Ani", [Decision(ONE, "kendala", "Ani", True)], act=act.id)
        assert corpus.db.execute("SELECT count(*) FROM decision").fetchone()[0] == 1
        undo(corpus, "Ani", act="b" * 32)
        undo(corpus, "Ani", act="b" * 32)
        assert redoable(corpus, "Ani").id == "a" * 32
        with pytest.raises(CorpusError, match="another coder"), acting(corpus, "Budi", "decide", act="a" * 32):
            pass


def test_a_failed_act_leaves_nothing(review_study: Path) -> None:
    with Corpus(review_study) as corpus:
        with pytest.raises(CorpusError), acting(corpus, "Ani", "decide", segment=ONE) as act:
            corpus.record("Ani", [Decision(ONE, "kendala", "Ani", True)], act=act.id)
            corpus.record("Ani", [Decision("tidak-ada", "kendala", "Ani", True)], act=act.id)
        assert corpus.db.execute("SELECT count(*) FROM decision").fetchone()[0] == 0
        assert undoable(corpus, "Ani") is None


def test_marks_and_notes_are_undone_too(review_study: Path) -> None:
    with Corpus(review_study) as corpus:
        with acting(corpus, "Ani", "mark", segment=ONE) as act:
            set_mark(corpus, Mark(ONE, "Ani", "unsure"), act=act.id)
        with acting(corpus, "Ani", "note", segment=ONE) as act:
            add_note(corpus, ONE, "Ani", "tanya lagi ke informan", act=act.id)
        undo(corpus, "Ani")
        assert notes(corpus) == []
        undo(corpus, "Ani")
        assert marks(corpus) == []
        redo(corpus, "Ani")
        redo(corpus, "Ani")
        assert [mark.kind for mark in marks(corpus)] == ["unsure"]
        assert [note[2] for note in notes(corpus)] == ["tanya lagi ke informan"]


def test_history_holds_what_was_meant(review_study: Path) -> None:
    with Corpus(review_study) as corpus:
        decide(corpus, ONE, "kendala", True)
        finish(corpus, ONE)
        undo(corpus, "Ani")
        redo(corpus, "Ani")
        decide(corpus, TWO, "pendukung", True)
        undo(corpus, "Ani")
        decisions, reviews = corpus.history("Ani")
        assert [(d.segment, d.code) for d in decisions] == [(ONE, "kendala")]
        assert len(reviews) == 1


ACTIONS = st.lists(
    st.one_of(
        st.tuples(
            st.just("decide"),
            st.sampled_from([ONE, TWO]),
            st.sampled_from(["kendala", "pendukung"]),
            st.sampled_from([True, False, None]),
        ),
        st.tuples(st.just("finish"), st.sampled_from([ONE, TWO]), st.booleans()),
    ),
    min_size=1,
    max_size=8,
)


@given(actions=ACTIONS, back=st.integers(1, 8))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_undo_goes_back_through_every_state_and_redo_forth(review_study: Path, actions: list, back: int) -> None:
    with Corpus(review_study) as corpus:
        coder = f"penyandi {corpus.db.execute('SELECT count(*) FROM act').fetchone()[0]}"
        states = [state(corpus, coder)]
        for kind, segment, *rest in actions:
            if kind == "decide":
                decide(corpus, segment, rest[0], rest[1], coder=coder)
            else:
                finish(corpus, segment, blind=rest[0], coder=coder)
            states.append(state(corpus, coder))
        back = min(back, len(actions))
        for expected in states[-2 : -2 - back : -1]:
            assert undo(corpus, coder) is not None
            assert state(corpus, coder) == expected
        for expected in states[len(states) - back :]:
            assert redo(corpus, coder) is not None
            assert state(corpus, coder) == expected
        assert redo(corpus, coder) is None
