"""Shared parts: a short made-up interview, its transcript, a study of it, the installed command, the real data."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from jmo_nlp.messages import set_language

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[1]

# at home each run looks for new examples; where a change is judged, the same change gets the same verdict
settings.register_profile("judged", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("judged")

INTERVIEW = """Transkrip Wawancara
Kode Informan : I.2
Jabatan : pekerja pemanen
Instansi : perusahaan perkebunan
Hari/Tanggal : Senin, 9 Maret 2026
Tempat : kantor afdeling

Peneliti : Selamat siang, Pak. Bapak tahu aplikasi JMO itu untuk apa?
Informan : Siang, Bu. Tahu, itu untuk cek saldo JHT sama ngurus klaim, jadi tidak usah jauh-jauh ke kantor cabang.
Peneliti : Bagaimana pengalaman Bapak waktu memakainya?
Informan : Kalau login kadang gagal terus, katanya sistem sibuk. Di kebun ini sinyalnya hilang timbul, jadi mau buka aplikasi harus ke jalan besar dulu.
Peneliti : Apa harapan Bapak supaya lebih mudah?
Informan : Harusnya ada sosialisasi langsung ke kebun. Terus menunya jangan dibikin ribet, kami yang tua-tua ini bingung. Kalau bisa HRD juga mendampingi waktu daftar.
Peneliti : Baik, terima kasih banyak, Pak.
Informan : Sama-sama, Bu.
"""


@pytest.fixture(autouse=True)
def in_english() -> None:
    """Tests read English messages unless they choose otherwise."""
    set_language("en")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data that nobody in this project wrote; tests that need it skip where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder shared/data with real data is not beside this checkout")
    return folder


@pytest.fixture
def interview(tmp_path: Path) -> Path:
    """A short interview as a plain-text file."""
    path = tmp_path / "pekerja-1.txt"
    path.write_text(INTERVIEW, encoding="utf-8")
    return path


ANSWERS = (
    "Tahu, itu untuk cek saldo JHT sama ngurus klaim.",
    "Sinyal di kebun hilang timbul.",
    "Kalau login kadang gagal terus, katanya sistem sibuk.",
    "Harusnya ada sosialisasi langsung ke kebun.",
    "Kalau bisa HRD mendampingi waktu daftar.",
    "Ya begitu saja, Bu.",
)
SUGGESTED = (
    ("kejelasan_tujuan",),
    ("sarana_prasarana", "kendala"),
    ("kendala",),
    ("sosialisasi_edukasi",),
    ("pendampingan_perusahaan",),
    (),
)


@pytest.fixture
def kebun(tmp_path: Path) -> Path:
    """A study of three short interviews of six segments each, for which a model has suggested codes."""
    from jmo_nlp.codebook import load_codebook
    from jmo_nlp.corpus import Corpus
    from jmo_nlp.records import Attributes, CodedSegment, Segment, Suggestion, Transcript, Turn

    study = tmp_path / "kebun"
    question = "Bagaimana pengalaman Bapak memakai aplikasi?"
    with Corpus.create(study, load_codebook("jmo")) as corpus:
        for number in (1, 2, 3):
            name = f"pekerja-{number}"
            answers = [f"{answer} Begitu di afdeling {number}." for answer in ANSWERS]
            text = f"Peneliti: {question}\nInforman: " + " ".join(answers)
            start = text.index("Informan: ") + len("Informan: ")
            turns = (
                Turn(0, "Peneliti", "interviewer", 10, 10 + len(question)),
                Turn(1, "Informan", "informant", start, len(text)),
            )
            segments, at = [], start
            for place, answer in enumerate(answers, start=1):
                segments.append(
                    Segment(
                        *(
                            f"{name}:{place:04}",
                            name,
                            1,
                            "Informan",
                            "informant",
                            at,
                            at + len(answer),
                            answer,
                            question,
                        )
                    )
                )
                at += len(answer) + 1
            source = tmp_path / f"{name}.txt"
            source.write_text(text, encoding="utf-8")
            corpus.add_source(source, [(Transcript(name, text, turns), Attributes(kind="pekerja"), segments)])
            corpus.save_suggestions(
                CodedSegment(segment, tuple(Suggestion(code, 0.875, True) for code in codes), "mesin-kebun@0123abcd")
                for segment, codes in zip(segments, SUGGESTED, strict=True)
            )
    return study


@pytest.fixture(scope="session")
def jmo_nlp() -> Callable[..., subprocess.CompletedProcess[str]]:
    """The installed console command: jmo_nlp("new", study) runs it, in English, and returns what it printed."""
    command = Path(sys.executable).with_name("jmo-nlp")
    program = [str(command)] if command.exists() else [shutil.which("jmo-nlp") or "jmo-nlp"]

    def run(*arguments: object, lang: str = "en", **options: object) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "COLUMNS": "200", **options.pop("env", {})}  # type: ignore[dict-item]
        return subprocess.run(
            [*program, "--lang", lang, *map(str, arguments)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=environment,
            timeout=120,
            **options,  # type: ignore[call-overload]
        )

    return run


@pytest.fixture(scope="session")
def made_review_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `review_study` is a copy of: a study of two interviews, cut at every sentence, with suggestions of a model named tangan@1 on the first."""
    from jmo_nlp.codebook import load_codebook
    from jmo_nlp.corpus import Corpus
    from jmo_nlp.records import Attributes, CodedSegment, Evidence, Segment, Suggestion
    from jmo_nlp.transcripts import read_transcript

    tmp_path = tmp_path_factory.mktemp("review")
    study = tmp_path / "studi"
    corpus = Corpus.create(study, load_codebook("jmo"))
    for name, kind in (("pekerja-1", "pekerja pemanen"), ("pekerja-2", "petugas")):
        source = tmp_path / f"{name}.txt"
        source.write_text(INTERVIEW if name == "pekerja-1" else INTERVIEW.replace("I.2", "I.3"), encoding="utf-8")
        transcript = read_transcript(source)
        segments: list[Segment] = []
        for turn in transcript.turns:
            if turn.role != "informant":
                continue
            text, start = transcript.text_of(turn), 0
            for end in [i + 1 for i, sign in enumerate(text) if sign == "." and text[i + 1 : i + 2] in ("", " ")]:
                lead = len(text[start:end]) - len(text[start:end].lstrip())
                low, high = turn.start + start + lead, turn.start + end
                number = f"{name}:{len(segments) + 1:04}"
                segments.append(
                    Segment(number, name, turn.index, turn.speaker, "informant", low, high, transcript.text[low:high])
                )
                start = end
        technique = "wawancara" if name == "pekerja-1" else "observasi"
        corpus.add_source(source, [(transcript, Attributes(kind=kind, technique=technique), segments)])
        if name == "pekerja-1":
            said = {0: [("kejelasan_tujuan", 0.95)], 2: [("kendala", 0.93), ("sarana_prasarana", 0.52)]}
            corpus.save_suggestions(
                CodedSegment(
                    segment,
                    tuple(
                        Suggestion(
                            code,
                            probability,
                            probability >= 0.5,
                            Evidence(
                                words=tuple((word, 0.5) for word in ("saldo", "sinyalnya") if word in segment.text),
                                rule="definition: Hambatan",
                                against="exclude: Pujian",
                            ),
                        )
                        for code, probability in said.get(place, [("pendukung", 0.3)])
                    ),
                    "tangan@1",
                )
                for place, segment in enumerate(segments)
            )
    corpus.close()
    return study


@pytest.fixture
def review_study(made_review_study: Path, tmp_path: Path) -> Path:
    """A study of two interviews, cut at every sentence, with suggestions of a model named tangan@1 on the first."""
    return Path(shutil.copytree(made_review_study, tmp_path / "studi"))


@pytest.fixture
def serve_study() -> Iterator[Callable[..., str]]:
    """serve_study(study, "Ani") runs the review page in this process and returns the address that opens a session.

    Further arguments are those of `serving.prepare`; with `share` the address is that of the log-in.
    """
    import threading

    import uvicorn

    from jmo_nlp.review.app import make_app
    from jmo_nlp.review.serving import prepare

    running = []

    def start(study: Path, *coders: str, **options: object) -> str:
        site, sock = prepare(study, coders, **{"port": 0, **options})  # type: ignore[arg-type]
        server = uvicorn.Server(
            uvicorn.Config(make_app(site), log_level="error", ws="none", timeout_graceful_shutdown=1)
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
        thread.start()
        running.append((server, thread, sock))
        start.site = site  # type: ignore[attr-defined]
        return f"http://127.0.0.1:{site.port}/" + (f"enter?token={site.token}" if site.token else "login")

    yield start
    for server, _thread, _sock in running:
        server.should_exit = True
    for _server, thread, sock in running:
        thread.join(timeout=10)
        sock.close()


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """The Chromium of this system, driven by Playwright; tests that need it skip where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None and os.environ.get("REQUIRE_CHROMIUM"):
        pytest.fail("no Chromium on this system, and REQUIRE_CHROMIUM is set")
    if program is None:
        pytest.skip("no Chromium on this system (Debian: apt-get install chromium)")
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path=program, args=[*quiet, "--disable-component-update", "--disable-sync"]
        )
        yield chromium
        chromium.close()
