"""What a study knows of the models that suggested for it, so that it stays explainable when their folders are gone."""

import json
from collections.abc import Mapping
from typing import Any

from jmo_nlp.corpus.database import now
from jmo_nlp.corpus.store import Corpus


def note_model(corpus: Corpus, model: str, details: Mapping[str, Any]) -> None:
    """Store what the model name@hash was made of and how good it is; the same model again replaces what was noted.

    details: plain values for JSON, as `CodeClassifier.details()` gives them.
    """
    text = json.dumps(dict(details), ensure_ascii=False, sort_keys=True, allow_nan=False)
    with corpus.writing() as db:
        db.execute(
            "INSERT INTO model (id, details, noted_at) VALUES (?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET details = excluded.details, noted_at = excluded.noted_at",
            (model, text, now()),
        )


def model_details(corpus: Corpus, model: str) -> dict[str, Any] | None:
    """Return what was noted of the model name@hash; None where nothing was, as in studies of older versions."""
    row = corpus.db.execute("SELECT details FROM model WHERE id = ?", (model,)).fetchone()
    return None if row is None else dict(json.loads(row["details"]))


def noted_models(corpus: Corpus) -> dict[str, dict[str, Any]]:
    """Return the details of all models noted, by name@hash, oldest first."""
    rows = corpus.db.execute("SELECT id, details FROM model ORDER BY noted_at, id")
    return {row["id"]: dict(json.loads(row["details"])) for row in rows}
