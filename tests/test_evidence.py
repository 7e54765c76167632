"""Evidence is what moved a suggestion: without the words it names the code is less probable."""

import json
from pathlib import Path

import numpy as np
import pytest

from jmo_nlp.classifier import CodeClassifier, suggest
from jmo_nlp.codebook import load_codebook
from jmo_nlp.encoders import Encoder, load_encoder
from jmo_nlp.records import Code, Codebook, Segment
from jmo_nlp.suggestions import leave_out

TEXTS = [
    "Sinyal di kebun sering hilang.",
    "Jaringan internet lambat sekali di afdeling.",
    "Sinyalnya ada kalau di jalan besar.",
    "Petugas cabang ramah dan sabar.",
    "Petugasnya tidak pernah menjawab telepon.",
    "Staf di kantor membantu kami sampai selesai.",
    "Saya panen dari pagi.",
    "Anak saya tiga orang.",
]
CODES = [{"sarana"}, {"sarana"}, {"sarana"}, {"layanan"}, {"layanan"}, {"layanan"}, set(), set()]
IDS = [f"pekerja-1:{n:04}" for n in range(1, 9)]
BOOK = Codebook(
    "wawancara",
    "1",
    "id",
    (),
    (
        Code(
            "sarana",
            "Sarana",
            definition="Sinyal, jaringan dan perangkat.",
            examples=("Sinyal di sini susah.",),
            exclude=("Server aplikasi yang sibuk saat banyak orang masuk.",),
            counter_examples=("Servernya sibuk terus kalau pagi.",),
        ),
        Code("layanan", "Layanan", definition="Petugas yang membantu.", examples=("Petugasnya baik.",)),
    ),
)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


@pytest.fixture(scope="module")
def trained(encoder: Encoder) -> CodeClassifier:
    return CodeClassifier(encoder, BOOK).fit(TEXTS, CODES, ids=IDS)


def segments(texts: list[str], ids: list[str] | None = None) -> list[Segment]:
    names = ids or [f"baru:{i:04}" for i in range(1, len(texts) + 1)]
    return [Segment(n, n.split(":")[0], 1, "I", "informant", 0, len(t), t) for n, t in zip(names, texts, strict=True)]


def share_lowered(classifier: CodeClassifier, texts: list[str]) -> tuple[float, int]:
    """Return how often leaving out a word named lowers a suggested code's probability, and over how many suggestions."""
    found = [
        (row.segment.text, classifier.classes_.index(s.code), s.evidence.words)
        for row in suggest(classifier, segments(texts))
        for s in row.suggestions
        if s.suggested
    ]
    assert all(words for _text, _code, words in found), "each suggestion names a word"
    each = [(text, code, word) for text, code, words in found for word, _share in words]
    codes, rows = np.array([code for _text, code, _word in each]), np.arange(len(each))
    before = classifier.predict_proba([text for text, _code, _word in each])[rows, codes]
    after = classifier.predict_proba([leave_out(text, word) for text, _code, word in each])[rows, codes]
    return float((after < before).mean()), len(found)


def test_real_reviews_without_a_word_named_are_less_probable(shared_data: Path, encoder: Encoder) -> None:
    lines = (shared_data / "jmo_reviews" / "gold_dev.jsonl").read_text(encoding="utf-8").splitlines()[:65]
    rows = [json.loads(line) for line in lines]
    texts, codes = [row["text"] for row in rows], [set(row["codes"]) for row in rows]
    book = load_codebook("jmo")
    learned = CodeClassifier(encoder, book).fit(texts[:45], codes[:45])
    for classifier in (CodeClassifier.from_codebook(book, encoder), learned):
        share, count = share_lowered(classifier, texts[45:])
        assert count >= 30
        assert share >= 0.99


def test_in_a_hurry_the_strongest_word_counts_too(shared_data: Path, encoder: Encoder) -> None:
    lines = (shared_data / "jmo_reviews" / "gold_dev.jsonl").read_text(encoding="utf-8").splitlines()[65:105]
    texts = [json.loads(line)["text"] for line in lines]
    classifier = CodeClassifier.from_codebook(load_codebook("jmo"), encoder)
    rows = suggest(classifier, segments(texts), thorough=False)
    careful = suggest(classifier, segments(texts))
    found = [(row.segment.text, s) for row in rows for s in row.suggestions if s.suggested]
    assert [[(s.code, s.probability) for s in row.suggestions] for row in rows] == [
        [(s.code, s.probability) for s in row.suggestions] for row in careful
    ]
    codes, at = np.array([classifier.classes_.index(s.code) for _text, s in found]), np.arange(len(found))
    without = [leave_out(text, s.evidence.words[0][0]) for text, s in found]
    after = classifier.predict_proba(without)[at, codes]
    assert (after < np.array([s.probability for _text, s in found])).mean() >= 0.9


def test_words_that_say_nothing_are_not_named(encoder: Encoder) -> None:
    texts = [f"Kenapa ini mau nya sinyal hilang pas hujan, g ada, blok {n}." for n in range(8)]
    other = [f"Anak saya {n}, sudah sekolah semua." for n in range(8)]
    learned = CodeClassifier(encoder, BOOK).fit(texts + other, [{"sarana"}] * 8 + [set()] * 8)
    for row in suggest(learned, segments(["Kenapa ini mau nya sinyal hilang pas hujan, g ada, blok 9."])):
        for suggestion in row.suggestions:
            named = {word for word, _share in suggestion.evidence.words}
            assert not named & {"kenapa", "ini", "mau", "nya", "pas", "g"}


def test_a_segment_is_no_evidence_for_itself(trained: CodeClassifier) -> None:
    for row, own in zip(suggest(trained, segments(TEXTS, IDS)), IDS, strict=True):
        for suggestion in row.suggestions:
            near = suggestion.evidence.nearest + suggestion.evidence.unlike
            assert own not in [neighbour.segment for neighbour in near]


def test_what_people_said_is_not_this_code_is_shown_too(trained: CodeClassifier) -> None:
    (row,) = suggest(trained, segments(["Sinyal hilang terus, petugas tidak membantu."]))
    for suggestion in row.suggestions:
        assert suggestion.evidence.unlike
        for near in suggestion.evidence.unlike:
            assert suggestion.code not in CODES[IDS.index(near.segment)]
        for near in suggestion.evidence.nearest:
            assert suggestion.code in CODES[IDS.index(near.segment)]


def test_the_passage_that_matched_and_the_one_against_are_quoted(encoder: Encoder) -> None:
    classifier = CodeClassifier.from_codebook(BOOK, encoder)
    plain, doubtful = suggest(
        classifier, segments(["Sinyal di sini susah sekali.", "Server sibuk kalau pagi, sinyal juga."])
    )
    (signal,) = [s for s in plain.suggestions if s.code == "sarana"]
    assert signal.evidence.rule == "example: Sinyal di sini susah."
    (server,) = [s for s in doubtful.suggestions if s.code == "sarana"]
    assert server.evidence.against == "counter_example: Servernya sibuk terus kalau pagi."


def test_leaving_a_word_out_takes_it_wherever_it_stands_and_nothing_else() -> None:
    assert leave_out("Sinyal, sinyalnya SINYAL!", "sinyal") == ", sinyalnya !"
    assert leave_out("bolak-balik (a+b)", "a+b") == "bolak-balik ( )"
