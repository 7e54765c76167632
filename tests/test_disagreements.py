"""Disagreements: told by condition, ordered by cost, settled by a third without touching what the coders said."""

import json
from pathlib import Path

import pytest

from jmo_nlp import comparing
from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.blindness import as_coded_blind
from jmo_nlp.corpus.marks import marks, notes
from jmo_nlp.errors import CorpusError
from jmo_nlp.pipeline.disagreements import adjudicate, disagreements
from jmo_nlp.pipeline.sampling import blind_sample
from jmo_nlp.pipeline.training import majority
from jmo_nlp.records import Coding, Decision

ONE, TWO, THREE = "pekerja-1:0001", "pekerja-1:0002", "pekerja-1:0003"


def code(study: Path, coder: str, said: dict[str, set[str]], *, blind: bool = True) -> None:
    with Corpus(study) as corpus:
        decisions = [Decision(segment, name, coder, True) for segment, codes in said.items() for name in sorted(codes)]
        corpus.record(coder, decisions, reviewed=list(said), blind=blind)


def queue(study: Path, **how):
    with Corpus(study) as corpus:
        return disagreements(corpus, study, **how)


@pytest.fixture
def disputed(kebun: Path) -> Path:
    """Rini and Dedi coded three segments blind; they disagree on two, once about a rare code."""
    code(kebun, "Rini", {ONE: {"kendala"}, TWO: {"kendala", "peran_serikat"}, THREE: {"kendala"}})
    code(kebun, "Dedi", {ONE: {"kendala"}, TWO: {"kendala"}, THREE: set()})
    return kebun


def test_what_costs_most_agreement_comes_first(disputed: Path):
    found = queue(disputed)
    assert [(case.segment, case.blind) for case in found.cases] == [(TWO, True), (THREE, True)]
    assert [item.code for item in found.cases[0].codes] == ["peran_serikat"]
    assert found.cases[0].codes[0].applied == ("Rini",) and found.cases[0].codes[0].not_applied == ("Dedi",)
    assert [sorted(side.codes) for side in found.cases[1].sides] == [[], ["kendala"]]
    assert found.compared == 3 and found.open == found.cases


def test_blind_and_informed_are_never_compared(disputed: Path):
    code(disputed, "Sari", {ONE: {"pendukung"}, "pekerja-2:0001": {"kendala"}}, blind=False)
    code(disputed, "Anto", {"pekerja-2:0001": set()}, blind=True)
    found = queue(disputed)
    assert all({side.coder for side in case.sides} <= {"Rini", "Dedi"} for case in found.cases)
    assert found.mixed == 1
    code(disputed, "Wati", {ONE: set()}, blind=False)
    assert [(case.segment, case.blind) for case in queue(disputed).cases if not case.blind] == [(ONE, False)]


def test_the_machine_takes_part_where_it_is_named(disputed: Path):
    with_machine = queue(disputed, coders=["Rini", "machine"])
    assert with_machine.model == "mesin-kebun@0123abcd"
    sides = {case.segment: {side.coder: set(side.codes) for side in case.sides} for case in with_machine.cases}
    assert sides[ONE] == {"Rini": {"kendala"}, "machine": {"kejelasan_tujuan"}}
    assert not any("machine" in {side.coder for side in case.sides} for case in queue(disputed).cases)


def test_sealed_segments_are_kept_back(kebun: Path):
    drawn = blind_sample(kebun, "Rini", size=18, partners=["Dedi", "Sari"])
    code(kebun, "Rini", {key: {"kendala"} for key in drawn.standing.segments})
    code(kebun, "Dedi", {key: {"pendukung"} for key in drawn.standing.segments})
    for viewer in ("Rini", "Ketua", ""):
        assert queue(kebun, viewer=viewer).cases == () and queue(kebun, viewer=viewer).sealed == 18
    with Corpus(kebun) as corpus, pytest.raises(CorpusError, match="still being coded blind"):
        adjudicate(corpus, "Ketua", ONE, {"kendala"})
    code(kebun, "Sari", {key: {"kendala"} for key in drawn.standing.segments})
    assert len(queue(kebun, viewer="Rini").cases) == 18


def rows(study: Path, *coders: str) -> list[tuple]:
    with Corpus(study) as corpus:
        return [
            tuple(row)
            for table in ("decision", "review")
            for coder in coders
            for row in corpus.db.execute(f"SELECT * FROM {table} WHERE coder = ? ORDER BY number", (coder,))
        ]


def test_adjudication_is_a_third_decision_beside_both(disputed: Path):
    before = rows(disputed, "Rini", "Dedi")
    with Corpus(disputed) as corpus:
        assert adjudicate(corpus, "Ketua", TWO, {"kendala"}, note="serikat hanya disebut sambil lalu")
        assert not adjudicate(corpus, "Ketua", TWO, {"kendala"}), "the same again adds nothing"
        [own] = corpus.codings(["Ketua"])
        assert own.codes == {"kendala"} and own.judged == set(corpus.codebook.ids())
        origins = corpus.db.execute("SELECT DISTINCT origin FROM decision WHERE coder = 'Ketua'").fetchall()
        assert [row["origin"] for row in origins] == ["adjudication"]
        denied = corpus.db.execute("SELECT code FROM decision WHERE coder = 'Ketua' AND NOT applies").fetchall()
        assert [row["code"] for row in denied] == ["peran_serikat"]
        assert notes(corpus)[0][1] == "Ketua"
    assert rows(disputed, "Rini", "Dedi") == before
    found = queue(disputed)
    assert [case.segment for case in found.open] == [THREE]
    assert found.cases[0].settled is not None and found.cases[0].settled.coder == "Ketua"


def figures(study: Path, **how) -> list[tuple]:
    report = comparing.agree(study, **how)
    return [(section.condition, section.coders, tuple(section.lines)) for section in report.sections]


def test_agreement_before_adjudication_is_the_default_of_agree(disputed: Path):
    before = repr(figures(disputed))
    with Corpus(disputed) as corpus:
        adjudicate(corpus, "Ketua", TWO, {"kendala"})
        adjudicate(corpus, "Ketua", THREE, {"kendala"})
    assert repr(figures(disputed)) == before
    assert "Ketua" not in before


def test_who_coded_cannot_settle_and_what_is_unknown_is_refused(disputed: Path):
    with Corpus(disputed) as corpus:
        with pytest.raises(CorpusError, match="would replace their own"):
            adjudicate(corpus, "Rini", TWO, {"kendala"})
        with pytest.raises(CorpusError, match="kode_lain is not in"):
            adjudicate(corpus, "Ketua", TWO, {"kode_lain"})
        with pytest.raises(CorpusError, match="split or merged"):
            adjudicate(corpus, "Ketua", "pekerja-1:0099", set())
        assert corpus.coders("adjudicator") == []


def test_training_takes_what_was_adjudicated_first():
    every = frozenset({"a", "b"})
    said = [Coding("t:1", name, frozenset({"a"}), every, True) for name in ("Rini", "Dedi")]
    settled = Coding("t:1", "Ketua", frozenset({"b"}), every, False)
    names = ["Ketua", "Rini", "Dedi"]
    assert majority([*said, settled], names, ["a", "b"]) == {"t:1": {"a"}}
    assert majority([*said, settled], names, ["a", "b"], adjudicators=["Ketua"]) == {"t:1": {"b"}}
    assert majority(said, names, ["a", "b"], adjudicators=["Ketua"]) == {"t:1": {"a"}}


def test_wishes_for_the_codebook_make_a_list(disputed: Path, jmo_nlp, tmp_path: Path):
    with Corpus(disputed) as corpus:
        adjudicate(
            corpus, "Ketua", TWO, {"kendala"}, codebook_change="serikat: hanya bila berperan", about="peran_serikat"
        )
        assert [(mark.kind, mark.code) for mark in marks(corpus)] == [("codebook_change", "peran_serikat")]
    done = jmo_nlp("codebook", "marks", disputed, "--out", tmp_path / "ubah.csv")
    assert "peran_serikat: serikat: hanya bila berperan (Ketua, pekerja-1:0002)" in done.stdout, done.stderr
    assert "peran_serikat" in (tmp_path / "ubah.csv").read_text(encoding="utf-8-sig")


def test_the_list_on_the_command_line_and_as_a_table(disputed: Path, jmo_nlp, tmp_path: Path):
    done = jmo_nlp("disagreements", disputed, "--out", tmp_path / "beda.csv")
    assert done.returncode == 0, done.stderr
    assert "2 disagreements to settle, 0 settled, on 3 segments" in done.stdout
    assert done.stdout.index(TWO) < done.stdout.index(THREE)
    head, first, *_rest = (tmp_path / "beda.csv").read_text(encoding="utf-8-sig").splitlines()
    assert head.endswith("codes:Dedi,codes:Rini") and first.startswith(TWO)
    found = json.loads(jmo_nlp("disagreements", disputed, "--coders", "Rini,machine", "--json").stdout)
    assert found["model"] == "mesin-kebun@0123abcd" and found["cases"][0]["codes:machine"]


def test_what_was_coded_blind_and_changed_later_keeps_its_part_in_blind_agreement(disputed: Path):
    before = repr(figures(disputed))
    with Corpus(disputed) as corpus:  # Dedi gives in, having seen what Rini said
        corpus.record("Dedi", [Decision(TWO, "peran_serikat", "Dedi", True)], reviewed=[TWO], blind=False)
        assert {c.coder: (c.codes, c.blind) for c in corpus.codings(segment=TWO)}["Dedi"] == (
            {"kendala", "peran_serikat"},
            False,
        )
        [original] = as_coded_blind(corpus, ["Rini", "Dedi"])
        assert original.codes == {"kendala"} and original.blind and original.judged == set(corpus.codebook.ids())
    assert repr(figures(disputed)) == before
    assert [case.segment for case in queue(disputed).cases] == [TWO, THREE]


def test_a_blind_review_that_was_taken_back_is_no_blind_coding(disputed: Path):
    with Corpus(disputed) as corpus:
        corpus.record("Dedi", [], reopened=[TWO])
        corpus.record("Dedi", [Decision(TWO, "peran_serikat", "Dedi", True)], reviewed=[TWO], blind=False)
        assert as_coded_blind(corpus, ["Rini", "Dedi"]) == []
