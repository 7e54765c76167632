#!/usr/bin/env python3
"""Measure the review page: 5 coders at once, 2,000 decisions each, over 2,000 transcripts with 200,000 segments.

    .venv/bin/python scripts/bench_review.py [--study FOLDER] [--transcripts 2000] [--decisions 2000] [--coders 5]

The study is made up (sentences of random words, suggestions of random probability) and is made once in FOLDER. The
server is the installed command; the coders speak real HTTP to it, one request after the other without a pause, which
is more than people do. Printed: time to the first view, time from a decision until the next segment is there, memory
of the server at its highest, and whether everything acknowledged is in the store.
"""

import argparse
import http.client
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import quote, urlencode

import psutil

from jmo_nlp.codebook import load_codebook
from jmo_nlp.corpus import Corpus
from jmo_nlp.records import Attributes, CodedSegment, Evidence, Segment, Suggestion, Transcript, Turn

SYLLABLES = [consonant + vowel for vowel in "aiue" for consonant in "bdgjklmnprstw"]
SEGMENTS = 100  # a transcript
MODEL = "sintetis@1"


def make_study(folder: Path, transcripts: int) -> None:
    """Make a study of made-up transcripts, with suggestions for every segment."""
    codebook = load_codebook("jmo")
    dice = random.Random(0)
    words = ["".join(dice.choices(SYLLABLES, k=dice.randint(2, 4))) for _number in range(3000)]
    source = folder.with_suffix(".txt")
    with Corpus.create(folder, codebook) as corpus:
        for number in range(transcripts):
            transcript, segments = interview(f"t{number:04}", words, dice)
            source = folder.parent / f"t{number:04}.txt"
            source.write_text(transcript.text, encoding="utf-8")
            kind = ("pekerja", "perusahaan", "petugas", "serikat")[number % 4]
            technique = ("wawancara", "wawancara", "observasi")[number % 3]
            corpus.add_source(source, [(transcript, Attributes(kind=kind, technique=technique), segments)])
            corpus.save_suggestions(suggested(segment, codebook.ids(), dice) for segment in segments)
            source.unlink()
            if number % 200 == 199:
                print(f"  {number + 1} transcripts", flush=True)


def interview(name: str, words: list[str], dice: random.Random) -> tuple[Transcript, list[Segment]]:
    """Return an interview of 25 questions, each answered in 4 segments."""
    text, turns, segments = "", [], []
    for question in range(SEGMENTS // 4):
        asked = " ".join(dice.choices(words, k=12)) + "?"
        turns.append(Turn(len(turns), "Peneliti", "interviewer", len(text), len(text) + len(asked)))
        text += asked + "\n"
        begin = len(text)
        for part in range(4):
            said = " ".join(dice.choices(words, k=dice.randint(10, 40))).capitalize() + "."
            number = question * 4 + part + 1
            segments.append(
                Segment(
                    f"{name}:{number:04}",
                    name,
                    len(turns),
                    "Informan",
                    "informant",
                    len(text),
                    len(text) + len(said),
                    said,
                )
            )
            text += said + (" " if part < 3 else "\n")
        turns.append(Turn(len(turns), "Informan", "informant", begin, len(text) - 1))
    return Transcript(name, text, tuple(turns), source=f"{name}.txt", format="txt"), segments


def suggested(segment: Segment, codes: tuple[str, ...], dice: random.Random) -> CodedSegment:
    """Return suggestions for a few codes of a segment, with evidence from its words."""
    said = []
    for code in sorted(dice.sample(codes, dice.randint(1, 6))):
        probability = round(dice.betavariate(0.6, 1.0) * 0.94 + 0.05, 4)
        words = tuple((word.strip(".").lower(), 0.3) for word in segment.text.split()[:3])
        said.append(Suggestion(code, probability, probability >= 0.33, Evidence(words=words, rule="definition: …")))
    return CodedSegment(segment, tuple(sorted(said, key=lambda s: -s.probability)), MODEL)


class Coder:
    """One simulated coder: logs in, and decides one segment after the other."""

    def __init__(self, name: str, port: int, decisions: int) -> None:
        self.name, self.port, self.wanted = name, port, decisions
        self.times: dict[str, list[float]] = {}
        self.decided = 0
        self.link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookie = ""

    def ask(self, kind: str, method: str, path: str, fields: dict[str, str] | None = None) -> str:
        """Send a request, note how long the whole answer takes, return its text."""
        headers = {"Cookie": self.cookie}
        if path not in ("/", "/login"):
            headers["HX-Request"] = "true"
        body = None
        if method == "POST":
            headers |= {"Origin": f"http://127.0.0.1:{self.port}", "Content-Type": "application/x-www-form-urlencoded"}
            body = urlencode(fields or {})
        begun = time.perf_counter()
        self.link.request(method, path, body, headers)
        answer = self.link.getresponse()
        text = answer.read().decode()
        self.times.setdefault(kind, []).append(time.perf_counter() - begun)
        if cookie := answer.headers.get("set-cookie"):
            self.cookie = cookie.split(";")[0]
        if answer.status not in (200, 303):
            sys.exit(f"{self.name}: {method} {path}: {answer.status} {text[:200]}")
        return text

    def work(self) -> None:
        """Review until enough is decided."""
        dice = random.Random(self.name)
        self.ask("log in", "POST", "/login", {"coder": self.name, "password": f"sandi {self.name}"})
        text = self.ask("first view", "GET", "/")
        filters = {"in_kind": ("", "pekerja", "petugas")[len(self.name) % 3]}
        while self.decided < self.wanted:
            segment = re.search(r'data-segment="([^"]+)"', text).group(1)
            act = f"{dice.getrandbits(128):032x}"
            lot = dice.random()
            if lot < 0.30:
                codes = re.findall(r'class="row[^"]*" data-code="([^"]+)"', text)
                fields = {
                    "segment": segment,
                    "code": dice.choice(codes[:4]),
                    "value": dice.choice(["accept", "reject"]),
                }
                text = self.ask("a code decided", "POST", "/decide", {**fields, **filters, "act": act})
                self.decided += 1
            elif lot < 0.92:
                how = dice.choice(["chosen", "suggested", "suggested", "none"])
                text = self.ask(
                    "finished, next", "POST", "/finish", {"segment": segment, "how": how, **filters, "act": act}
                )
                self.decided += 1
            elif lot < 0.95:
                text = self.ask("next uncertain", "GET", f"/go?way=uncertain&segment={quote(segment)}")
            elif lot < 0.97:
                text = self.ask("next of a code", "GET", f"/go?way=code&code=kendala&segment={quote(segment)}")
            elif lot < 0.99:
                text = self.ask("undone", "POST", "/undo", {"segment": segment, "act": act})
            else:
                self.ask(
                    "search", "GET", "/search?" + urlencode({"q": dice.choice(SYLLABLES) + dice.choice(SYLLABLES)})
                )


def main() -> None:
    """Make the study where there is none, run the coders, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--study", type=Path, default=Path(tempfile.gettempdir()) / "bench-review" / "study")
    parser.add_argument("--transcripts", type=int, default=2000)
    parser.add_argument("--decisions", type=int, default=2000)
    parser.add_argument("--coders", type=int, default=5)
    given = parser.parse_args()
    if not (given.study / "corpus.db").exists():
        given.study.parent.mkdir(parents=True, exist_ok=True)
        print(f"Making {given.transcripts} transcripts with {given.transcripts * SEGMENTS} segments …", flush=True)
        begun = time.perf_counter()
        make_study(given.study, given.transcripts)
        print(f"  made in {time.perf_counter() - begun:.0f} s")
    run = f"{time.time():.0f}"
    names = [f"penyandi-{number}-{run}" for number in range(1, given.coders + 1)]
    passwords = given.study.parent / "passwords.txt"
    passwords.write_text("".join(f"{name}: sandi {name}\n" for name in names))
    command = [
        sys.executable,
        "-m",
        "jmo_nlp",
        "--lang",
        "en",
        "review",
        str(given.study),
        "--share",
        "--host",
        "127.0.0.1",
    ]
    command += ["--passwords", str(passwords), *(part for name in names for part in ("--coder", name))]
    begun = time.perf_counter()
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        port = int(re.search(r":(\d+)/", server.stdout.readline()).group(1))
        print(f"server up after {time.perf_counter() - begun:.2f} s")
        measure(server, [Coder(name, port, given.decisions) for name in names])
        check(given.study, names)
    finally:
        server.terminate()
        server.wait()


def measure(server: subprocess.Popen[str], coders: list[Coder]) -> None:
    """Run the coders and print what they saw, with the server's memory."""
    process, highest, done = psutil.Process(server.pid), 0, threading.Event()

    def watch() -> None:
        nonlocal highest
        while not done.wait(0.1):
            highest = max(highest, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    begun = time.perf_counter()
    threads = [threading.Thread(target=coder.work) for coder in coders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    done.set()
    watcher.join()
    decided = sum(coder.decided for coder in coders)
    print(f"{decided} decisions by {len(coders)} coders in {seconds:.0f} s ({decided / seconds:.0f} a second)")
    print(f"{'':<18}{'times':>7}{'median':>10}{'p95':>10}{'longest':>10}  ms")
    for kind in dict.fromkeys(kind for coder in coders for kind in coder.times):
        times = sorted(1000 * t for coder in coders for t in coder.times.get(kind, ()))
        middle, high = times[len(times) // 2], times[int(0.95 * len(times))]
        print(f"{kind:<18}{len(times):>7}{middle:>10.1f}{high:>10.1f}{times[-1]:>10.1f}")
    print(f"memory of the server at its highest: {highest / 2**20:.0f} MB")


def check(study: Path, names: list[str]) -> None:
    """Print how much of the coders' work is in the store."""
    with Corpus(study) as corpus:
        for name in names:
            acts = corpus.db.execute(
                "SELECT count(*) FROM act WHERE coder = ? AND kind IN ('decide', 'finish')", (name,)
            )
            print(f"stored of {name}: {acts.fetchone()[0]} acts of deciding")


if __name__ == "__main__":
    main()
