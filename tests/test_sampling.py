"""Samples: chances that are known and add up, every stratum within reach, an order that says nothing of the machine."""

from collections import Counter
from math import ceil, floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jmo_nlp.errors import JmoError
from jmo_nlp.sampling import SILENT, Candidate, controlled_rounding, draw, said_of

WORDS = ("-", "kendala", "pendukung", "sarana_prasarana", "?")


@st.composite
def frames(draw_: st.DrawFn) -> list[Candidate]:
    sizes = draw_(st.lists(st.integers(1, 25), min_size=1, max_size=7))
    return [
        Candidate(f"wawancara-{t}:{number:04}", f"wawancara-{t}", draw_(st.sampled_from(WORDS)))
        for t, size in enumerate(sizes)
        for number in range(1, size + 1)
    ]


@given(frames(), st.data(), st.integers(0, 10_000), st.sampled_from([0.0, 0.3, 0.5, 1.0]))
def test_a_sample_has_its_size_and_each_segment_once_with_its_chance(frame, data, seed, evenness):
    size = data.draw(st.integers(1, len(frame)))
    drawn = draw(frame, size, seed=seed, evenness=evenness)
    assert len({item.segment for item in drawn}) == len(drawn) == size
    assert all(item.probability is not None and 0 < item.probability <= 1 for item in drawn)
    strata = {candidate.segment: candidate.stratum for candidate in frame}
    assert all(item.stratum == strata[item.segment] for item in drawn)


@given(frames(), st.data(), st.integers(0, 10_000))
def test_strata_transcripts_and_words_get_their_number_rounded_up_or_down(frame, data, seed):
    size = data.draw(st.integers(1, len(frame)))
    drawn = draw(frame, size, seed=seed, evenness=0.0)
    counted = [Counter(c.stratum for c in frame), Counter(c.transcript for c in frame), Counter(c.said for c in frame)]
    found = {candidate.segment: candidate for candidate in frame}
    got = [
        Counter(item.stratum for item in drawn),
        Counter(found[item.segment].transcript for item in drawn),
        Counter(found[item.segment].said for item in drawn),
    ]
    for population, sample in zip(counted, got, strict=True):
        for name, count in population.items():
            expected = count * size / len(frame)
            assert floor(expected - 1e-6) <= sample[name] <= ceil(expected + 1e-6)


@given(frames(), st.data())
@settings(max_examples=40, deadline=None)
def test_chances_add_up_to_the_size_and_no_stratum_is_out_of_reach(frame, data):
    """Over all segments; the chance of those not drawn is that of those drawn from the same stratum at another seed."""
    size = data.draw(st.integers(1, len(frame)))
    chances: dict[str, float] = {}
    for seed in range(3000):
        for item in draw(frame, size, seed=seed):
            assert chances.setdefault(item.stratum, item.probability) == item.probability
        if len(chances) == len({candidate.stratum for candidate in frame}):
            break
    assert chances.keys() == {candidate.stratum for candidate in frame}
    assert sum(chances[candidate.stratum] for candidate in frame) == pytest.approx(size, abs=1e-6)


def test_segments_are_drawn_as_often_as_their_chance_says():
    frame = [Candidate(f"t{t}:{n:04}", f"t{t}", WORDS[(n * n + t) % 4]) for t in range(5) for n in range(3 + 7 * t)]
    times, chance, rounds = Counter(), {}, 2500
    for seed in range(rounds):
        for item in draw(frame, 17, seed=seed):
            times[item.segment] += 1
            chance[item.segment] = item.probability
    assert chance.keys() == {candidate.segment for candidate in frame}
    scores = [
        (times[segment] / rounds - p) / (p * (1 - p) / rounds) ** 0.5 for segment, p in chance.items() if p < 1 - 1e-9
    ]
    assert max(map(abs, scores)) < 4.5
    assert 0.7 < sum(score**2 for score in scores) / len(scores) < 1.35


@given(frames(), st.data(), st.integers(0, 10_000))
def test_the_same_seed_draws_the_same_whatever_the_order_of_the_frame(frame, data, seed):
    size = data.draw(st.integers(1, len(frame)))
    assert draw(data.draw(st.permutations(frame)), size, seed=seed) == draw(frame, size, seed=seed)


@given(frames(), st.data(), st.integers(0, 10_000))
def test_the_order_of_coding_does_not_tell_what_the_machine_said(frame, data, seed):
    """Two segments that are in both samples follow each other the same way, whatever the machine said of them."""
    size = data.draw(st.integers(1, len(frame)))
    others = [Candidate(c.segment, c.transcript, data.draw(st.sampled_from(WORDS))) for c in frame]
    one = [item.segment for item in draw(frame, size, seed=seed)]
    two = [item.segment for item in draw(others, size, seed=seed)]
    both = set(one) & set(two)
    assert [s for s in one if s in both] == [s for s in two if s in both]


@given(
    st.dictionaries(st.tuples(st.sampled_from("abcd"), st.sampled_from("xyz")), st.integers(1, 5 << 32), min_size=1),
    st.integers(0, 1000),
)
def test_rounding_keeps_cells_rows_columns_and_the_total(cells, seed):
    part = 1 << 32
    first = next(iter(cells))
    cells[first] += -sum(cells.values()) % part
    rounded = controlled_rounding(cells, seed=seed)
    assert sum(rounded.values()) * part == sum(cells.values())
    for side in (0, 1):
        for name in {place[side] for place in cells}:
            whole = sum(parts for place, parts in cells.items() if place[side] == name)
            got = sum(count for place, count in rounded.items() if place[side] == name)
            assert whole // part <= got <= -(-whole // part)
    for place, parts in cells.items():
        assert parts // part <= rounded[place] <= -(-parts // part)


def test_rare_codes_come_up_more_often_where_evenness_asks_for_it():
    frame = [Candidate(f"t:{n:04}", "t", "kendala" if n % 50 == 0 else "-") for n in range(1000)]
    rare = [sum(item.stratum == "t|kendala" for item in draw(frame, 40, evenness=e)) for e in (0.0, 0.5, 1.0)]
    assert rare[0] <= 1 < rare[1] < rare[2] == 20


def test_what_the_machine_says_is_its_rarest_code_or_silence():
    suggested = {"t:1": ["kendala", "pendukung"], "t:2": ["kendala"], "t:3": []}
    assert said_of(suggested) == {"t:1": "pendukung", "t:2": "kendala", "t:3": SILENT}


@pytest.mark.parametrize(("size", "words"), [(0, "Ask for 1"), (4, "Ask for fewer")])
def test_more_than_there_is_cannot_be_drawn(size, words):
    frame = [Candidate(f"t:{n}", "t") for n in range(3)]
    with pytest.raises(JmoError, match=words):
        draw(frame, size)
    with pytest.raises(JmoError, match="twice"):
        draw([*frame, frame[0]], 2)
