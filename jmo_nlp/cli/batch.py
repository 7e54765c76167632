"""The one-shot command `code`."""

from pathlib import Path
from typing import Annotated

import typer

from jmo_nlp.cli.options import (
    EncoderName,
    Json,
    Lang,
    Model,
    Roles,
    Wishes,
    print_json,
    progress,
    say,
    stop_if_failed,
)
from jmo_nlp.messages import _


def code(
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUTS...", help=_("Transcript files, folders, patterns, or tables."))
    ],
    out: Annotated[Path, typer.Option("--out", help=_("Output: .jsonl, .csv, .parquet or .xlsx."))],
    codebook: Annotated[str, typer.Option(help=_("A built-in codebook, or a file."))] = "jmo",
    model: Model = None,
    text_column: Annotated[
        str | None, typer.Option(help=_("Tables: the column with the texts, each row on its own."))
    ] = None,
    id_column: Annotated[str | None, typer.Option(help=_("Tables: the column that names the rows."))] = None,
    question_column: Annotated[
        str | None, typer.Option(help=_("Tables: the column with the question that the text answers."))
    ] = None,
    encoder: EncoderName = None,
    wish: Wishes = None,
    roles: Roles = None,
    resume: Annotated[bool, typer.Option("--resume", help=_("Go on where an unfinished run stopped."))] = False,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Code inputs into one output file."""
    from jmo_nlp.batch import code_inputs
    from jmo_nlp.codebook import load_codebook
    from jmo_nlp.encoders import load_encoder
    from jmo_nlp.exchange.rows import writer_for
    from jmo_nlp.inputs import expand_inputs
    from jmo_nlp.model_folder import load_model
    from jmo_nlp.pipeline import classifier_for

    writer_for(out)
    files, left_out = expand_inputs(inputs)
    for path in left_out:
        say(_("{path}: left out, the ending is not one of a transcript", path=path))
    if model is None:
        classifier = classifier_for(load_codebook(codebook), load_encoder(encoder))
    else:
        classifier = load_model(model, encoder=load_encoder(encoder) if encoder else None)
    if wish:
        classifier.set_wish(wish)
    with progress(_("Coding")) as step:
        report = code_inputs(
            files,
            out,
            classifier=classifier,
            text_column=text_column,
            id_column=id_column,
            question_column=question_column,
            roles=roles,
            resume=resume,
            on_progress=lambda done: step(done, None),
            on_warning=lambda warning: say(_("Warning: {warning}", warning=warning)),
        )
    result = {
        "out": str(out),
        "transcripts": report.transcripts,
        "segments": report.segments,
        "resumed_after": report.resumed_after,
        "model": classifier.model_id,
        "failures": report.failures,
    }
    if as_json:
        print_json(result)
    elif report.transcripts:
        typer.echo(
            _(
                "{out}: {segments} segments of {transcripts} transcripts, suggested by {model}.",
                out=out,
                segments=report.segments,
                transcripts=report.transcripts,
                model=classifier.model_id,
            )
        )
    stop_if_failed(report.failures)
