import pickle
from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import clone

from jmo_nlp.classifier import LISTED, CodeClassifier, suggest
from jmo_nlp.codebook import load_codebook
from jmo_nlp.encoders import Encoder, load_encoder
from jmo_nlp.errors import JmoError, ModelError, TableError
from jmo_nlp.records import Code, Codebook, Group, Segment

# what two informants of a made-up study said about a village library
SAID = [
    ("kebun", "Bukunya kurang, cuma ada buku lama.", {"koleksi"}),
    ("kebun", "Koleksi bukunya itu-itu saja dari dulu.", {"koleksi"}),
    ("kebun", "Buku cerita anak hampir tidak ada di rak.", {"koleksi"}),
    ("kebun", "Petugasnya ramah, anak-anak betah.", {"petugas"}),
    ("kebun", "Ibu penjaga sabar melayani kami.", {"petugas"}),
    ("kebun", "Penjaganya sering tidak datang.", {"petugas"}),
    ("kebun", "Saya panen dari pagi sampai siang.", set()),
    ("kebun", "Anak saya dua, sudah sekolah.", set()),
    ("pasar", "Bukunya sudah banyak yang robek dan lama.", {"koleksi"}),
    ("pasar", "Petugas melayani dengan sabar, bukunya juga bagus.", {"koleksi", "petugas"}),
    ("pasar", "Yang jaga ramah sekali sama anak-anak.", {"petugas"}),
    ("pasar", "Buku pelajaran ada, buku resep tidak ada.", {"koleksi"}),
    ("pasar", "Saya jualan sayur di los depan.", set()),
    ("pasar", "Rumah saya dekat jembatan.", set()),
]
TEXTS = [text for _place, text, _codes in SAID]
CODES = [codes for _place, _text, codes in SAID]
PLACES = [place for place, _text, _codes in SAID]

LIBRARY = Codebook(
    id="taman-baca",
    version="1",
    language="id",
    groups=(Group("unsur", "Unsur"), Group("usul", "Usul")),
    codes=(
        Code("koleksi", "Koleksi buku", group="unsur", definition="Buku yang tersedia: jumlah, jenis, keadaan.",
             examples=("Bukunya sedikit dan sudah tua.", "Rak bukunya penuh dengan buku baru."), keywords=("buku", "koleksi")),
        Code("petugas", "Petugas", group="unsur", definition="Orang yang menjaga dan melayani pembaca.",
             examples=("Penjaganya baik dan suka membantu.",), keywords=("penjaga", "petugas")),
        Code("tambah_buku", "Penambahan buku", group="usul", definition="Permintaan agar buku ditambah.",
             examples=("Tolong bukunya ditambah lagi.", "Sebaiknya ada buku baru tiap bulan."), keywords=("tambah buku",)),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


@pytest.fixture(scope="module")
def from_jmo(encoder: Encoder) -> CodeClassifier:
    return CodeClassifier.from_codebook(load_codebook("jmo"), encoder)


@pytest.fixture(scope="module")
def fitted(encoder: Encoder) -> CodeClassifier:
    return CodeClassifier(encoder, LIBRARY).fit(TEXTS, CODES, groups=PLACES)


def segments(*texts: str, question: str = "") -> list[Segment]:
    return [
        Segment(f"t1:{i:04}", "t1", 1, "Informan", "informant", 0, len(text), text, question)
        for i, text in enumerate(texts, start=1)
    ]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("Di afdeling kami sinyalnya hilang timbul, kalau hujan mati total.", "sarana_prasarana"),
        ("tlg dong servernya dibenerin, masa error mulu tiap mau login", "kapasitas_sistem"),
        ("Sebaiknya petugas BPJS turun ke kebun, adakan pelatihan cara memakai JMO.", "sosialisasi_edukasi"),
        ("Harapannya serikat pekerja ikut membantu anggotanya mengurus klaim.", "peran_serikat"),
        ("Saya belum paham aplikasi itu gunanya untuk apa.", "kejelasan_tujuan"),
        ("Klaim lewat aplikasi cuma boleh sampai sepuluh juta, lebih dari itu harus ke kantor.", "perencanaan"),
    ],
)
def test_a_codebook_alone_finds_the_plain_cases(from_jmo: CodeClassifier, answer: str, code: str) -> None:
    assert code in from_jmo.predict([answer])[0]


def test_greetings_get_no_code(from_jmo: CodeClassifier) -> None:
    assert from_jmo.predict(["Selamat pagi, Bu, silakan duduk dulu.", "Ya."]) == [set(), set()]


def test_the_question_says_what_a_short_answer_is_about(from_jmo: CodeClassifier) -> None:
    answer = "Ya kadang hilang kadang ada, apalagi kalau hujan di kebun."
    column = from_jmo.classes_.index("sarana_prasarana")
    alone = from_jmo.predict_proba([answer])[0, column]
    asked = from_jmo.predict_proba([answer], ["Bagaimana jaringan internet dan sinyal di tempat Bapak?"])[0, column]
    assert asked > alone


def test_strategies_need_a_wish(from_jmo: CodeClassifier) -> None:
    column = from_jmo.classes_.index("pengembangan_fitur")
    told, wished = from_jmo.predict_proba(
        [
            "Fitur klaim kecelakaan kerja belum ada di aplikasi.",
            "Tolong ditambah fitur klaim kecelakaan kerja di aplikasi.",
        ]
    )[:, column]
    assert wished > told


def test_a_codebook_of_one_line_definitions_still_ranks(encoder: Encoder) -> None:
    terse = replace(LIBRARY, codes=tuple(replace(c, examples=(), keywords=()) for c in LIBRARY.codes))
    classifier = CodeClassifier.from_codebook(terse, encoder)
    p = classifier.predict_proba(["Bukunya banyak, jenisnya macam-macam.", "Orang yang menjaga di sana baik melayani."])
    assert p[0, 0] > p[0, 1]
    assert p[1, 1] > p[1, 0]
    assert len(np.unique(p.round(6))) == p.size, "probabilities are not all alike"


def test_a_single_code_without_anything_but_a_name_is_enough(encoder: Encoder) -> None:
    bare = Codebook("x", "1", "id", (), (Code("sinyal", ""),))
    p = CodeClassifier.from_codebook(bare, encoder).predict_proba(["sinyal susah", "makan siang"])
    assert p.shape == (2, 1)
    assert np.isfinite(p).all()


def test_many_segments_are_learned_by_a_blend_of_mixtures(encoder: Encoder) -> None:
    times = 40  # 560 segments
    texts = [f"{text} {n}" for n in range(times) for text in TEXTS]
    vectors = np.tile(encoder.encode(TEXTS), (times, 1))
    classifier = CodeClassifier(encoder).fit(
        texts, CODES * times, groups=[n // 28 for n in range(len(texts))], embeddings=vectors
    )
    assert sum(classifier.learned_.mixture.values()) == pytest.approx(1.25)  # the codes' names are added to each
    assert classifier.predict(TEXTS) == CODES


def test_scikit_learn_can_clone_it(fitted: CodeClassifier) -> None:
    copy = clone(fitted)
    assert copy.codebook == LIBRARY
    assert not hasattr(copy, "classes_")
    assert CodeClassifier(None, None, 7).get_params() == {"encoder": None, "codebook": None, "random_state": 7}
    with pytest.raises(ModelError, match="learned nothing yet"):
        copy.predict(["apa saja"])


def test_classes_follow_the_codebook_also_without_examples(fitted: CodeClassifier) -> None:
    assert fitted.classes_ == ["koleksi", "petugas", "tambah_buku"]
    assert fitted.thresholds_.shape == (3,)
    assert any("tambah_buku" in note for note in fitted.warnings_)
    # nobody gave the code, so only the codebook speaks for it, and it still does
    asked, told = fitted.predict_proba(["Tolong ditambah buku baru.", "Saya jualan sayur."])[:, 2]
    assert asked > told


def test_labels_are_learned(fitted: CodeClassifier) -> None:
    new = ["Buku dongengnya sudah robek semua.", "Ibu yang jaga ramah.", "Saya tinggal di dekat pasar."]
    assert fitted.predict(new) == [{"koleksi"}, {"petugas"}, set()]


def test_without_a_codebook_only_the_labels_speak(encoder: Encoder) -> None:
    classifier = CodeClassifier(encoder).fit(TEXTS, CODES)
    assert classifier.classes_ == ["koleksi", "petugas"]
    assert "koleksi" in classifier.predict(["Buku lama semua, bukunya kurang."])[0]


def test_the_same_seed_gives_the_same_bytes(encoder: Encoder, fitted: CodeClassifier) -> None:
    again = CodeClassifier(encoder, LIBRARY).fit(TEXTS, CODES, groups=PLACES)
    assert again.model_id == fitted.model_id
    assert again.predict_proba(TEXTS).tobytes() == fitted.predict_proba(TEXTS).tobytes()


def test_one_text_at_a_time_gives_what_the_batch_gives(fitted: CodeClassifier) -> None:
    batch = fitted.predict_proba(TEXTS)
    single = np.concatenate([fitted.predict_proba([text]) for text in TEXTS])
    np.testing.assert_allclose(single, batch, atol=1e-5)


def test_known_embeddings_are_used(fitted: CodeClassifier, encoder: Encoder) -> None:
    vectors = encoder.encode(TEXTS)
    np.testing.assert_array_equal(fitted.predict_proba(TEXTS, embeddings=vectors), fitted.predict_proba(TEXTS))
    with pytest.raises(TableError, match="embeddings"):
        fitted.predict_proba(TEXTS, embeddings=vectors[:3])


def test_it_travels_to_another_process(fitted: CodeClassifier) -> None:
    copy = pickle.loads(pickle.dumps(fitted))
    assert copy.model_id == fitted.model_id
    assert suggest(copy, segments(*TEXTS)) == suggest(fitted, segments(*TEXTS))


def test_suggestions_list_every_code_that_is_not_remote(from_jmo: CodeClassifier) -> None:
    said = segments("Sinyalnya susah, tolong ditambah tower di kebun.", "Ya.", question="Bagaimana jaringannya?")
    rows = suggest(from_jmo, said)
    p = from_jmo.predict_proba([s.text for s in said], [s.question for s in said])
    for row, probabilities in zip(rows, p, strict=True):
        assert {s.code for s in row.suggestions} == {
            c for c, x in zip(from_jmo.classes_, probabilities, strict=True) if x >= LISTED
        }
        assert [s.probability for s in row.suggestions] == sorted(
            (s.probability for s in row.suggestions), reverse=True
        )
        assert {s.code for s in row.suggestions if s.suggested} == from_jmo.predict(
            [row.segment.text], [row.segment.question]
        )[0]
        assert row.model == from_jmo.model_id
    assert suggest(from_jmo, []) == []


def test_evidence_names_words_of_the_segment_and_a_passage(from_jmo: CodeClassifier) -> None:
    (row,) = suggest(from_jmo, segments("Sinyalnya hilang kalau hujan, listrik juga mati."))
    top = row.suggestions[0]
    assert top.code == "sarana_prasarana"
    assert "sinyalnya" in dict(top.evidence.words)
    assert top.evidence.rule.split(":")[0] in {"name", "definition", "include", "example", "keyword"}


def test_removing_the_strongest_word_lowers_the_probability(from_jmo: CodeClassifier) -> None:
    text = "Sinyalnya hilang kalau hujan, mau buka apa saja tidak bisa."
    (row,) = suggest(from_jmo, segments(text))
    top = row.suggestions[0]
    word = top.evidence.words[0][0]
    without = " ".join(w for w in text.split() if w.lower().strip(",.") != word)
    column = from_jmo.classes_.index(top.code)
    assert from_jmo.predict_proba([without])[0, column] < from_jmo.predict_proba([text])[0, column]


def test_nearest_segments_are_coded_ones(encoder: Encoder) -> None:
    ids = [f"wawancara:{i:04}" for i in range(len(TEXTS))]
    classifier = CodeClassifier(encoder, LIBRARY).fit(TEXTS, CODES, groups=PLACES, ids=ids)
    (row,) = suggest(classifier, segments("Koleksi bukunya itu-itu saja, tidak pernah baru."))
    nearest = next(s for s in row.suggestions if s.code == "koleksi").evidence.nearest
    assert nearest[0].segment == ids[1]
    assert all("koleksi" in CODES[ids.index(n.segment)] for n in nearest)


def test_what_is_far_from_everything_is_left_to_people(from_jmo: CodeClassifier) -> None:
    (row,) = suggest(from_jmo, segments("zxqv 12345 %%% ###"))
    assert row.abstained
    assert not any(s.suggested for s in row.suggestions)


@pytest.mark.parametrize(
    ("texts", "codes", "extra", "words"),
    [
        ([], [], {}, "no coded segment"),
        (["a", float("nan")], [set(), set()], {}, "row 2 is nan"),
        (["a", None], [set(), set()], {}, "row 2 is None"),
        ("satu teks", [set()], {}, "list of texts"),
        (["a", "b"], [{"koleksi"}], {}, "1 given for 2 texts"),
        (["a", "b"], [{"koleksi"}, "petugas"], {}, "row 2 is 'petugas'"),
        (["a", "b"], [{"koleksi"}, None], {}, "row 2 is None"),
        (["a", "b"], [{"koleksi"}, {"koleksy"}], {}, "koleksy not in the codebook"),
        (["a", "b"], [{"koleksi"}, set()], {"groups": ["x"]}, "groups: 1 given for 2"),
        (["a", "b"], [{"koleksi"}, set()], {"groups": ["x", float("nan")]}, "row 2 names no transcript"),
        (["a", "b"], [{"koleksi"}, set()], {"contexts": ["x"]}, "contexts: 1 given for 2"),
        (["a", "b"], [{"koleksi"}, set()], {"contexts": ["x", 3]}, "row 2 is 3"),
        (TEXTS, CODES, {"ids": ["a"]}, "ids: 1 given for 14"),
        (TEXTS, CODES, {"embeddings": [[1.0, 2.0], [3.0]]}, "embeddings: not a table of numbers"),
        (TEXTS, CODES, {"embeddings": "x"}, "embeddings: not a table of numbers"),
        (TEXTS, CODES, {"wish": 3}, "wish 3 is not understood"),
    ],
)
def test_bad_material_is_named(encoder: Encoder, texts: object, codes: object, extra: dict, words: str) -> None:
    with pytest.raises(JmoError, match=words):
        CodeClassifier(encoder, LIBRARY).fit(texts, codes, **extra)


@pytest.mark.parametrize(
    ("texts", "codes", "groups"),
    [
        (["Bukunya kurang."], [{"koleksi"}], None),
        (["Bukunya kurang.", "Bukunya kurang."], [{"koleksi"}, set()], ["a", "b"]),
        (TEXTS, [set()] * len(TEXTS), PLACES),
        (TEXTS, [{"koleksi", "petugas", "tambah_buku"}] * len(TEXTS), PLACES),
        (TEXTS, CODES, ["satu"] * len(TEXTS)),
        (["", " ", "?"], [{"koleksi"}, set(), set()], None),
    ],
    ids=["one segment", "equal texts", "no positives", "all positive", "one transcript", "empty texts"],
)
def test_poor_material_gives_sound_probabilities(
    encoder: Encoder, texts: list[str], codes: list[set[str]], groups: list[str] | None
) -> None:
    classifier = CodeClassifier(encoder, LIBRARY).fit(texts, codes, groups=groups)
    p = classifier.predict_proba(["Bukunya lama.", ""])
    assert p.shape == (2, 3)
    assert ((p > 0) & (p < 1)).all()
    assert np.isfinite(classifier.thresholds_).all()


def test_no_label_and_no_codebook_is_refused(encoder: Encoder) -> None:
    with pytest.raises(ModelError, match="no codebook"):
        CodeClassifier(encoder).fit(["a", "b"], [set(), set()])
    with pytest.raises(ModelError, match="has no codes"):
        CodeClassifier.from_codebook(Codebook("kosong", "1", "id", (), ()), encoder)


def test_no_texts_give_no_rows(fitted: CodeClassifier) -> None:
    assert fitted.predict_proba([]).shape == (0, 3)
    assert fitted.predict([]) == []


def test_what_is_no_codebook_or_encoder_is_said(encoder: Encoder) -> None:
    with pytest.raises(ModelError, match="load_codebook"):
        CodeClassifier(encoder, "jmo").fit(TEXTS, CODES)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="load_codebook"):
        CodeClassifier.from_codebook(None, encoder)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="load_encoder"):
        CodeClassifier("e5", LIBRARY).fit(TEXTS, CODES)  # type: ignore[arg-type]


def test_halves_of_letters_do_no_harm(encoder: Encoder) -> None:
    classifier = CodeClassifier(encoder, LIBRARY).fit(["Buku \udce9 rusak.", *TEXTS[1:]], CODES, PLACES)
    assert np.isfinite(classifier.predict_proba(["\ud800 buku"])).all()
    assert classifier.state()["arrays"]


def test_material_without_any_code_says_so(encoder: Encoder) -> None:
    classifier = CodeClassifier(encoder, LIBRARY).fit(TEXTS, [set()] * len(TEXTS), PLACES)
    assert any("None of the 14 coded segments has a code" in warning for warning in classifier.warnings_)


def test_without_a_codebook_the_names_of_the_codes_are_heard_if_they_say_something(encoder: Encoder) -> None:
    texts = [
        "Kamarnya bau rokok.", "Sprei dan handuknya kotor.", "Sarapannya enak.", "Sinyal internet lambat.",
        "Bau apek di kamar mandi.", "Menu sarapan sedikit.", "Internet mati terus.", "Bau sekali lorongnya.",
    ]  # fmt: skip
    codes = [{"bau"}, set(), {"sarapan"}, {"internet"}, {"bau"}, {"sarapan"}, {"internet"}, {"bau"}]
    told = CodeClassifier(encoder).fit(texts, codes)
    assert told.prior_ is not None
    number = {"bau": "k1", "sarapan": "k2", "internet": "k3"}
    silent = CodeClassifier(encoder).fit(texts, [{number[code] for code in own} for own in codes])
    assert silent.prior_ is None
    assert CodeClassifier.from_state(silent.state(), encoder, None).prior_ is None
    again = CodeClassifier.from_state(told.state(), encoder, None)
    np.testing.assert_array_equal(again.predict_proba(texts), told.predict_proba(texts))
