"""A verdict on each code is what held-out transcripts showed, in words, and suggestions obey it."""

import json
from dataclasses import replace

import numpy as np
import pytest

from jmo_nlp.agreement import krippendorff_alpha
from jmo_nlp.classifier import CodeClassifier, suggest
from jmo_nlp.encoders import Encoder, load_encoder
from jmo_nlp.errors import ModelError
from jmo_nlp.messages import set_language
from jmo_nlp.records import Code, Codebook, Segment
from jmo_nlp.suggesting.verdicts import ENOUGH, LEAST_EXAMPLES, _agreement, advice, from_codebook, judge, verdict_name

TRANSCRIPTS, EACH = 12, 20


def held_out(*, telling: float, share: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Calibrated probabilities of one code in twelve interviews; `telling`: how far they tell who speaks of it."""
    rng = np.random.default_rng(seed)
    score = rng.normal(0, telling, TRANSCRIPTS * EACH)
    p = 1 / (1 + np.exp(-(score + np.log(share / (1 - share)))))
    applies = rng.random(len(p)) < p
    return p[:, None], applies[:, None], np.repeat(np.arange(TRANSCRIPTS), EACH)


def word(p: np.ndarray, applies: np.ndarray, of: np.ndarray, *, codebook: bool = False) -> str:
    return judge(["sinyal"], p, applies, of, wishes={}, codebook=codebook)[0].word


def test_what_is_told_well_is_usable_and_what_is_not_is_not_automatable() -> None:
    good = held_out(telling=9, share=0.3)
    assert word(*good) == "usable"
    chance = held_out(telling=0.05, share=0.3)
    assert chance[1].sum() >= ENOUGH
    assert word(*chance) == "not_automatable"
    between = held_out(telling=2.5, share=0.3)
    assert word(*between) == "weak"


def test_few_examples_are_too_few_unless_a_codebook_speaks() -> None:
    p, applies, of = held_out(telling=9, share=0.3)
    applies[np.flatnonzero(applies)[LEAST_EXAMPLES - 3 :]] = False
    alone = judge(["sinyal"], p, applies, of, wishes={}, codebook=False)[0]
    assert (alone.word, alone.more, alone.suggests) == ("too_few", 3, False)
    low = np.where(applies, p, 0.05)
    described = judge(["sinyal"], low, applies, of, wishes={}, codebook=True)[0]
    assert (described.word, described.suggests) == ("codebook", True)


def test_a_codebook_whose_suggestions_were_turned_down_is_silenced() -> None:
    p, applies, of = held_out(telling=9, share=0.3)
    assert word(p, np.zeros_like(applies), of, codebook=True) == "too_few"


def test_examples_in_two_interviews_only_are_too_few() -> None:
    p, applies, of = held_out(telling=9, share=0.3)
    applies[of > 1] = False
    verdict = judge(["sinyal"], p, applies, of, wishes={}, codebook=False)[0]
    assert verdict.positives >= LEAST_EXAMPLES
    assert (verdict.word, verdict.transcripts, verdict.more) == ("too_few", 2, 1)


def test_one_interview_gives_no_interval() -> None:
    p, applies, _of = held_out(telling=9, share=0.3)
    verdict = judge(["sinyal"], p, applies, np.zeros(len(p), int), wishes={}, codebook=False)[0]
    assert verdict.word == "weak"
    assert np.isnan(verdict.alpha_interval).all()


def test_alpha_and_f1_are_those_of_the_agreement_module() -> None:
    rng = np.random.default_rng(1)
    people, machine = rng.random(80) < 0.3, rng.random(80) < 0.4
    counts = [
        (people & machine).sum(),
        (~people & machine).sum(),
        (people & ~machine).sum(),
        (~people & ~machine).sum(),
    ]
    alpha, f1 = _agreement(np.array(counts, dtype=float)[:, None])
    assert alpha[0] == pytest.approx(krippendorff_alpha([people.astype(int), machine.astype(int)]))
    assert f1[0] == pytest.approx(2 * counts[0] / (2 * counts[0] + counts[1] + counts[2]))


def test_the_interval_is_wider_where_transcripts_go_together() -> None:
    p, applies, of = held_out(telling=3, share=0.3)
    rows = np.repeat(np.arange(0, len(p), 4), 4)  # each answer four times, within its interview
    interval = judge(["a"], p, applies, of, wishes={}, codebook=False)[0].alpha_interval
    many = judge(["a"], p[rows], applies[rows], np.arange(len(p)), wishes={}, codebook=False)[0].alpha_interval
    few = judge(["a"], p[rows], applies[rows], of, wishes={}, codebook=False)[0].alpha_interval
    assert few[1] - few[0] > many[1] - many[0]
    assert interval[0] < interval[1]


def test_verdicts_are_plain_values_and_words_in_both_languages() -> None:
    p, applies, of = held_out(telling=9, share=0.3)
    for verdict in (*judge(["a"], p, applies, of, wishes={}, codebook=False), *from_codebook(["b"])):
        stored = json.loads(json.dumps(verdict.as_dict(), allow_nan=False))
        assert stored["verdict"] == verdict.word
        for language, name in (("en", {"usable", "from the codebook"}), ("id", {"dapat dipakai", "dari buku kode"})):
            set_language(language)
            assert verdict_name(verdict.word) in name
            assert isinstance(advice(stored), str)


# what visitors of a made-up village library said
PLACES = ["di rak", "di ruang anak", "dekat pintu", "di lantai dua", "di pojok", "di gudang"]
SAID = [
    *[(f"Bukunya sudah robek {place}.", {"koleksi"}) for place in PLACES],
    *[(f"Koleksi bukunya kurang {place}.", {"koleksi"}) for place in PLACES],
    *[(f"Petugas ramah sekali {place}.", {"petugas"}) for place in PLACES],
    *[(f"Ibu penjaga sabar melayani {place}.", {"petugas"}) for place in PLACES],
    *[(f"Saya jualan sayur {place}.", set()) for place in PLACES],
    *[(f"Tolong ditambah buku baru {place}.", {"usul"}) for place in PLACES],
]
BOOK = Codebook(
    "taman-baca",
    "1",
    "id",
    (),
    (
        Code("koleksi", "Koleksi buku", definition="Buku yang tersedia: jumlah dan keadaannya."),
        Code("petugas", "Petugas", definition="Orang yang menjaga dan melayani."),
        Code("usul", "Usul", definition="Permintaan agar buku ditambah.", examples=("Tolong tambah bukunya.",)),
    ),
)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


@pytest.fixture(scope="module")
def fitted(encoder: Encoder) -> CodeClassifier:
    return fit(encoder, BOOK)


def fit(encoder: Encoder, book: Codebook | None, **options: object) -> CodeClassifier:
    texts, codes = [text for text, _codes in SAID], [codes for _text, codes in SAID]
    return CodeClassifier(encoder, book).fit(texts, codes, groups=[n % 6 for n in range(len(SAID))], **options)


def segments(*texts: str) -> list[Segment]:
    return [Segment(f"t9:{i:04}", "t9", 1, "Informan", "informant", 0, len(t), t) for i, t in enumerate(texts, 1)]


def test_suggestions_say_whether_labels_or_the_codebook_speak(fitted: CodeClassifier) -> None:
    assert [verdict.word for verdict in fitted.verdicts_] == ["usable", "usable", "codebook"]
    (row,) = suggest(fitted, segments("Buku di rak robek, tolong tambah buku baru."))
    basis = {s.code: s.evidence.basis for s in row.suggestions}
    assert basis["koleksi"] == "labels"
    assert basis["usul"] == "codebook"


def test_a_code_of_too_few_examples_is_listed_and_never_suggested(encoder: Encoder) -> None:
    plain = fit(encoder, None)
    assert {v.code: v.word for v in plain.verdicts_}["usul"] == "too_few"
    rows = suggest(plain, segments(*(text for text, _codes in SAID)))
    of_code = [s for row in rows for s in row.suggestions if s.code == "usul"]
    assert of_code
    assert not any(s.suggested for s in of_code)
    assert all(s.undecided for s in of_code)
    assert any(s.suggested for row in rows for s in row.suggestions if s.code == "koleksi")


def test_a_wish_changes_thresholds_without_learning_anew(fitted: CodeClassifier, encoder: Encoder) -> None:
    model = fitted.model_id
    texts = ["Bukunya robek di rak.", "Petugas ramah.", "Saya jualan sayur."]
    before = fitted.predict_proba(texts)
    try:
        fitted.set_wish("errors=0.05")
        assert fitted.model_id != model
        np.testing.assert_array_equal(fitted.predict_proba(texts), before)
        decided = fitted.decide(texts)
        assert set(np.unique(decided)) <= {-1, 0, 1}
        assert fitted.predict(texts) == [
            {code for code, said in zip(fitted.classes_, row, strict=True) if said == 1} for row in decided
        ]
        assert fit(encoder, BOOK, wish="errors=0.05").model_id == fitted.model_id
    finally:
        fitted.set_wish(None)
    assert fitted.model_id == model


def test_what_cannot_be_promised_is_left_undecided(fitted: CodeClassifier) -> None:
    try:
        fitted.set_wish({"koleksi": "errors=0.01"})
        verdict = fitted.verdicts_[0]
        assert not verdict.cut.met
        (row,) = suggest(fitted, segments("Bukunya robek di rak."))
        (said,) = [s for s in row.suggestions if s.code == "koleksi"]
        assert (said.suggested, said.undecided) == (False, True)
        assert "koleksi" not in fitted.predict(["Bukunya robek di rak."])[0]
        assert "nothing is decided" in advice(verdict.as_dict())
    finally:
        fitted.set_wish(None)


def test_a_wish_for_an_unknown_code_or_without_any_coding_is_refused(fitted: CodeClassifier, encoder: Encoder) -> None:
    with pytest.raises(ModelError, match="koleksy"):
        fitted.set_wish("koleksy:recall=0.9")
    with pytest.raises(ModelError, match=r"cannot promise errors=0\.05"):
        CodeClassifier.from_codebook(BOOK, encoder).set_wish("errors=0.05")
    CodeClassifier.from_codebook(BOOK, encoder).set_wish("f1")


def test_the_fingerprint_follows_the_decisions_and_not_their_order(fitted: CodeClassifier, encoder: Encoder) -> None:
    texts, codes = [text for text, _codes in SAID], [codes for _text, codes in SAID]
    ids = [f"t{n}" for n in range(len(SAID))]
    order = list(range(len(SAID)))[::-1]
    here = CodeClassifier(encoder, BOOK).fit(texts, codes, ids=ids)
    turned = CodeClassifier(encoder, BOOK).fit(
        [texts[i] for i in order], [codes[i] for i in order], ids=[ids[i] for i in order]
    )
    other = CodeClassifier(encoder, BOOK).fit(texts, [*codes[:-1], set()], ids=ids)
    assert here.decisions == turned.decisions != other.decisions
    assert fitted.details()["decisions"] == fitted.decisions
    json.dumps(fitted.details(), allow_nan=False)


@pytest.mark.parametrize(
    "text", ["The room was clean and the staff were friendly.", "zxqv wrtp bnmk lkjh", "Das Wetter ist heute schön."]
)
@pytest.mark.parametrize("with_labels", [True, False])
def test_another_language_or_no_text_is_marked_and_not_suggested_for(
    fitted: CodeClassifier, encoder: Encoder, text: str, with_labels: bool
) -> None:
    classifier = fitted if with_labels else CodeClassifier.from_codebook(BOOK, encoder)
    strange, plain = suggest(classifier, segments(text, "Bukunya kurang, petugasnya ramah."))
    assert strange.abstained
    assert "hardly a word" in strange.note
    assert not any(s.suggested for s in strange.suggestions)
    assert not plain.abstained
    assert plain.note == ""


def test_a_codebook_in_another_language_knows_its_own_words(encoder: Encoder) -> None:
    english = replace(
        BOOK,
        codes=(
            Code("staff", "Staff", definition="The people who keep the library and help readers with their books."),
        ),
    )
    (row,) = suggest(CodeClassifier.from_codebook(english, encoder), segments("The people help readers with books."))
    assert not row.abstained


@pytest.mark.parametrize("wish", [None, "errors=0.05", "recall=0.9", "precision=0.8"])
@pytest.mark.parametrize(
    ("texts", "codes", "groups"),
    [
        (["Bukunya robek."], [{"koleksi"}], None),
        (["Bukunya robek."] * 20, [{"koleksi"}, set()] * 10, None),
        (["Bukunya robek."] * 20, [{"koleksi"}, set()] * 10, list("ab") * 10),
        ([""] * 6, [{"koleksi"}, set()] * 3, None),
        (["Bukunya robek.", "Petugas ramah."] * 10, [{"koleksi"}, {"petugas"}] * 10, ["satu"] * 20),
    ],
)
def test_poor_material_promises_nothing(
    encoder: Encoder, texts: list[str], codes: list[set[str]], groups: list[str] | None, wish: str | None
) -> None:
    poor = CodeClassifier(encoder).fit(texts, codes, groups=groups, wish=wish)
    json.dumps(poor.details(), allow_nan=False)
    for verdict in poor.verdicts_:
        assert verdict.word in ("too_few", "weak")
        assert wish is None or not verdict.cut.met
    if wish:
        assert poor.predict(["Bukunya robek."]) == [set()]
        assert set(np.unique(poor.decide(["Bukunya robek."]))) == {-1}
