"""The commands that list what people disagree about, and what they want changed in the codebook."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jmo_nlp.cli.options import Json, Lang, Study, print_json, say
from jmo_nlp.messages import _

if TYPE_CHECKING:
    from jmo_nlp.corpus import Corpus
    from jmo_nlp.pipeline.disagreements import Case

SHOWN = 20  # on the console


def disagreements(
    study: Study,
    coders: Annotated[
        str | None,
        typer.Option(
            "--coders", help=_("Whom to compare, by comma; machine stands for the suggestions. Default: all.")
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help=_("Whose suggestions, as name@hash. Default: the latest."))
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help=_("Also those that were adjudicated."))] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help=_("Write the list as a table: .csv, .xlsx, .jsonl."))
    ] = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """List disagreements, what costs most agreement first."""
    from jmo_nlp.corpus import Corpus
    from jmo_nlp.exchange.rows import write_rows
    from jmo_nlp.pipeline.disagreements import disagreements as find

    names = [name.strip() for name in coders.split(",") if name.strip()] if coders else None
    with Corpus(study) as corpus:
        queue = find(corpus, study, coders=names, model=model)
        cases = queue.cases if everything else queue.open
        rows = _rows(corpus, cases)
    if out is not None:
        sides = list(dict.fromkeys(name for row in rows for name in row if name.startswith("codes:")))
        write_rows(rows, out, columns=(*_COLUMNS, *sides))
        say(_("{path}: written.", path=out))
    if as_json:
        counts = {
            "compared": queue.compared,
            "mixed": queue.mixed,
            "sealed": queue.sealed,
            "model": queue.model or None,
        }
        print_json({**counts, "settled": len(queue.cases) - len(queue.open), "cases": rows})
        return
    for row in rows[:SHOWN]:
        typer.echo(f"{row['segment']}  {_condition(row['blind'])}  {row['weight']:.3f}  {row['disputed']}")
        for name, codes in row.items():
            if name.startswith("codes:"):
                typer.echo(f"    {name.removeprefix('codes:')}: {'; '.join(codes) or '-'}")
    if len(rows) > SHOWN:
        typer.echo(_("… and {count} more: --out FILE.csv lists them all.", count=len(rows) - SHOWN))
    typer.echo(
        _(
            "{open} disagreements to settle, {settled} settled, on {compared} segments coded by two or more.",
            open=len(queue.open),
            settled=len(queue.cases) - len(queue.open),
            compared=queue.compared,
        )
    )
    if queue.mixed:
        typer.echo(
            _(
                "{count} segments were coded blind by one and with suggestions in view by another: not compared.",
                count=queue.mixed,
            )
        )
    if queue.sealed:
        typer.echo(_("{count} segments are still being coded blind and are kept back.", count=queue.sealed))


_COLUMNS = (
    "segment",
    "transcript",
    "blind",
    "weight",
    "disputed",
    "question",
    "text",
    "notes",
    "settled_by",
    "settled",
)


def _rows(corpus: "Corpus", cases: "Sequence[Case]") -> list[dict[str, Any]]:
    from jmo_nlp.corpus.marks import notes
    from jmo_nlp.pipeline.disagreements import texts_of

    texts = texts_of(corpus, cases)
    written: dict[str, list[str]] = {}
    for segment, who, text, _when in notes(corpus):
        written.setdefault(segment, []).append(f"{who}: {text}")
    return [
        {
            "segment": case.segment,
            "transcript": texts[case.segment].transcript,
            "blind": case.blind,
            "weight": round(case.weight, 6),
            "disputed": "; ".join(item.code for item in case.codes),
            "question": texts[case.segment].question,
            "text": texts[case.segment].text,
            "notes": " | ".join(written.get(case.segment, ())),
            "settled_by": case.settled.coder if case.settled else None,
            "settled": tuple(sorted(case.settled.codes)) if case.settled else None,
            **{f"codes:{side.coder}": tuple(sorted(side.codes)) for side in case.sides},
        }
        for case in cases
    ]


def _condition(blind: bool) -> str:
    return _("blind") if blind else _("informed")


def marks(
    study: Study,
    out: Annotated[
        Path | None, typer.Option("--out", help=_("Write the list as a table: .csv, .xlsx, .jsonl."))
    ] = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """List what people want changed in the codebook."""
    from jmo_nlp.corpus import Corpus
    from jmo_nlp.corpus.marks import marks as stored
    from jmo_nlp.exchange.rows import write_rows

    with Corpus(study) as corpus:
        texts = {segment.id: segment.text for segment in corpus.segments(also_replaced=True)}
        rows: list[Mapping[str, Any]] = [
            {
                "code": mark.code,
                "change": mark.text,
                "coder": mark.coder,
                "segment": mark.segment,
                "text": texts.get(mark.segment, ""),
                "made_at": mark.made_at,
            }
            for mark in stored(corpus)
            if mark.kind == "codebook_change"
        ]
    rows.sort(key=lambda row: (row["code"] or "", row["made_at"]))
    if out is not None:
        write_rows([dict(row) for row in rows], out, columns=("code", "change", "coder", "segment", "text", "made_at"))
        say(_("{path}: written.", path=out))
    if as_json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['code'] or '-'}: {row['change'] or '-'} ({row['coder']}, {row['segment']})")
    if not rows:
        typer.echo(_("Nobody has asked for a change of the codebook."))
