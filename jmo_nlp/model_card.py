"""The card of a trained model: what it is, what it was made of and how good it is, in Indonesian and English."""

from collections.abc import Mapping, Sequence
from typing import Any

_TEXTS: dict[str, dict[str, str]] = {
    "id": {
        "title": "Model penyaran kode `{name}`",
        "what": "Menyarankan kode untuk segmen wawancara berbahasa Indonesia. Saran bukan keputusan:"
        " peneliti yang memutuskan.",
        "made": "Dilatih dari {segments} segmen dalam {transcripts} transkrip, buku kode `{codebook}`,"
        " encoder `{encoder}`.",
        "figures": "Angka di bawah dihitung pada transkrip yang disisihkan. Ambang dipilih pada bagian yang sama,"
        " sehingga F1 pada transkrip baru dapat sedikit lebih rendah.",
        "head": "| kode | contoh | ambang | presisi | perolehan | F1 | galat kalibrasi |",
        "notes": "Catatan",
        "overall": "Semua kode: mikro-F1 {micro}, makro-F1 {macro}.",
    },
    "en": {
        "title": "Model `{name}` that suggests codes",
        "what": "Suggests codes for segments of Indonesian interviews. A suggestion is no decision:"
        " the researcher decides.",
        "made": "Trained on {segments} segments of {transcripts} transcripts, codebook `{codebook}`,"
        " encoder `{encoder}`.",
        "figures": "The figures below come from held-out transcripts. Thresholds were chosen on the same parts,"
        " so F1 on new transcripts can be a little lower.",
        "head": "| code | examples | threshold | precision | recall | F1 | calibration error |",
        "notes": "Notes",
        "overall": "All codes: micro-F1 {micro}, macro-F1 {macro}.",
    },
}


def card(config: Mapping[str, Any], metrics: Mapping[str, Any], notes: Sequence[str]) -> str:
    """Return the README of a model folder, from its config.json and metrics.json."""
    codebook = config["codebook"]
    values = {
        "name": config["name"],
        "segments": config["segments"],
        "transcripts": config["transcripts"],
        "codebook": "-" if codebook is None else f"{codebook['id']} ({codebook['hash']})",
        "encoder": f"{config['encoder']['name']} ({config['encoder']['hash']})",
        "micro": _number(metrics["micro"]["f1"]),
        "macro": _number(metrics["macro"]["f1"]),
    }
    return "\n".join(line for language in ("id", "en") for line in _part(_TEXTS[language], values, metrics, notes))


def _part(
    texts: Mapping[str, str], values: Mapping[str, object], metrics: Mapping[str, Any], notes: Sequence[str]
) -> list[str]:
    lines = ["# " + texts["title"].format(**values), "", texts["what"], "", texts["made"].format(**values), ""]
    lines += [
        texts["figures"],
        "",
        texts["overall"].format(**values),
        "",
        texts["head"],
        "|---|---|---|---|---|---|---|",
    ]
    for code, figures in metrics["codes"].items():
        numbers = [figures[key] for key in ("threshold", "precision", "recall", "f1", "calibration_error")]
        lines.append(f"| `{code}` | {figures['positives']} | " + " | ".join(map(_number, numbers)) + " |")
    if notes:
        lines += ["", f"{texts['notes']}:", *(f"- {note}" for note in notes)]
    return [*lines, ""]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
