"""How common a code is: a random reviewed sample and the machine together, and when nothing can be said."""

import csv
import json
from collections.abc import Sequence
from itertools import combinations
from math import comb, isnan, nan, sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jmo_nlp.codebook import load_codebook
from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.people import make_adjudicator
from jmo_nlp.corpus.samples import add_sample
from jmo_nlp.errors import CorpusError
from jmo_nlp.pipeline.prevalence import prevalence
from jmo_nlp.pipeline.sampling import draw_sample
from jmo_nlp.prevalence import NO, POSSIBLE, SUGGESTED, Drawn, estimated, of_informants, of_segments
from jmo_nlp.records import (
    Attributes,
    CodedSegment,
    Decision,
    Sample,
    SampledSegment,
    Segment,
    Suggestion,
    Transcript,
    Turn,
)
from jmo_nlp.shares import clopper_pearson


def simple(number: Sequence[int], frame: int, *, transcripts: int = 10) -> Drawn:
    """A simple random sample of segments."""
    chosen = np.asarray(number)
    return Drawn(chosen, np.full(len(chosen), len(chosen) / frame), np.arange(frame) * transcripts // frame)


@pytest.fixture
def corpus_of_answers() -> tuple[np.ndarray, np.ndarray, Drawn]:
    """400 answers of 10 interviews, what a fair machine says of them, and a sample of 80."""
    generator = np.random.default_rng(5)
    truth = (generator.random(400) < 0.25).astype(float)
    says = np.where(generator.random(400) < np.where(truth == 1, 0.8, 0.1), SUGGESTED, NO)
    return truth, says, simple(generator.choice(400, 80, replace=False), 400)


# worked cases


def test_the_sample_alone_is_the_textbook_estimate(corpus_of_answers) -> None:
    truth, _says, drawn = corpus_of_answers
    made = estimated(truth[drawn.number], drawn)
    p = truth[drawn.number].mean()
    assert made.value == pytest.approx(p)
    assert made.error == pytest.approx(sqrt((1 - 80 / 400) * p * (1 - p) / 79))  # Cochran 1977, eq. 3.8


def test_a_stratified_sample_is_the_textbook_estimate() -> None:
    sizes, taken, shares = (200, 100, 50), (20, 25, 25), (0.1, 0.4, 0.8)
    number, chance, truth, first = [], [], [], 0
    for size, count, share in zip(sizes, taken, shares, strict=True):
        number += range(first, first + count)
        chance += [count / size] * count
        truth += [1.0] * round(count * share) + [0.0] * (count - round(count * share))
        first += size
    made = estimated(np.array(truth), Drawn(np.array(number), np.array(chance), np.arange(350) // 35))
    weights = [size / 350 for size in sizes]
    assert made.value == pytest.approx(sum(w * p for w, p in zip(weights, shares, strict=True)))
    variance = sum(
        w**2 * (1 - n / size) * p * (1 - p) / (n - 1)
        for w, size, n, p in zip(weights, sizes, taken, shares, strict=True)
    )  # Cochran 1977, eq. 5.53 with the estimated variances
    assert made.error == pytest.approx(sqrt(variance))


def test_it_is_the_prediction_powered_estimate_with_its_power_tuned(corpus_of_answers) -> None:
    """Angelopoulos, Duchi and Zrnic 2023, with the corpus at hand as the population."""
    truth, says, drawn = corpus_of_answers
    y, machine = truth[drawn.number], (says == SUGGESTED).astype(float)
    power = np.cov(y, machine[drawn.number])[0, 1] / np.var(machine[drawn.number], ddof=1)
    powered = y.mean() + power * (machine.mean() - machine[drawn.number].mean())
    made = estimated(y, drawn, says)
    assert made.value == pytest.approx(powered, abs=1e-12)
    residuals = y - power * machine[drawn.number]
    assert made.error == pytest.approx(sqrt((1 - 80 / 400) * np.var(residuals, ddof=1) / 80), rel=0.15)
    assert made.error < estimated(y, drawn).error


def test_a_perfect_machine_counts_everything(corpus_of_answers) -> None:
    truth, _says, drawn = corpus_of_answers
    says = np.where(truth == 1, SUGGESTED, NO)
    line = of_segments("kendala", truth[drawn.number], drawn, says)
    assert line.combined is not None
    assert line.combined.value == pytest.approx(truth.mean())
    assert line.combined.error == 0.0
    # that 80 segments showed no mistake does not prove that there is none
    assert line.combined.low < truth.mean() - 0.01 and line.combined.high > truth.mean() + 0.01
    by_transcript = np.bincount(drawn.cluster, weights=truth) - truth.mean() * np.bincount(drawn.cluster)
    assert line.combined.wide_error == pytest.approx(sqrt(10 / 9 * (by_transcript**2).sum()) / 400)


def test_a_useless_machine_costs_next_to_nothing(corpus_of_answers) -> None:
    truth, _says, drawn = corpus_of_answers
    says = np.random.default_rng(1).choice([NO, SUGGESTED], 400)
    line = of_segments("kendala", truth[drawn.number], drawn, says)
    assert line.combined is not None and line.sample is not None
    assert line.combined.value == pytest.approx(line.sample.value, abs=0.02)
    assert line.gain == pytest.approx(1.0, abs=0.1)
    assert line.combined.high - line.combined.low < 1.15 * (line.sample.high - line.sample.low)


def test_a_biased_machine_does_no_harm(corpus_of_answers) -> None:
    truth, _says, drawn = corpus_of_answers
    says = np.where((truth == 1) | (np.arange(400) % 2 == 0), SUGGESTED, NO)  # suggests it twice too often
    line = of_segments("kendala", truth[drawn.number], drawn, says)
    assert line.combined is not None
    assert line.machine > 0.55
    assert line.combined.low < truth.mean() < line.combined.high < 0.4


def test_everything_reviewed_leaves_nothing_to_chance(corpus_of_answers) -> None:
    truth, says, _drawn = corpus_of_answers
    made = estimated(truth, simple(range(400), 400), says)
    assert made.low == pytest.approx(made.value) == pytest.approx(made.high) == pytest.approx(truth.mean())
    assert made.wide_low < made.low and made.wide_high > made.high


def test_nothing_found_still_leaves_room() -> None:
    made = estimated(np.zeros(100), simple(range(100), 10_000))
    assert made.value == made.low == 0.0
    assert made.high == pytest.approx(3.7 / 100, rel=0.1)  # Clopper and Pearson have 3.62 %; the rule of three 3 %
    half = estimated(np.zeros(50), simple(range(50), 100))
    # by counting: with 5 of 100 the chance that none of 50 drawn carries it is 2.8 %, with 6 it is 1.4 %
    assert comb(95, 50) / comb(100, 50) > 0.025 > comb(94, 50) / comb(100, 50)
    assert 0.045 < half.high < 0.06


def test_the_few_that_were_found_may_be_all_there_are() -> None:
    truth = np.zeros(120)
    truth[[3, 70]] = 1.0
    says = np.where(np.arange(220) < 60, POSSIBLE, NO)
    made = estimated(truth, simple(range(120), 220), says)
    assert made.low <= 2 / 220  # two of two would have been drawn in 30 % of all samples
    assert made.low > 0.0
    assert estimated(truth, simple(range(120), 2200), np.zeros(2200, dtype=int)).low > 2 / 2200


def test_few_transcripts_say_little_of_others() -> None:
    truth = np.tile([1.0, 0.0, 0.0, 0.0], 25)
    few = estimated(truth, simple(range(100), 1000, transcripts=3))
    many = estimated(truth, simple(range(100), 1000, transcripts=50))
    assert few.wide_high - few.wide_low > many.wide_high - many.wide_low
    assert (few.low, few.high) == (many.low, many.high)
    one = estimated(truth, simple(range(100), 1000, transcripts=1))
    assert isnan(one.wide_low) and one.low < 0.25 < one.high


def test_whole_transcripts_go_together() -> None:
    cluster = np.repeat(np.arange(20), 10)
    truth = np.repeat(np.arange(20) % 2, 10).astype(float)  # all of an interview or nothing
    chosen = np.flatnonzero(cluster < 6)
    chance = np.full(60, 6 / 20)
    together = estimated(truth[chosen], Drawn(chosen, chance, cluster, whole=True))
    as_if_single = estimated(truth[chosen], Drawn(chosen, chance, cluster))
    assert together.value == as_if_single.value == pytest.approx(0.5)
    assert together.error == pytest.approx(sqrt((1 - 0.3) * 0.25 * 6 / 5 / 6))
    assert together.error > 2.5 * as_if_single.error


def test_what_is_not_reviewed_may_be_anything(corpus_of_answers) -> None:
    truth, says, drawn = corpus_of_answers
    partly = truth[drawn.number].copy()
    partly[:20] = nan
    line = of_segments("kendala", partly, drawn, says)
    assert line.combined is not None
    assert (line.drawn, line.reviewed) == (80, 60)
    for guess in (0.0, 1.0):
        filled = estimated(np.where(np.isnan(partly), guess, partly), drawn, says)
        assert line.combined.low <= filled.low and filled.high <= line.combined.high
    nobody = of_segments("kendala", np.full(80, nan), drawn, says)
    assert nobody.combined is None and nobody.reason


def test_what_the_machine_has_learned_from_counts_as_decided(corpus_of_answers) -> None:
    truth, says, drawn = corpus_of_answers
    learned = np.zeros(400, dtype=bool)
    learned[np.setdiff1d(np.arange(400), drawn.number)[:200]] = True
    memorised = np.where(learned, np.where(truth == 1, SUGGESTED, NO), says)
    honest = of_segments("kendala", truth[drawn.number], drawn, memorised, learned=learned, decided=truth).combined
    fooled = of_segments("kendala", truth[drawn.number], drawn, memorised).combined
    assert honest is not None and fooled is not None
    assert abs(honest.value - truth.mean()) < abs(fooled.value - truth.mean())
    outside = ~learned
    rest = estimated(
        truth[drawn.number],
        Drawn(np.searchsorted(np.flatnonzero(outside), drawn.number), np.full(80, 0.4), drawn.cluster[outside]),
        says[outside],
    )
    assert honest.value == pytest.approx((truth[learned].sum() + rest.value * 200) / 400)


# informants


def test_informants_are_known_once_found_or_wholly_read() -> None:
    voice = np.repeat(np.arange(5), 4)
    decided = np.full(20, nan)
    decided[[0, 4]] = 1.0  # two say it
    decided[8:20] = 0.0  # three were read to the end and do not
    drawn = Drawn(np.array([0, 8, 12]), np.full(3, 3 / 20), voice)
    line = of_informants("peran_serikat", decided[drawn.number], drawn, voice, None, decided=decided)
    assert line.combined is not None and not line.reason
    assert (line.combined.value, line.combined.low, line.combined.high) == (0.4, 0.4, 0.4)
    assert (line.combined.wide_low, line.combined.wide_high) == pytest.approx(clopper_pearson(2, 5))


def test_silence_of_informants_read_in_part_is_not_known() -> None:
    voice = np.repeat(np.arange(20), 50)
    truth = np.zeros(1000)
    truth[[0, 50, 100]] = 1.0
    drawn = Drawn(np.arange(0, 1000, 2), np.full(500, 0.5), voice)
    says = np.where(truth == 1, SUGGESTED, NO)
    line = of_informants("peran_serikat", truth[drawn.number], drawn, voice, says)
    assert line.combined is not None
    assert isnan(line.combined.value) and line.combined.low == 3 / 20
    assert 3 / 20 < line.combined.high < 1.0
    assert line.machine == 3 / 20
    assert "17 informants" in line.reason


def test_whole_informants_drawn_estimate_the_others() -> None:
    voice = np.repeat(np.arange(30), 5)
    truth = np.zeros(150)
    truth[::15] = 1.0  # ten informants say it once
    chosen = np.flatnonzero(voice < 15)
    drawn = Drawn(chosen, np.full(75, 0.5), voice, whole=True)
    line = of_informants("peran_serikat", truth[chosen], drawn, voice, None)
    assert line.combined is not None
    assert line.combined.value == pytest.approx(1 / 3)
    assert line.combined.low < 1 / 3 < line.combined.high
    assert line.combined.error == pytest.approx(sqrt(0.5 * (2 / 9) / 14))


# laws


@st.composite
def samples_of_answers(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, Drawn]:
    frame = draw(st.integers(4, 60))
    truth = np.array(draw(st.lists(st.sampled_from([0.0, 1.0]), min_size=frame, max_size=frame)))
    says = np.array(draw(st.lists(st.sampled_from([-1, NO, POSSIBLE, SUGGESTED]), min_size=frame, max_size=frame)))
    number = np.array(sorted(draw(st.sets(st.integers(0, frame - 1), min_size=1))))
    chance = np.array(
        draw(st.lists(st.sampled_from([0.1, 0.25, 0.5, 1.0]), min_size=len(number), max_size=len(number)))
    )
    cluster = np.sort(np.array(draw(st.lists(st.integers(0, 5), min_size=frame, max_size=frame))))
    return truth, says, Drawn(number, chance, np.unique(cluster, return_inverse=True)[1])


@settings(deadline=None)
@given(samples_of_answers())
def test_intervals_hold_their_value_and_stay_shares(material) -> None:
    truth, says, drawn = material
    for levels in (None, says):
        made = estimated(truth[drawn.number], drawn, levels)
        assert 0 <= made.low <= made.value + 1e-12 <= made.high + 2e-12 <= 1 + 3e-12
        assert made.error >= 0
        if not isnan(made.wide_low):
            assert 0 <= made.wide_low <= made.low and made.high <= made.wide_high <= 1


@settings(deadline=None)
@given(samples_of_answers())
def test_counting_what_lacks_the_code_mirrors_everything(material) -> None:
    truth, says, drawn = material
    made = estimated(truth[drawn.number], drawn, says)
    mirrored = estimated(1 - truth[drawn.number], drawn, says)
    assert (mirrored.value, mirrored.low, mirrored.high) == pytest.approx((1 - made.value, 1 - made.high, 1 - made.low))
    assert mirrored.error == pytest.approx(made.error)


@settings(deadline=None)
@given(samples_of_answers(), st.randoms(use_true_random=False))
def test_the_order_of_the_sample_does_not_matter(material, random) -> None:
    truth, says, drawn = material
    order = list(range(len(drawn.number)))
    random.shuffle(order)
    mixed = Drawn(drawn.number[order], drawn.chance[order], drawn.cluster)
    one, two = estimated(truth[drawn.number], drawn, says), estimated(truth[mixed.number], mixed, says)
    assert one.value == pytest.approx(two.value)
    assert (one.low, one.high, one.error) == pytest.approx((two.low, two.high, two.error))


def test_over_all_samples_the_sample_alone_is_right_on_average() -> None:
    truth = np.array([1.0, 0, 0, 1, 1, 0, 0, 0, 1])
    made = [estimated(truth[list(c)], simple(c, 9, transcripts=3)) for c in combinations(range(9), 4)]
    assert np.mean([m.value for m in made]) == pytest.approx(truth.mean())
    assert np.mean([m.error**2 for m in made]) == pytest.approx(np.var([m.value for m in made]))


def test_the_interval_holds_the_truth_as_often_as_promised() -> None:
    generator = np.random.default_rng(11)
    held, naive = 0, 0
    for _study in range(400):
        truth = (generator.random(800) < 0.15).astype(float)
        says = np.where(generator.random(800) < np.where(truth == 1, 0.7, 0.15), SUGGESTED, NO)
        drawn = simple(generator.choice(800, 100, replace=False), 800)
        made = estimated(truth[drawn.number], drawn, says)
        held += made.low <= truth.mean() <= made.high
        naive += abs((says == SUGGESTED).mean() - truth.mean()) < 1.96 * sqrt(0.2 * 0.8 / 800)
    assert 0.925 < held / 400 < 0.985
    assert naive / 400 < 0.05


# a study

CODES = ("sarana_prasarana", "pelaksanaan", "kendala")
TRUTH = {"sarana_prasarana": 3, "pelaksanaan": 2, "kendala": 4}  # every third, second, fourth answer


def applies(code: str, number: int) -> bool:
    return number % TRUTH[code] == 0


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Six interviews with 20 answers each, and one observation; suggestions that are right but for every fifth answer."""
    path = tmp_path / "studi"
    with Corpus.create(path, load_codebook("jmo")) as corpus:
        for interview in range(7):
            add_interview(corpus, tmp_path, f"t{interview}", observation=interview == 6)
        suggest(corpus, "codebook-jmo@aaaa")
    return path


def add_interview(corpus: Corpus, folder: Path, name: str, *, observation: bool = False) -> None:
    words = "Sinyalnya hilang timbul di kebun."
    text = "\n".join([words] * 20)
    source = folder / f"{name}.txt"
    source.write_text(f"{name}\n{text}", encoding="utf-8")
    turns = tuple(Turn(n, "Informan", "informant", 34 * n, 34 * n + 33) for n in range(20))
    segments = [
        Segment(f"{name}:{n + 1:04d}", name, n, "Informan", "informant", 34 * n, 34 * n + 33, words) for n in range(20)
    ]
    attributes = Attributes(technique="observasi") if observation else Attributes(f"I{name}", "pekerja")
    corpus.add_source(source, [(Transcript(name, text, turns), attributes, segments)])


def suggest(corpus: Corpus, model: str) -> None:
    coded = []
    for number, segment in enumerate(corpus.segments()):
        right = number % 5 != 0
        codes = [Suggestion(code, 0.8, True) for code in CODES if applies(code, number) == right]
        coded.append(CodedSegment(segment, (*codes, Suggestion("pendukung", 0.2, False)), model))
    corpus.save_suggestions(coded)


def review(path: Path, coder: str, wanted: Sequence[str] | None = None, *, blind: bool = True) -> None:
    with Corpus(path) as corpus:
        numbers = {segment.id: number for number, segment in enumerate(corpus.segments())}
        segments = list(numbers) if wanted is None else wanted
        decisions = [
            Decision(segment, code, coder, applies=applies(code, numbers[segment]))
            for segment in segments
            for code in CODES
        ]
        corpus.record(coder, decisions, reviewed=segments, blind=blind)


def drawn_of(path: Path, size: int = 40, **options: object) -> list[str]:
    return list(draw_sample(path, size=size, seed=1, **options).standing.segments)  # type: ignore[arg-type]


def test_a_study_with_a_reviewed_random_sample(study: Path) -> None:
    review(study, "Ani", drawn_of(study))
    found = prevalence(study)
    assert (found.sample, found.drawn, found.segments, found.transcripts, found.informants) == (
        "random-1",
        40,
        140,
        7,
        6,
    )
    assert (found.coders, found.model, found.machine_used) == (("Ani",), "codebook-jmo@aaaa", True)
    lines = {line.code: line for line in found.lines}
    assert set(lines) == set(load_codebook("jmo").ids())
    for code, every in TRUTH.items():
        made = lines[code].combined
        assert made is not None
        true = sum(number % every == 0 for number in range(140)) / 140
        assert made.low <= true <= made.high
        assert lines[code].reviewed == 40
        assert lines[code].gain > 1
    nothing = lines["peran_serikat"].combined
    assert nothing is not None and nothing.value == 0.0 < nothing.high < 0.15


def test_without_a_random_sample_nothing_is_estimated(study: Path) -> None:
    review(study, "Ani")
    with pytest.raises(CorpusError, match=r"no random sample was drawn.*jmo-nlp sample .* --size 140"):
        prevalence(study)
    with Corpus(study) as corpus:
        chosen = [SampledSegment(segment.id) for segment in corpus.segments()[:30]]
        add_sample(corpus, Sample("urutan", "order", 0), chosen)
    with pytest.raises(CorpusError, match="no random sample was drawn"):
        prevalence(study)
    with pytest.raises(CorpusError, match="chosen, not drawn"):
        prevalence(study, sample="urutan")


def test_a_sample_reviewed_in_part_is_refused_or_bounded(study: Path) -> None:
    segments = drawn_of(study)
    review(study, "Ani", segments[:30])
    with pytest.raises(CorpusError, match="10 of the 40 segments of sample random-1 are not reviewed by Ani"):
        prevalence(study)
    bounded = prevalence(study, incomplete=True)
    assert "10 of the 40" in bounded.notes[0]
    review(study, "Ani", segments[30:])
    whole = prevalence(study)
    for loose, tight in zip(bounded.lines, whole.lines, strict=True):
        assert loose.combined is not None and tight.combined is not None
        assert loose.combined.low <= tight.combined.value <= loose.combined.high
        assert loose.combined.high - loose.combined.low > tight.combined.high - tight.combined.low


def test_random_samples_that_are_reviewed_are_counted_together(study: Path) -> None:
    first = drawn_of(study)
    second = list(draw_sample(study, size=30, seed=8, by=()).standing.segments)
    review(study, "Ani", first)
    assert prevalence(study).sample == "random-1"  # the other one is not reviewed yet
    review(study, "Ani", [segment for segment in second if segment not in first])
    both = prevalence(study)
    assert both.sample == "random-1 + random-2"
    assert both.drawn == len({*first, *second}) < 70
    line = next(line for line in both.lines if line.code == "kendala")
    assert line.combined is not None and line.combined.low <= 0.25 <= line.combined.high
    assert prevalence(study, sample="random-2").drawn == 30
    assert prevalence(study, sample="random-2,random-1").lines == both.lines
    uneven = drawn_of(study, evenness=1.0, name="rata")
    review(study, "Ani", uneven)
    assert prevalence(study, sample="rata").drawn == 40
    with pytest.raises(CorpusError, match="cannot be counted together"):
        prevalence(study, sample="random-1,rata")


def test_nobody_reviewed_it(study: Path) -> None:
    drawn_of(study)
    with pytest.raises(CorpusError, match="40 of the 40"):
        prevalence(study, incomplete=True)


def test_a_sealed_sample_stays_sealed(study: Path) -> None:
    segments = drawn_of(study, purpose="blind", coders=["Ani", "Budi"])
    review(study, "Ani", segments)
    with pytest.raises(CorpusError, match="sealed"):
        prevalence(study)
    review(study, "Budi", segments)
    assert prevalence(study).coders == ("Ani", "Budi")


def test_a_blind_sample_that_left_segments_out_does_not_stand_for_them(study: Path) -> None:
    review(study, "Ani", drawn_of(study, purpose="blind", coders=["Ani"], alone=True))
    second = drawn_of(study, purpose="blind", coders=["Ani"], alone=True, name="kedua")
    review(study, "Ani", second)
    with pytest.raises(CorpusError, match="40 segments that its coders had seen"):
        prevalence(study, sample="kedua")
    assert prevalence(study, sample="blind-1").sample == "blind-1"


def test_transcripts_that_came_later_are_left_out_and_said(study: Path, tmp_path: Path) -> None:
    review(study, "Ani", drawn_of(study))
    before = prevalence(study)
    with Corpus(study) as corpus:
        add_interview(corpus, tmp_path, "t9")
    after = prevalence(study)
    assert after.segments == before.segments == 140
    assert "20 segments came into the study after" in after.notes[0]
    assert after.lines[0].combined == before.lines[0].combined


def test_chances_that_do_not_fit_the_study_are_refused(study: Path) -> None:
    with Corpus(study) as corpus:
        drawn = [SampledSegment(segment.id, "", 0.9) for segment in corpus.segments()[:30]]
        add_sample(corpus, Sample("salah", "random", 0), drawn)
    review(study, "Ani")
    with pytest.raises(CorpusError, match=r"stands for about 33 segments, but there are 140"):
        prevalence(study, sample="salah")


def learned_model(folder: Path, segments: Sequence[str], model: str = "kebun@bbbb") -> None:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"model": model, "learned_from": list(segments)}), encoding="utf-8")


def test_a_machine_that_learned_from_the_sample_is_left_aside(study: Path) -> None:
    segments = drawn_of(study)
    review(study, "Ani", segments)
    with Corpus(study) as corpus:
        suggest(corpus, "kebun@bbbb")
    unknown = prevalence(study)
    assert not unknown.machine_used and "is not known here" in unknown.notes[0]
    learned_model(study / "models" / "kebun", segments[:7])
    found = prevalence(study)
    assert not found.machine_used and "learned from 7 segments of the sample" in found.notes[0]
    assert found.lines[0].combined == found.lines[0].sample
    assert {line.code: line for line in found.lines}["kendala"].machine > 0
    assert prevalence(study, model="codebook-jmo").machine_used


def test_a_machine_that_learned_from_others_is_used(study: Path) -> None:
    segments = drawn_of(study)
    review(study, "Ani")
    with Corpus(study) as corpus:
        suggest(corpus, "kebun@bbbb")
        others = [segment.id for segment in corpus.segments() if segment.id not in segments]
    learned_model(study / "models" / "kebun", others)
    found = prevalence(study)
    assert found.machine_used
    line = next(line for line in found.lines if line.code == "kendala")
    # all but the sample was decided by people, and the sample as well: nothing is left but the sample's own rest
    assert line.combined is not None
    assert (line.combined.value, line.combined.low, line.combined.high) == pytest.approx((0.25, 0.25, 0.25))
    assert line.combined.wide_low < 0.2 and isnan(line.gain)
    assert "100 segments outside the sample" in " ".join(found.notes)


def test_suggestions_from_before_the_drawing_may_have_learned_from_anything(study: Path) -> None:
    with Corpus(study) as corpus:
        suggest(corpus, "kebun@bbbb")
        learned_model(study / "models" / "kebun", [segment.id for segment in corpus.segments()[:60]])
    review(study, "Ani", drawn_of(study))
    assert prevalence(study, model="kebun").machine_used


def test_reviews_with_suggestions_in_view_are_pointed_out(study: Path) -> None:
    review(study, "Ani", drawn_of(study), blind=False)
    assert "40 segments of the sample were reviewed with suggestions in view" in prevalence(study).notes[0]


def test_adjudication_stands(study: Path) -> None:
    segments = drawn_of(study)
    review(study, "Ani", segments)
    with Corpus(study) as corpus:
        make_adjudicator(corpus, "Dewi")
        corpus.record("Dewi", [Decision(s, "peran_serikat", "Dewi", applies=True) for s in segments])
    found = prevalence(study)
    line = next(line for line in found.lines if line.code == "peran_serikat")
    assert found.coders == ("Ani", "Dewi")
    assert line.positives == 40
    only_ani = prevalence(study, coders=["Ani"])
    assert next(line for line in only_ani.lines if line.code == "peran_serikat").positives == 0


def test_the_share_of_informants(study: Path) -> None:
    review(study, "Ani", drawn_of(study))
    found = prevalence(study, unit="informant")
    lines = {line.code: line for line in found.lines}
    rare = lines["peran_serikat"].combined
    assert rare is not None and isnan(rare.value) and rare.low == 0.0
    common = lines["pelaksanaan"].combined
    assert common is not None and common.value == common.low == 1.0
    review(study, "Ani")
    exact = {line.code: line for line in prevalence(study, unit="informant").lines}["peran_serikat"].combined
    assert exact is not None and exact.value == exact.high == 0.0 and exact.wide_high == pytest.approx(0.459, abs=1e-3)


# the command


def test_the_command_tells_it_in_both_languages(study: Path, jmo_nlp, tmp_path: Path) -> None:
    refused = jmo_nlp("prevalence", study)
    assert refused.returncode == 1 and refused.stderr.startswith("Error: ") and refused.stderr.count("\n") == 1
    review(study, "Ani", drawn_of(study))
    shown = jmo_nlp("prevalence", study, "--out", tmp_path / "sebaran.csv")
    assert shown.returncode == 0
    assert "Share of the 140 segments of 7 transcripts (6 informants)" in shown.stdout
    assert "Kendala / penghambat" in shown.stdout and "machine counts" in shown.stdout
    with (tmp_path / "sebaran.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["code"]: row for row in csv.DictReader(file)}
    assert float(rows["kendala"]["low"]) <= float(rows["kendala"]["estimate"]) <= float(rows["kendala"]["high"])
    indonesian = jmo_nlp("prevalence", study, "--unit", "informant", lang="id")
    assert indonesian.returncode == 0
    assert "Bagian dari 6 informan" in indonesian.stdout and "hanya selang" in indonesian.stdout


def test_the_command_serves_programs(study: Path, jmo_nlp) -> None:
    review(study, "Ani", drawn_of(study))
    answer = json.loads(jmo_nlp("prevalence", study, "--json").stdout)
    line = next(line for line in answer["lines"] if line["code"] == "kendala")
    assert line["combined"]["low"] < line["combined"]["value"] < line["combined"]["high"]
    assert answer["machine_used"] is True and answer["sample"] == "random-1"
    wrong = jmo_nlp("prevalence", study, "--out", "laporan.pdf")
    assert wrong.returncode == 1 and ".csv or .xlsx" in wrong.stderr
