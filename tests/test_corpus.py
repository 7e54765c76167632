"""A study's store keeps what people decided, and what it was given, whatever happens."""

import sqlite3
from pathlib import Path

import pytest

from jmo_nlp import migrations
from jmo_nlp.codebook import load_codebook
from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.models import model_details, note_model, noted_models
from jmo_nlp.errors import CorpusError
from jmo_nlp.records import (
    Attributes,
    CodedSegment,
    Decision,
    Evidence,
    Neighbour,
    Segment,
    Suggestion,
    Transcript,
    Turn,
)

TEXT = "Peneliti: Bagaimana sinyal di kebun?\nInforman: Sinyal di kebun sering hilang. Tolong diperbaiki 📶."


def wawancara(source: Path) -> tuple[Transcript, Attributes, list[Segment]]:
    question = TEXT.index("Bagaimana")
    answer = TEXT.index("Sinyal di kebun")
    cut = TEXT.index("Tolong")
    turns = (
        Turn(0, "Peneliti", "interviewer", question, TEXT.index("\n")),
        Turn(1, "Informan", "informant", answer, len(TEXT), 4.5, 9.0),
    )
    segments = [
        Segment(
            "t1:0001",
            "t1",
            1,
            "Informan",
            "informant",
            answer,
            cut - 1,
            TEXT[answer : cut - 1],
            "Bagaimana sinyal di kebun?",
        ),
        Segment("t1:0002", "t1", 1, "Informan", "informant", cut, len(TEXT), TEXT[cut:], "Bagaimana sinyal di kebun?"),
    ]
    transcript = Transcript("t1", TEXT, turns, {"Jabatan": "pemanen"}, ("a note",), source=source.name, format="txt")
    return transcript, Attributes(kind="pemanen"), segments


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "t1.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def corpus(tmp_path: Path, source: Path) -> Corpus:
    with Corpus.create(tmp_path / "studi", load_codebook("jmo")) as made:
        made.add_source(source, [wawancara(source)])
        yield made


def test_what_was_imported_comes_back_as_it_was(corpus: Corpus, source: Path) -> None:
    transcript, attributes, segments = wawancara(source)
    assert corpus.transcript("t1") == transcript
    assert corpus.attributes("t1") == attributes
    assert corpus.segments() == segments
    assert (corpus.path / "sources" / "t1.txt").read_bytes() == source.read_bytes()


def test_importing_again_adds_nothing(corpus: Corpus, source: Path) -> None:
    assert corpus.add_source(source, [wawancara(source)]) == []
    assert corpus.transcript_ids() == ["t1"]


def test_another_content_under_the_same_name_is_refused(corpus: Corpus, source: Path) -> None:
    source.write_text(TEXT + " Diubah.", encoding="utf-8")
    with pytest.raises(CorpusError, match="never changes after import"):
        corpus.add_source(source, [wawancara(source)])
    assert (corpus.path / "sources" / "t1.txt").read_text(encoding="utf-8") == TEXT


def test_the_latest_decision_counts_and_none_is_lost(corpus: Corpus) -> None:
    corpus.record("penyandi_1", [Decision("t1:0001", "kendala", "penyandi_1", True)])
    corpus.record("penyandi_1", [Decision("t1:0001", "kendala", "penyandi_1", False)])
    [coding] = corpus.codings()
    assert coding.codes == frozenset()
    assert coding.judged == {"kendala"}
    with sqlite3.connect(corpus.path / "corpus.db") as db:
        assert db.execute("SELECT count(*) FROM decision").fetchone() == (2,)
    db.close()


@pytest.mark.parametrize(
    "statement", ["UPDATE decision SET applies = 0", "DELETE FROM decision", "UPDATE transcript SET text = ''"]
)
def test_the_database_itself_refuses_to_rewrite_history(corpus: Corpus, statement: str) -> None:
    corpus.record("penyandi_1", [Decision("t1:0001", "kendala", "penyandi_1", True)])
    db = sqlite3.connect(corpus.path / "corpus.db")
    with pytest.raises(sqlite3.IntegrityError):
        db.execute(statement)
    db.close()


def test_silence_is_zero_only_after_a_finished_review(corpus: Corpus) -> None:
    corpus.record("penyandi_1", [Decision("t1:0001", "kendala", "penyandi_1", True)])
    corpus.record("penyandi_1", [], reviewed=["t1:0002"], blind=True)
    first, second = corpus.codings(["penyandi_1"])
    assert (first.judged, first.blind) == ({"kendala"}, None)
    assert (second.codes, second.judged, second.blind) == (frozenset(), frozenset(corpus.codebook.ids()), True)


def test_an_unknown_code_or_segment_stores_nothing(corpus: Corpus) -> None:
    good = Decision("t1:0001", "kendala", "penyandi_1", True)
    with pytest.raises(CorpusError, match="tidak_ada"):
        corpus.record("penyandi_1", [good, Decision("t1:0001", "tidak_ada", "penyandi_1", True)])
    with pytest.raises(CorpusError, match="nothing was stored"):
        corpus.record("penyandi_1", [good, Decision("t9:0001", "kendala", "penyandi_1", True)])
    assert corpus.coders() == []


def test_suggestions_are_kept_apart_from_decisions(corpus: Corpus, source: Path) -> None:
    _transcript, _attributes, segments = wawancara(source)
    evidence = Evidence(words=(("sinyal", 0.4),), rule="keyword")
    said = [
        CodedSegment(segments[0], (Suggestion("sarana_prasarana", 0.9, True, evidence),), "jmo@1"),
        CodedSegment(
            segments[1],
            (Suggestion("kendala", 0.4, False, Evidence(unlike=(Neighbour("t1:0001", 0.7),)), undecided=True),),
            "jmo@1",
            abstained=True,
            note="far from all that was coded",
        ),
    ]
    corpus.save_suggestions(said)
    corpus.save_suggestions(said)
    assert list(corpus.suggestions()) == said
    assert corpus.looked_at("jmo@1") == {"t1:0001", "t1:0002"}
    assert corpus.codings() == []


def test_no_study_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="jmo-nlp new"):
        Corpus(tmp_path / "tidak-ada")


def test_a_damaged_database_is_one_clear_line(corpus: Corpus) -> None:
    corpus.close()
    (corpus.path / "corpus.db").write_bytes(b"bukan basis data" * 400)
    for leftover in corpus.path.glob("corpus.db-*"):
        leftover.unlink()
    with pytest.raises(CorpusError, match=r"corpus\.db"):
        Corpus(corpus.path)


def test_an_emptied_database_is_not_taken_for_a_new_study(corpus: Corpus) -> None:
    corpus.close()
    (corpus.path / "corpus.db").write_bytes(b"")
    with pytest.raises(CorpusError, match="is empty"):
        Corpus(corpus.path)


def test_a_newer_database_is_refused(corpus: Corpus) -> None:
    db = sqlite3.connect(corpus.path / "corpus.db")
    db.execute("PRAGMA user_version = 999")
    db.close()
    with pytest.raises(CorpusError, match="newer version"):
        Corpus(corpus.path)


def test_what_a_model_was_made_of_outlives_its_folder(corpus: Corpus) -> None:
    assert model_details(corpus, "jmo@1") is None
    note_model(corpus, "jmo@1", {"codes": {"kendala": {"verdict": "too_few", "positives": 3}}})
    note_model(corpus, "jmo@2", {"codes": {}})
    note_model(corpus, "jmo@1", {"codes": {"kendala": {"verdict": "usable", "positives": 40}}})
    assert model_details(corpus, "jmo@1") == {"codes": {"kendala": {"verdict": "usable", "positives": 40}}}
    assert set(noted_models(corpus)) == {"jmo@1", "jmo@2"}
    with pytest.raises(ValueError, match="JSON"):
        note_model(corpus, "jmo@3", {"f1": float("nan")})


def test_a_study_of_the_second_form_gets_its_models_and_keeps_its_suggestions(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _transcript, _attributes, segments = wawancara(source)
    said = [CodedSegment(segments[0], (Suggestion("kendala", 0.9, True),), "jmo@1")]
    with monkeypatch.context() as back_then:
        back_then.setattr(migrations, "STEPS", migrations.STEPS[:2])
        with Corpus.create(tmp_path / "lama", load_codebook("jmo")) as old:
            old.add_source(source, [wawancara(source)])
            old.db.execute("INSERT INTO looked VALUES (?, 'jmo@1', 0, '')", (segments[0].id,))
            evidence = '{"words": [], "nearest": [], "rule": "", "against": ""}'
            old.db.execute(
                "INSERT INTO suggestion VALUES (?, 'jmo@1', 'kendala', 0.9, 1, ?)", (segments[0].id, evidence)
            )
    with Corpus(tmp_path / "lama") as again:
        assert list(again.suggestions()) == said
        note_model(again, "jmo@1", {})
    assert list((tmp_path / "lama").glob("corpus.db.before-form-*"))
