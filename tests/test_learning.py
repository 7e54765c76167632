"""A study learns: what to code next, a new model against the last, what is kept apart to judge on."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from jmo_nlp import pipeline, sampling
from jmo_nlp.codebook import save_codebook
from jmo_nlp.corpus import CODEBOOK, Corpus
from jmo_nlp.corpus.samples import add_sample, sampled, samples
from jmo_nlp.errors import CorpusError, JmoError, ModelError
from jmo_nlp.model_folder import read_config
from jmo_nlp.pipeline.current_model import FILE
from jmo_nlp.records import Code, Codebook, Decision, Group, Sample
from jmo_nlp.sampling import Candidate
from jmo_nlp.suggesting.progress import Goal

BOOK = Codebook(
    id="kebun",
    version="1",
    language="id",
    groups=(Group("unsur", "Unsur"),),
    codes=(
        Code("sinyal", "Sinyal", group="unsur", definition="Jaringan, sinyal dan kuota di tempat kerja."),
        Code("petugas", "Petugas", group="unsur", definition="Orang yang membantu dan melayani pekerja."),
    ),
)
SINYAL = (
    "Sinyal di afdeling {n} sering hilang kalau hujan.",
    "Jaringan di blok {n} lemah, harus naik ke bukit dulu.",
    "Kuota saya habis sebelum tanggal {n}.",
)
PETUGAS = (
    "Petugas loket {n} ramah dan sabar melayani kami.",
    "Ibu penjaga meja {n} membantu saya mengisi data.",
    "Petugasnya datang ke rumah nomor {n} menerangkan caranya.",
)
LAIN = (
    "Saya panen dari jam {n} pagi sampai siang.",
    "Anak saya {n}, yang besar sudah kerja.",
    "Rumah saya di jalur {n}, dekat jembatan lama.",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of five interviews in Musi Rawas of nine answers each, nothing coded yet."""
    folder = tmp_path_factory.mktemp("musi-rawas")
    save_codebook(BOOK, folder / "kebun.yaml")
    study = folder / "studi"
    pipeline.new_study(study, str(folder / "kebun.yaml"))
    files = []
    for number in range(1, 6):
        answers = [text.format(n=number * 3 + i) for i, text in enumerate((*SINYAL, *PETUGAS, *LAIN))]
        lines = [f"Peneliti : Ceritakan yang {i}?\nInforman : {answer}" for i, answer in enumerate(answers)]
        files.append(folder / f"pekerja-{number}.txt")
        files[-1].write_text("\n".join(lines) + "\n", encoding="utf-8")
    pipeline.import_files(study, files)
    return study


@pytest.fixture
def study(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "studi"))


def right(text: str) -> set[str]:
    words = text.lower()
    found = {"sinyal"} if any(word in words for word in ("sinyal", "jaringan", "kuota")) else set()
    return found | ({"petugas"} if any(word in words for word in ("petugas", "penjaga")) else set())


def review(
    study: Path, ids: list[str] | None = None, *, coder: str = "rina", judge: Callable[[str], set[str]] = right
) -> None:
    """Let a coder finish the review of these segments, or of all."""
    with Corpus(study) as corpus:
        chosen = [segment for segment in corpus.segments() if ids is None or segment.id in ids]
        decisions = [
            Decision(segment.id, code, coder, code in judge(segment.text)) for segment in chosen for code in BOOK.ids()
        ]
        corpus.record(coder, decisions, reviewed=[segment.id for segment in chosen])


def of_transcripts(study: Path, *numbers: int) -> list[str]:
    with Corpus(study) as corpus:
        return [s.id for s in corpus.segments() if s.transcript in {f"pekerja-{n}" for n in numbers}]


def upside_down(text: str) -> set[str]:
    return set(BOOK.ids()) - right(text)


def test_an_order_is_stored_with_its_random_part(study: Path) -> None:
    ordered = pipeline.order(study, size=10, random_share=0.2, seed=4)
    assert len(ordered.segments) == 10
    assert ordered.left == 45
    assert ordered.model.startswith("codebook-kebun@")
    drawn = [one for one in ordered.segments if one.random]
    assert len(drawn) == 2
    assert len({one.segment.transcript for one in ordered.segments}) >= 3
    assert all(one.codes and one.doubt > 0 for one in ordered.segments if not one.random)
    with Corpus(study) as corpus:
        assert {(s.name, s.purpose) for s in samples(corpus)} == {("order-1", "order"), ("order-1-random", "random")}
        kept = sampled(corpus, "order-1")
        assert [entry.segment for entry in kept] == [one.segment.id for one in ordered.segments]
        random = sampled(corpus, "order-1-random")
        assert {entry.segment for entry in random} == {one.segment.id for one in drawn}
        assert all(entry.probability == pytest.approx(2 / 45) for entry in random)
        assert {e.segment for e in kept if e.probability is not None} == {e.segment for e in random}
        assert pipeline.random_segments(corpus) == {entry.segment for entry in random}
    assert pipeline.waiting_in_order(study, "rina") == [one.segment.id for one in ordered.segments]
    review(study, [ordered.segments[0].segment.id])
    assert pipeline.waiting_in_order(study, "rina") == [one.segment.id for one in ordered.segments[1:]]


def test_the_same_seed_gives_the_same_order(study: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(study, tmp_path / "salinan"))
    one, two = (pipeline.order(place, size=8, seed=7) for place in (study, other))
    assert one == two


def test_what_is_coded_or_waiting_is_not_chosen_again(study: Path) -> None:
    review(study, of_transcripts(study, 1, 2))
    first = pipeline.order(study, size=9, random_share=0)
    assert first.random_name == ""
    second = pipeline.order(study, size=18, random_share=0)
    ids = [one.segment.id for ordered in (first, second) for one in ordered.segments]
    assert len(ids) == len(set(ids)) == 27
    assert not set(ids) & set(of_transcripts(study, 1, 2))
    with pytest.raises(CorpusError, match="no segment is left"):
        pipeline.order(study, size=5, random_share=0)


def test_random_ones_are_drawn_from_everything_also_from_what_is_coded(study: Path) -> None:
    review(study, of_transcripts(study, 1, 2, 3))
    ordered = pipeline.order(study, size=20, random_share=0.9, seed=1)
    with Corpus(study) as corpus:
        drawn = sampled(corpus, "order-1-random")
        design = next(sample.design for sample in samples(corpus, "random"))
    assert len(drawn) == 18
    assert ordered.coded_already > 0
    assert design["population"] == 45
    assert design["left_out"] == {}
    walked = {one.segment.id for one in ordered.segments}
    assert not walked & set(of_transcripts(study, 1, 2, 3)), "nobody codes twice what is coded"


@pytest.mark.parametrize(
    ("size", "share", "said"), [(0, 0.1, "1 to 45"), (46, 0.1, "1 to 45"), (5, 1.0, "below 1"), (5, -0.1, "below 1")]
)
def test_orders_that_cannot_be(study: Path, size: int, share: float, said: str) -> None:
    with pytest.raises(CorpusError, match=said):
        pipeline.order(study, size=size, random_share=share)
    with Corpus(study) as corpus:
        assert samples(corpus) == []


def test_the_first_model_is_the_studys(study: Path, tmp_path: Path) -> None:
    review(study, of_transcripts(study, 1, 2, 3))
    trained = pipeline.train(study, tmp_path / "models" / "a")
    assert trained.comparison["how"] == "codebook"
    assert trained.comparison["against"].startswith("codebook-kebun@")
    assert trained.current
    assert trained.goes_by == trained.model
    known = pipeline.current_model(study)
    assert known is not None
    assert known.model == trained.model
    assert known.stands
    assert pipeline.order(study, size=5).model == trained.model, "the order goes by the study's model"
    shutil.rmtree(tmp_path / "models" / "a")
    assert not known.stands
    again = pipeline.train(study, tmp_path / "models" / "b")
    assert again.comparison["reason"] == "gone"
    assert again.current


def test_suggesting_goes_by_the_model_that_training_left(study: Path, tmp_path: Path) -> None:
    alone = pipeline.suggest(study)
    assert alone.startswith("codebook-kebun@")
    review(study, of_transcripts(study, 1, 2, 3))
    trained = pipeline.train(study, tmp_path / "models" / "a")
    assert pipeline.suggest(study) == trained.model
    with Corpus(study) as corpus:
        assert corpus.models() == [trained.model, alone], "the page and exports show what was asked last"

    assert pipeline.suggest(study, codebook_only=True) == alone
    with Corpus(study) as corpus:
        assert corpus.models() == [alone, trained.model], "also where it had looked at everything before"
    assert pipeline.suggest(study) == alone, "left aside until it is named, or a new one is trained"
    assert pipeline.order(study, size=4, random_share=0).model == alone
    pipeline.suggest(study, model=tmp_path / "models" / "a")
    assert pipeline.order(study, size=4, random_share=0, codebook_only=True).model == alone
    assert pipeline.suggest(study) == trained.model, "to order by another changes nothing"

    wished = pipeline.suggest(study, wish=["errors=0.2"])
    assert wished not in (trained.model, alone)
    assert pipeline.suggest(study) == trained.model
    both = pipeline.suggest(study, codebook_only=True, adopt=False)
    with Corpus(study) as corpus:
        assert corpus.models()[0] == trained.model != both, "one coder looking on changes nothing for the others"


def test_a_model_left_aside_is_still_what_the_next_is_held_against(study: Path, tmp_path: Path) -> None:
    review(study)
    good = pipeline.train(study, tmp_path / "m")
    alone = pipeline.suggest(study, codebook_only=True)
    with Corpus(study) as corpus:
        drawn = sampling.draw([Candidate(s.id, s.transcript) for s in corpus.segments()], 38, evenness=0)
        add_sample(corpus, Sample("acak", "random", 0), drawn)
    worse = pipeline.train(study, tmp_path / "m")
    assert worse.comparison["against"] == good.model
    assert (worse.current, worse.goes_by) == (False, "")
    known = pipeline.current_model(study)
    assert known is not None
    assert (known.path, known.used) == (tmp_path / "m-before", False)
    assert pipeline.suggest(study) == alone


def test_a_model_that_is_gone_is_not_replaced_in_silence(study: Path, tmp_path: Path) -> None:
    review(study, of_transcripts(study, 1, 2))
    trained = pipeline.train(study, tmp_path / "m")
    pipeline.suggest(study)
    (tmp_path / "m").rename(tmp_path / "n")
    with pytest.raises(ModelError, match="--codebook-only"):
        pipeline.suggest(study)
    ordered = pipeline.order(study, size=4)
    assert ordered.model.startswith("codebook-")
    assert trained.model in ordered.remark
    assert pipeline.suggest(study, model=tmp_path / "n") == trained.model
    assert pipeline.suggest(study) == trained.model


def test_a_study_moved_with_its_model_goes_on(study: Path, tmp_path: Path) -> None:
    review(study, of_transcripts(study, 1, 2))
    trained = pipeline.train(study, study / "models" / "m")
    moved = Path(shutil.move(study, tmp_path / "lain"))
    assert pipeline.suggest(moved) == trained.model


def test_random_segments_teach_only_when_told_so(study: Path, tmp_path: Path) -> None:
    ordered = pipeline.order(study, size=10, random_share=0.3)
    review(study)
    apart = {one.segment.id for one in ordered.segments if one.random}
    trained = pipeline.train(study, tmp_path / "a")
    assert trained.apart == 3
    assert trained.segments == 42
    assert not apart & set(read_config(tmp_path / "a")["learned_from"])
    both = pipeline.train(study, tmp_path / "b", with_random=True)
    assert both.apart == 0
    assert apart <= set(read_config(tmp_path / "b")["learned_from"])


def test_only_random_segments_coded_is_nothing_to_learn_from(study: Path, tmp_path: Path) -> None:
    ordered = pipeline.order(study, size=10, random_share=0.5)
    review(study, [one.segment.id for one in ordered.segments if one.random])
    with pytest.raises(CorpusError, match="--with-random"):
        pipeline.train(study, tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_codings_of_people_decide_which_model_is_better(study: Path, tmp_path: Path) -> None:
    review(study, of_transcripts(study, 1, 2, 3))
    good = pipeline.train(study, tmp_path / "m")
    review(study, coder="asal", judge=upside_down)
    # asked to go by the careless coder alone, what the careful one taught is the worse
    spoilt = pipeline.train(study, tmp_path / "m2", coders=["asal"])
    assert spoilt.comparison["how"] == "anew"
    assert spoilt.comparison["verdict"] == "better"
    back = pipeline.train(study, tmp_path / "m3", coders=["rina"], against=tmp_path / "m2")
    assert back.comparison["against"] == spoilt.model != good.model
    assert back.comparison["verdict"] == "better"


def test_a_worse_model_is_saved_but_the_study_keeps_the_better(study: Path, tmp_path: Path) -> None:
    out = tmp_path / "models" / "m"
    review(study)
    good = pipeline.train(study, out)
    # most of what taught it is now kept apart to judge on, so the next one has little left to learn from
    with Corpus(study) as corpus:
        drawn = sampling.draw([Candidate(s.id, s.transcript) for s in corpus.segments()], 38, evenness=0)
        add_sample(corpus, Sample("acak", "random", 0), drawn)
    worse = pipeline.train(study, out)
    assert worse.apart == worse.comparison["segments"] == 38
    assert worse.comparison["random"]
    assert worse.comparison["verdict"] in ("worse", "not better")
    assert not worse.current
    assert worse.kept == tmp_path / "models" / "m-before"
    known = pipeline.current_model(study)
    assert known is not None
    assert (known.model, known.stands) == (good.model, True)
    assert read_config(out)["model"] == worse.model


def test_the_same_decisions_are_not_compared(study: Path, tmp_path: Path) -> None:
    review(study, of_transcripts(study, 1, 2))
    pipeline.train(study, tmp_path / "a")
    assert pipeline.train(study, tmp_path / "b").comparison["reason"] == "same"


def test_one_transcript_cannot_judge(study: Path, tmp_path: Path) -> None:
    review(study, of_transcripts(study, 1)[:5])
    pipeline.train(study, tmp_path / "a")
    review(study, of_transcripts(study, 1))
    assert pipeline.train(study, tmp_path / "b").comparison["reason"] == "one transcript"


def test_another_wording_of_codes_is_said_and_suggesting_refuses(study: Path, tmp_path: Path) -> None:
    review(study, of_transcripts(study, 1, 2))
    pipeline.train(study, tmp_path / "a")
    text = (study / CODEBOOK).read_text(encoding="utf-8")
    (study / CODEBOOK).write_text(text.replace("sinyal dan kuota", "sinyal, kuota dan listrik"), encoding="utf-8")
    with pytest.raises(ModelError, match="sinyal"):
        pipeline.suggest(study, model=tmp_path / "a")
    with pytest.raises(ModelError, match=r"sinyal.*--codebook-only"):
        pipeline.suggest(study)
    with pytest.raises(ModelError, match="sinyal"):
        pipeline.order(study, size=5, model=tmp_path / "a")
    unnamed = pipeline.order(study, size=5)
    assert unnamed.model.startswith("codebook-")
    assert "sinyal" in unnamed.remark
    trained = pipeline.train(study, tmp_path / "b")
    assert trained.comparison["reason"] == "codebook"
    assert "sinyal" in trained.comparison["codes"]
    assert trained.current


def test_a_model_that_was_named_must_be_there(study: Path, tmp_path: Path) -> None:
    review(study, of_transcripts(study, 1, 2))
    with pytest.raises(ModelError, match="no such model"):
        pipeline.train(study, tmp_path / "a", against=tmp_path / "nothing")
    assert not (tmp_path / "a").exists()


def test_a_damaged_last_model_does_not_stop_a_training(study: Path, tmp_path: Path) -> None:
    review(study, of_transcripts(study, 1, 2))
    pipeline.train(study, tmp_path / "a")
    (tmp_path / "a" / "model.skops").write_bytes(b"cut")
    review(study, of_transcripts(study, 3))
    trained = pipeline.train(study, tmp_path / "b")
    assert trained.comparison["reason"] == "unusable"
    assert "model.skops" in trained.comparison["error"]
    assert trained.current
    (study / FILE).write_text("{", encoding="utf-8")
    assert pipeline.current_model(study) is None


def test_the_curve_is_kept_with_the_model(study: Path, tmp_path: Path) -> None:
    review(study)
    trained = pipeline.train(study, tmp_path / "a", comparing=False, goals=[Goal("f1", 0.6), Goal("alpha", 0.5)])
    assert trained.comparison == {}
    metrics = json.loads((tmp_path / "a" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["progress"]["coded"] == 45
    sizes = metrics["progress"]["curves"][0]["sizes"]
    assert sizes == sorted(sizes)
    assert sizes[-1] == pytest.approx(36)
    assert {f["outlook"] for f in metrics["progress"]["forecasts"]} <= {"reached", "about", "not within", "unknown"}
    assert (tmp_path / "a" / "learning.svg").read_text(encoding="utf-8").startswith("<svg")
    assert "learning.svg" in (tmp_path / "a" / "README.md").read_text(encoding="utf-8")


def test_the_command_orders_and_compares(study: Path, tmp_path: Path, jmo_nlp: Callable[..., object]) -> None:
    done = jmo_nlp("suggest", study, "--order", 6, "--random", 0.34, "--out", tmp_path / "urutan.csv", "--json")
    assert done.returncode == 0, done.stderr  # type: ignore[attr-defined]
    told = json.loads(done.stdout)  # type: ignore[attr-defined]
    assert [one["place"] for one in told["segments"]] == [1, 2, 3, 4, 5, 6]
    assert sum(one["random"] for one in told["segments"]) == 2
    lines = (tmp_path / "urutan.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 7
    wrong = jmo_nlp("suggest", study, "--seed", 3)
    assert wrong.returncode == 2  # type: ignore[attr-defined]
    with Corpus(study) as corpus:
        assert len(samples(corpus)) == 2
    with pytest.raises(JmoError):
        pipeline.order(study, size=3, name="order-1")
