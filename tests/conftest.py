"""Shared parts: a short made-up interview, its transcript, a study of it, the installed command, the real data."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from jmo_nlp.messages import set_language

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
