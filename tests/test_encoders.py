"""The shipped encoder, other encoders, and the embedding cache, told with what informants in Musi Rawas say."""

import json
import multiprocessing
import pickle
import shutil
import socket
import sqlite3
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jmo_nlp.embedding_cache import CacheWarning, cached
from jmo_nlp.encoders import OnnxEncoder, load_encoder, shipped_folder
from jmo_nlp.errors import ModelError, TableError

SAID = [
    "Aplikasinya lemot mulu kalau sinyal di desa lagi jelek.",
    "Waktu itu saya dibantu petugas di kantor cabang Lubuk Linggau, ramah orangnya.",
    "Gak bisa login, lupa kata sandi terus emailnya udah gak aktif.",
    "Dari perusahaan ada sosialisasi dua kali, tapi ya cuma sebentar.",
    "Iya.",
    "apk jmo sangat lambat bila jaringan buruk",
    "Klaim JHT saya cair dalam tiga hari, alhamdulillah 🙏",
    "",
]


@pytest.fixture(scope="module")
def encoder():
    return load_encoder(threads=2)


@pytest.fixture
def copied_folder(tmp_path):
    """A copy of the shipped folder that a test may damage; large files are linked until then."""
    folder = tmp_path / "encoder"
    folder.mkdir()
    for file in shipped_folder().iterdir():
        if file.name == "model.onnx":
            (folder / file.name).symlink_to(file)
        else:
            shutil.copy(file, folder)
    return folder


def edit_config(folder, **changes):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


# --- the shipped encoder ---------------------------------------------------------------------------------------------


def test_gives_one_vector_of_length_1_a_text(encoder):
    vectors = encoder.encode(SAID)
    assert vectors.shape == (len(SAID), encoder.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_texts_give_no_rows(encoder):
    assert encoder.encode([]).shape == (0, encoder.dimension)


def test_two_ways_to_say_one_thing_are_nearer_than_two_topics(encoder):
    slow, branch, _login, _company, _yes, slow_too, *_ = encoder.encode(SAID) - encoder.mean
    assert slow @ slow_too > 2 * (slow @ branch)


def test_mean_is_taken_from_ordinary_text(encoder):
    assert encoder.mean.shape == (encoder.dimension,)
    assert 0.8 < np.linalg.norm(encoder.mean) < 1  # all e5 vectors lie in one narrow cone


# texts that differ and have as many tokens as each other, so that they do share batches; two fill the limit
MANY = [*SAID, *(f"Saya {kata} di kantor." for kata in ("kerja", "antri", "tanya", "duduk")), "ya " * 600, "ada " * 600]


@pytest.fixture(scope="module")
def alone(encoder):
    assert len({encoder.count_tokens(text) for text in MANY}) < len(MANY) - 2
    return np.concatenate([encoder.encode([text]) for text in MANY])


@given(order=st.permutations(range(len(MANY))), batch_size=st.sampled_from([2, 3, 32]), threads=st.sampled_from([1, 3]))
@settings(max_examples=6, deadline=None)
def test_vector_is_the_same_to_the_last_bit_whatever_stands_beside_it(encoder, alone, order, batch_size, threads):
    encoder.threads = threads
    together = encoder.encode([MANY[n] for n in order], batch_size=batch_size)
    assert np.array_equal(together, alone[list(order)])


def test_equal_texts_have_equal_vectors(encoder):
    vectors = encoder.encode(["Iya.", SAID[0], "Iya."])
    assert np.array_equal(vectors[0], vectors[2])
    assert not np.array_equal(vectors[0], vectors[1])


def test_prompt_is_put_before_every_text(encoder, copied_folder):
    assert encoder.prefix == "query: "
    edit_config(copied_folder, prefix="")
    bare = load_encoder(copied_folder)
    assert np.array_equal(bare.encode(["query: " + SAID[0]]), encoder.encode([SAID[0]]))
    assert bare.hash != encoder.hash


def test_a_long_answer_is_cut_at_the_limit(encoder):
    answer = " ".join(SAID) * 60
    assert encoder.count_tokens(answer) == encoder.max_tokens == 512
    more = encoder.encode([answer + " Sekian dari saya.", answer])
    assert np.array_equal(more[0], more[1])


@given(st.text(max_size=60))
@settings(max_examples=40, deadline=None)
def test_any_text_has_a_vector(encoder, text):
    vector = encoder.encode([text])[0]
    assert np.isfinite(vector).all()
    assert abs(np.linalg.norm(vector) - 1) < 1e-5


@pytest.mark.parametrize("text", ["\ud83d", "a\x00b", "\u200b", "日本語", "ﷺ", "e\u0301", "\n\t ", "🙏🏽" * 300])
def test_odd_characters_have_a_vector(encoder, text):
    assert np.isfinite(encoder.encode([text])).all()


def test_colloquial_words_are_not_spelt_letter_by_letter(encoder):
    for word in ("gak", "nggak", "apk", "lemot", "mulu", "udah", "banget", "aplikasinya"):
        assert encoder.count_tokens(word) - encoder.count_tokens("") <= 3, word


def test_a_single_text_instead_of_a_list_is_refused(encoder):
    with pytest.raises(TableError, match=r"pass \[text\]"):
        encoder.encode("Iya.")


def test_what_is_not_text_is_named_by_its_place(encoder):
    with pytest.raises(TableError, match="Text 2 is not text but float"):
        encoder.encode(["Iya.", float("nan")])


@pytest.mark.parametrize("size", [0, -1])
def test_batches_of_no_texts_are_refused(encoder, size):
    with pytest.raises(TableError, match="batch size"):
        encoder.encode(["Iya."], batch_size=size)


def test_travels_to_another_process_as_a_path(encoder):
    carried = pickle.dumps(encoder)
    assert len(carried) < 1000
    again = pickle.loads(carried)
    assert again.hash == encoder.hash
    assert np.array_equal(again.encode(SAID[:1]), encoder.encode(SAID[:1]))


def test_progress_is_shown_on_standard_error_only(encoder, capsys):
    encoder.encode(SAID[:2], show_progress=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "100%" in shown.err


def test_opens_no_connection(encoder, monkeypatch):
    def barred(*_arguments, **_options):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket, "socket", barred)
    monkeypatch.setattr(socket, "create_connection", barred)
    monkeypatch.setattr(socket, "getaddrinfo", barred)
    assert load_encoder().encode(SAID[:1]).shape == (1, encoder.dimension)


def test_importing_the_module_loads_no_heavy_library():
    import subprocess

    code = (
        "import sys, jmo_nlp.encoders, jmo_nlp.embedding_cache\n"
        "print(sorted({'onnxruntime', 'tokenizers', 'torch', 'sentence_transformers'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("value", ["two", "0", "-1"])
def test_a_thread_count_that_is_none_is_refused(monkeypatch, value):
    monkeypatch.setenv("JMO_NLP_THREADS", value)
    with pytest.raises(ModelError, match="JMO_NLP_THREADS"):
        load_encoder()


def test_thread_count_can_be_set_from_outside(monkeypatch):
    monkeypatch.setenv("JMO_NLP_THREADS", "1")
    assert load_encoder().threads == 1


# --- damaged folders -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "mean.npy", "config.json"])
def test_a_missing_file_is_named(copied_folder, name):
    (copied_folder / name).unlink()
    with pytest.raises(ModelError, match=name):
        OnnxEncoder(copied_folder)


@pytest.mark.parametrize("name", ["tokenizer.json", "mean.npy", "model.onnx"])
def test_a_changed_file_is_named(copied_folder, name):
    path = copied_folder / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink()
    path.write_bytes(content)
    with pytest.raises(ModelError, match=rf"{name}.*SHA-256.*Do this"):
        load_encoder(copied_folder)


def test_a_git_lfs_pointer_is_told_apart(copied_folder):
    (copied_folder / "model.onnx").unlink()
    (copied_folder / "model.onnx").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    with pytest.raises(ModelError, match="Git LFS"):
        load_encoder(copied_folder)


def test_a_truncated_graph_with_a_fitting_checksum_is_named(copied_folder):
    import hashlib

    content = b"not a graph"
    (copied_folder / "model.onnx").unlink()
    (copied_folder / "model.onnx").write_bytes(content)
    files = json.loads((copied_folder / "config.json").read_text())["files"]
    edit_config(copied_folder, files=files | {"model.onnx": hashlib.sha256(content).hexdigest()})
    with pytest.raises(ModelError, match=r"model\.onnx"):
        load_encoder(copied_folder)


def test_another_encoders_tokenizer_is_refused(copied_folder):
    edit_config(copied_folder, vocabulary=250_002)
    with pytest.raises(ModelError, match=r"tokenizer\.json.*250002"):
        load_encoder(copied_folder)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"format": 1, "name": "x", "files": {"model.onnx": 0}}'])
def test_a_broken_config_is_named(copied_folder, content):
    (copied_folder / "config.json").write_text(content)
    with pytest.raises(ModelError, match=r"config\.json"):
        load_encoder(copied_folder)


def test_a_newer_format_asks_for_an_update(copied_folder):
    edit_config(copied_folder, format=2)
    with pytest.raises(ModelError, match="update jmo-nlp"):
        load_encoder(copied_folder)


# --- sentence-transformers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["/no/such/folder", "./no_such", "~/no_such_encoder_folder", "a/b/c"])
def test_a_missing_folder_is_not_looked_for_elsewhere(name):
    with pytest.raises(ModelError, match="no such encoder folder"):
        load_encoder(name)


def test_a_model_that_is_nowhere_is_said_at_once_without_a_connection(monkeypatch):
    asked = []

    def no_network(host, *_arguments, **_options):
        asked.append(host)
        raise socket.gaierror(-2, "Name or service not known")

    def barred(*_arguments, **_options):
        raise AssertionError("a connection was opened")

    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    monkeypatch.setattr(socket.socket, "connect", barred)
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ModelError, match="not on this machine") as caught:
        load_encoder("peneliti/encoder-yang-tidak-ada")
    assert len(str(caught.value).splitlines()) == 1
    assert asked == ["huggingface.co"]  # one look, no retries


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "catatan.txt").write_text("bukan encoder")
    with pytest.raises(ModelError, match="not a SentenceTransformer"):
        load_encoder(tmp_path)


@pytest.fixture(scope="module")
def sentence_folder(tmp_path_factory):
    """A SentenceTransformer of one small layer, so that the other way of loading is exercised without a network."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("st")
    torch.manual_seed(0)
    BertModel(
        BertConfig(vocab_size=32_000, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16)
    ).save_pretrained(folder / "bare")
    PreTrainedTokenizerFast(
        tokenizer_file=str(shipped_folder() / "tokenizer.json"),
        pad_token="<pad>",
        unk_token="<unk>",
        model_max_length=64,
    ).save_pretrained(folder / "bare")
    model = SentenceTransformer(
        modules=[Transformer(str(folder / "bare")), Pooling(16, pooling_mode="mean")], device="cpu"
    )
    model.save(str(folder / "small"), create_model_card=False)
    return folder / "small"


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_any_sentence_transformer_serves_as_encoder(sentence_folder):
    encoder = load_encoder(sentence_folder, device="cpu")
    vectors = encoder.encode([*SAID, SAID[0]])
    assert vectors.shape == (len(SAID) + 1, encoder.dimension) == (9, 16)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.array_equal(vectors[0], vectors[-1])
    assert encoder.encode([]).shape == (0, 16)
    assert encoder.hash == load_encoder(sentence_folder).hash != load_encoder().hash
    assert [own.shape[1] for own in encoder.piece_states(["Saldo saya", ""])] == [16, 16]


# --- the cache -------------------------------------------------------------------------------------------------------


class Counting:
    """The shipped encoder, with a count of the texts it was asked for."""

    def __init__(self, encoder):
        self.encoder, self.asked = encoder, []
        self.name, self.hash, self.dimension, self.mean = encoder.name, encoder.hash, encoder.dimension, encoder.mean

    def encode(self, texts, *, batch_size=32, show_progress=False):
        self.asked += texts
        return self.encoder.encode(texts, batch_size=batch_size, show_progress=show_progress)


def test_a_stored_text_is_not_computed_again(encoder, tmp_path):
    counting = Counting(encoder)
    store = cached(counting, tmp_path / "embeddings")
    first = store.encode(SAID)
    again = cached(counting, tmp_path / "embeddings").encode([SAID[3], "Belum pernah.", SAID[0]])
    assert counting.asked == [*SAID, "Belum pernah."]
    assert np.array_equal(again[[0, 2]], first[[3, 0]])
    assert store.path.name == f"{encoder.hash}.sqlite"


class Letters:
    """An encoder quick enough for laws: sums of the characters' numbers."""

    name, hash, dimension, mean = "letters", "0123456789abcdef", 3, None

    def encode(self, texts, *, batch_size=32, show_progress=False):
        rows = np.array([[1 + sum(map(ord, t)) % 97, 1 + len(t), 1] for t in texts], np.float32).reshape(-1, 3)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@given(batches=st.lists(st.lists(st.text(st.characters(), max_size=8), max_size=12), max_size=4))
@settings(max_examples=25, deadline=None)
def test_the_cache_never_changes_a_vector(tmp_path_factory, batches):
    store = cached(Letters(), tmp_path_factory.mktemp("cache"))
    for texts in batches:
        for _ in range(2):
            assert np.array_equal(store.encode(texts), Letters().encode(texts))


@pytest.mark.parametrize("content", [b"not a database", b"SQLite format 3\x00" + b"\xff" * 500])
def test_a_damaged_cache_is_put_aside_with_a_warning(tmp_path, content):
    store = cached(Letters(), tmp_path)
    store.path.write_bytes(content)
    with pytest.warns(CacheWarning, match="damaged"):
        vectors = store.encode(SAID)
    assert np.array_equal(vectors, Letters().encode(SAID))
    assert np.array_equal(store.encode(SAID), vectors)  # and is whole again, without a warning
    assert store.path.with_suffix(".damaged").read_bytes() == content


def test_a_flipped_bit_is_noticed_and_repaired(tmp_path):
    store = cached(Letters(), tmp_path)
    vectors = store.encode(SAID)
    with sqlite3.connect(store.path) as database:
        database.execute("UPDATE embedding SET vector = zeroblob(12) WHERE rowid = 1")
    database.close()
    with pytest.warns(CacheWarning, match="1 stored embeddings"):
        assert np.array_equal(store.encode(SAID), vectors)
    assert np.array_equal(store.encode(SAID), vectors)


def test_a_folder_that_cannot_be_written_does_not_stop_the_work(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.warns(CacheWarning, match="cannot be used"):
        vectors = cached(Letters(), tmp_path / "file").encode(SAID)
    assert np.array_equal(vectors, Letters().encode(SAID))


def _fill(folder, texts):
    cached(Letters(), folder).encode(texts)


def test_several_processes_fill_one_cache(tmp_path):
    context = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
    texts = [f"Jawaban informan nomor {n}" for n in range(300)]
    workers = [context.Process(target=_fill, args=(tmp_path, texts[start:])) for start in (0, 100, 200)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    store = cached(Letters(), tmp_path)
    with sqlite3.connect(store.path) as database:
        assert database.execute("SELECT count(*) FROM embedding").fetchone() == (300,)
    database.close()
    assert np.array_equal(store.encode(texts), Letters().encode(texts))


def test_the_cache_may_be_deleted(tmp_path):
    store = cached(Letters(), tmp_path / "embeddings")
    store.encode(SAID)
    shutil.rmtree(tmp_path / "embeddings")
    assert np.array_equal(store.encode(SAID), Letters().encode(SAID))


def test_the_shipped_folder_is_complete():
    assert {file.name for file in shipped_folder().iterdir()} == {
        "README.md", "config.json", "mean.npy", "model.onnx", "tokenizer.json"
    }  # fmt: skip
    assert Path(shipped_folder() / "model.onnx").stat().st_size < 35_000_000
