"""The main job on the made-up sample study, command by command, and five suggestions in words.

Run by scripts/demo. Each line beginning with $ is a command that a user could type; it is run as typed.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from jmo_nlp import load_codebook
from jmo_nlp.messages import current_language

STUDY = Path("corpora/contoh")
RESULT = Path("hasil")
COMMAND = Path(sys.executable).with_name("jmo-nlp")


def run(*arguments: object) -> None:
    """Show a command and run it; stop the demonstration where it fails."""
    words = [str(argument) for argument in arguments]
    print("\n$ jmo-nlp " + " ".join(words), flush=True)
    if status := subprocess.run([COMMAND, *words]).returncode:
        sys.exit(status)


def main() -> None:
    """Start afresh, so that the demonstration shows the same each time; the sources and the codebook stay."""
    for made in [*STUDY.glob("corpus.db*"), STUDY / "embeddings", STUDY / "model.json"]:
        shutil.rmtree(made) if made.is_dir() else made.unlink(missing_ok=True)
    RESULT.mkdir(exist_ok=True)

    run("new", STUDY)
    run("import", STUDY, STUDY / "sources", "--attributes", STUDY / "informan.csv")
    run("suggest", STUDY)
    out = RESULT / "contoh.jsonl"
    run("export", STUDY, "--format", "jsonl", "--out", out)
    run("export", STUDY, "--format", "xlsx", "--out", RESULT / "contoh.xlsx")
    say(out)


def say(out: Path) -> None:
    """Print where the result is and five suggestions in words, one an interview where possible."""
    indonesian = current_language() == "id"
    names = {code.id: code.name if indonesian else code.name_en or code.name for code in load_codebook("jmo").codes}
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    strongest: dict[str, tuple] = {}
    for row in rows:
        for suggestion in row["suggestions"]:
            readable = suggestion["suggested"] and 8 <= len(row["text"].split()) <= 45
            if readable and suggestion["probability"] > strongest.get(row["transcript"], (0.0,))[0]:
                strongest[row["transcript"]] = (suggestion["probability"], row, suggestion)
    print("\nLima saran beserta alasannya:" if indonesian else "\nFive suggestions, in words:")
    for probability, row, suggestion in sorted(strongest.values(), key=lambda item: -item[0])[:5]:
        words = ", ".join(word for word, _weight in suggestion["evidence"]["words"][:4])
        share = ">99%" if probability > 0.99 else f"{probability:.0%}"
        because = ("berdasarkan kata" if indonesian else "because of") + f": {words}" if words else ""
        print(f"\n  {row['transcript']} [{row['segment']}]  “{' '.join(row['text'].split())}”")
        print(f"    -> {names[suggestion['code']]} ({share}) {because}")
    where, unit = ("Hasilnya", "segmen") if indonesian else ("The result", "segments")
    print(f"\n{where}: {out}, {out.with_suffix('.xlsx')} ({len(rows)} {unit})")


if __name__ == "__main__":
    main()
