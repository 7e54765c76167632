"""Who may see what: a blind sample stays sealed until all who code it have finished, and what was seen stays seen."""

import csv
import json
import sqlite3
from pathlib import Path

import pytest

from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.blindness import note_shown, open_sample, sealed_for, seen, standing
from jmo_nlp.corpus.people import coder_name, make_adjudicator
from jmo_nlp.corpus.samples import sampled, samples
from jmo_nlp.errors import CorpusError
from jmo_nlp.pipeline.sampling import blind_sample, draw_sample
from jmo_nlp.records import Decision


def finish(study: Path, coder: str, segments, *, codes: tuple[str, ...] = (), blind: bool = True) -> None:
    with Corpus(study) as corpus:
        decisions = [Decision(segment, code, coder, True) for segment in segments for code in codes]
        corpus.record(coder, decisions, reviewed=segments, blind=blind)


def sealed(study: Path, coder: str) -> frozenset[str]:
    with Corpus(study) as corpus:
        return sealed_for(corpus, coder)


def test_the_second_coder_gets_the_sample_of_the_first_in_the_same_order(kebun: Path):
    first = blind_sample(kebun, "Rini", size=7, seed=3)
    second = blind_sample(kebun, "Dedi", size=7, seed=99)
    assert first.new and not second.new
    assert second.standing.segments == first.standing.segments
    assert second.sample.coders == ("Rini", "Dedi")
    assert second.sample.purpose == "blind" and second.sample.seed == 3


def test_it_stays_sealed_for_everybody_until_both_have_finished(kebun: Path):
    segments = blind_sample(kebun, "Rini", size=6).standing.segments
    assert sealed(kebun, "Rini") == sealed(kebun, "Dedi") == sealed(kebun, "orang lain") == set(segments)
    finish(kebun, "Rini", segments)  # alone: a second coder may still come
    assert sealed(kebun, "Rini") == set(segments)
    blind_sample(kebun, "Dedi")
    finish(kebun, "Dedi", segments[:-1])
    assert sealed(kebun, "Rini") == sealed(kebun, "Dedi") == sealed(kebun, "Ketua") == set(segments)
    finish(kebun, "Dedi", segments[-1:])
    assert not sealed(kebun, "Rini") and not sealed(kebun, "Dedi") and not sealed(kebun, "Ketua")


def test_a_review_taken_back_does_not_count_as_finished_but_nothing_is_sealed_again_once_open(kebun: Path):
    segments = blind_sample(kebun, "Rini", size=4, partners=["Dedi"]).standing.segments
    finish(kebun, "Rini", segments)
    with Corpus(kebun) as corpus:
        corpus.record("Rini", [], reopened=segments[:1])
    finish(kebun, "Dedi", segments)
    assert sealed(kebun, "Dedi") == set(segments)
    finish(kebun, "Rini", segments[:1])
    assert not sealed(kebun, "Rini")
    with Corpus(kebun) as corpus:
        corpus.record("Rini", [], reopened=segments[:1])
    assert not sealed(kebun, "Rini")


def test_a_coder_who_comes_later_is_blind_while_the_others_are_not(kebun: Path):
    segments = blind_sample(kebun, "Rini", size=5, partners=["Dedi"]).standing.segments
    finish(kebun, "Rini", segments)
    finish(kebun, "Dedi", segments)
    third = blind_sample(kebun, "Sari")
    assert not third.new and third.standing.segments == segments
    assert sealed(kebun, "Sari") == set(segments) == sealed(kebun, "penengah")
    assert not sealed(kebun, "Rini") and not sealed(kebun, "Dedi")
    finish(kebun, "Sari", segments)
    assert not sealed(kebun, "Sari") and not sealed(kebun, "penengah")


def test_five_coders_must_all_finish(kebun: Path):
    five = ["Rini", "Dedi", "Sari", "Anto", "Wati"]
    drawn = blind_sample(kebun, five[0], size=3, partners=five[1:])
    assert set(drawn.sample.coders) == set(five)
    for name in five:
        assert sealed(kebun, name) == set(drawn.standing.segments)
        finish(kebun, name, drawn.standing.segments)
    assert not any(sealed(kebun, name) for name in five)


def test_one_coder_alone_opens_it_where_that_was_said(kebun: Path):
    segments = blind_sample(kebun, "Rini", size=3, alone=True).standing.segments
    finish(kebun, "Rini", segments)
    assert not sealed(kebun, "Rini")


def test_what_was_seen_is_left_out_of_a_drawing_and_marked_in_a_sample_taken_later(kebun: Path):
    with Corpus(kebun) as corpus:
        ids = [segment.id for segment in corpus.segments()]
        note_shown(corpus, "Rini", ids[:3])
        corpus.record("Rini", [Decision(ids[3], "kendala", "Rini", True, "mesin-kebun@0123abcd", 0.875)])
        corpus.record("Rini", [], reviewed=[ids[4]], blind=False)
        corpus.record("Rini", [], reviewed=[ids[5]], blind=True)
        assert seen(corpus, "Rini") == set(ids[:5])
    drawn = blind_sample(kebun, "Rini", size=13)
    assert set(drawn.standing.segments) == set(ids[5:])
    assert drawn.sample.design["left_out"] == {"seen": 5}
    with Corpus(kebun) as corpus:
        note_shown(corpus, "Dedi", ids[5:7])
    taken = blind_sample(kebun, "Dedi")
    assert "Dedi has seen suggestions or others' codes of 2" in taken.remarks[0]
    with Corpus(kebun) as corpus:
        assert seen(corpus, "Dedi") & set(drawn.standing.segments) == set(ids[5:7])


def test_who_finished_one_sample_gets_another_of_other_segments(kebun: Path):
    first = blind_sample(kebun, "Rini", size=6, partners=["Dedi"])
    finish(kebun, "Rini", first.standing.segments)
    second = blind_sample(kebun, "Rini", size=6)
    assert second.new and second.sample.name == "blind-2"
    assert not set(first.standing.segments) & set(second.standing.segments)
    assert second.sample.design["left_out"] == {"drawn_before": 6}
    with pytest.raises(CorpusError, match=r"6 of its 18 segments can be .12 are"):
        draw_sample(kebun, size=7, purpose="blind")


def test_a_sample_opened_by_hand_seals_nothing_and_says_when(kebun: Path):
    drawn = blind_sample(kebun, "Rini", size=4)
    with Corpus(kebun) as corpus:
        open_sample(corpus, drawn.sample.name, why="Dedi berhenti")
        assert not sealed_for(corpus, "Rini")
        assert standing(corpus, drawn.sample.name).opened
        with pytest.raises(sqlite3.IntegrityError, match="cannot be unseen"):
            corpus.db.execute("DELETE FROM sample_opened")
    assert blind_sample(kebun, "Rini", size=4).sample.name == "blind-2"


def test_who_adjudicates_does_not_code_and_who_codes_does_not_adjudicate(kebun: Path):
    finish(kebun, "Rini", ["pekerja-1:0001"])
    with Corpus(kebun) as corpus:
        make_adjudicator(corpus, "Ketua")
        assert corpus.coders() == ["Rini"] and corpus.coders("adjudicator") == ["Ketua"]
        with pytest.raises(CorpusError, match="would replace their own"):
            make_adjudicator(corpus, "Rini")
    with pytest.raises(CorpusError, match="Ketua adjudicates"):
        blind_sample(kebun, "Ketua")


@pytest.mark.parametrize("name", ["", "  ", "mesin", "a,b", "x" * 81])
def test_names_that_cannot_be_a_coders(name: str):
    with pytest.raises(CorpusError):
        coder_name(name)


def test_a_random_sample_is_self_weighting_and_hides_nothing(kebun: Path, jmo_nlp):
    done = jmo_nlp("sample", kebun, "--size", 6, "--seed", 5)
    assert done.returncode == 0, done.stderr
    assert "random-1 (random): 6 segments of 3 transcripts, drawn from 18, seed 5." in done.stdout
    with Corpus(kebun) as corpus:
        assert all(entry.probability == pytest.approx(1 / 3) for entry in sampled(corpus, "random-1"))
        assert samples(corpus, "random")[0].design["model"] == "mesin-kebun@0123abcd"
    assert not sealed(kebun, "Rini")
    assert "random-1" in jmo_nlp("sample", kebun).stdout
    again = jmo_nlp("sample", kebun, "--size", 6, "--name", "random-1")
    assert again.returncode == 1 and "Choose another name" in again.stderr


def test_an_export_leaves_out_what_is_sealed_unless_asked(kebun: Path, tmp_path: Path, jmo_nlp):
    assert "blind" not in jmo_nlp("export", kebun, "--format", "jsonl", "--out", tmp_path / "a.jsonl").stderr
    drawn = set(blind_sample(kebun, "Rini", size=4).standing.segments)
    done = jmo_nlp("export", kebun, "--format", "jsonl", "--out", tmp_path / "b.jsonl")
    assert done.returncode == 0 and "4 segments are still being coded blind: what" in done.stderr
    before, after = (
        {row["segment"]: row for row in map(json.loads, (tmp_path / name).read_text(encoding="utf-8").splitlines())}
        for name in ("a.jsonl", "b.jsonl")
    )
    assert before.keys() == after.keys() > drawn
    assert not any(after[segment]["suggestions"] for segment in drawn)
    assert any(before[segment]["suggestions"] for segment in drawn)
    assert all(after[segment]["suggestions"] == before[segment]["suggestions"] for segment in before.keys() - drawn)
    whole = jmo_nlp("export", kebun, "--format", "jsonl", "--out", tmp_path / "c.jsonl", "--with-sealed")
    assert "keep it from their coders" in whole.stderr
    rows = [json.loads(line) for line in (tmp_path / "c.jsonl").read_text(encoding="utf-8").splitlines()]
    assert all(row["suggestions"] == before[row["segment"]]["suggestions"] for row in rows)
    wide = jmo_nlp("export", kebun, "--format", "wide", "--out", tmp_path / "d.csv")
    assert wide.returncode == 0
    with (tmp_path / "d.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["segment"]: row for row in csv.DictReader(file)}
    machine = [name for name in next(iter(rows.values())) if name.startswith("machine.")]
    assert machine
    assert not any(rows[segment][name] for segment in drawn for name in machine)
    assert any(rows[segment][name] for segment in rows.keys() - drawn for name in machine)


def test_a_codebook_that_changed_in_between_is_said(kebun: Path):
    blind_sample(kebun, "Rini", size=4)
    path = kebun / "codebook.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Informan", "Narasumber", 1), encoding="utf-8")
    assert any("The codebook has changed since" in remark for remark in blind_sample(kebun, "Dedi").remarks)
    assert not blind_sample(kebun, "Rini", name="blind-2", size=3).remarks


def test_segments_imported_after_the_drawing_are_said(kebun: Path, tmp_path: Path):
    from jmo_nlp.records import Attributes, Segment, Transcript, Turn

    blind_sample(kebun, "Rini", size=4)
    text = "Sinyalnya bagus sekarang."
    source = tmp_path / "baru.txt"
    source.write_text(text, encoding="utf-8")
    with Corpus(kebun) as corpus:
        turn = Turn(0, "Informan", "informant", 0, len(text))
        segment = Segment("baru:0001", "baru", 0, "Informan", "informant", 0, len(text), text)
        corpus.add_source(source, [(Transcript("baru", text, (turn,)), Attributes(), [segment])])
    assert "1 segments came into the study after" in blind_sample(kebun, "Dedi").remarks[0]
