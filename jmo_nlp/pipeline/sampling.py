"""Draw samples of a study's segments, and let people code the same sample blind."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jmo_nlp import sampling
from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.blindness import LEAST_CODERS, USUAL_LEAST, Standing, seen, standing
from jmo_nlp.corpus.people import check_coder, coder_name
from jmo_nlp.corpus.samples import add_coders, add_sample, frame_of, sampled, samples, suggested_codes
from jmo_nlp.errors import CorpusError
from jmo_nlp.messages import _
from jmo_nlp.records import Sample
from jmo_nlp.sampling import SILENT, UNSEEN, Candidate

By = Literal["transcript", "machine"]
BOTH: tuple[By, ...] = ("transcript", "machine")

BLIND_SIZE = 60  # drawn where nobody says how many


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sample at hand: how far it is, whether it was drawn now, and what the user should know."""

    standing: Standing
    new: bool
    remarks: tuple[str, ...] = ()

    @property
    def sample(self) -> Sample:
        """Return the sample itself."""
        return self.standing.sample


def draw_sample(
    study: Path,
    *,
    size: int,
    purpose: Literal["blind", "random"] = "random",
    seed: int = 0,
    name: str | None = None,
    coders: Sequence[str] = (),
    by: Sequence[By] = BOTH,
    evenness: float | None = None,
    model: str | None = None,
    alone: bool = False,
) -> Drawn:
    """Draw `size` segments of a study and store them as a sample.

    `by`: what the strata are. `evenness`: 0 gives every segment the same chance (the default of a random sample), 1
    every code that the machine suggests as many segments; the default of a blind sample is 0.5, so that rare codes come
    up often enough to measure agreement on them. A blind sample leaves out what its `coders` have seen suggestions of,
    and what earlier blind samples hold; it is sealed until all its coders, and at least two unless `alone`, have
    finished. Raises CorpusError where the name is taken or too few segments are left.
    """
    people = list(dict.fromkeys(coder_name(coder) for coder in coders))
    with Corpus(study) as corpus:
        for coder in people:
            check_coder(corpus, coder)
        segments = frame_of(corpus)
        if not segments:
            raise CorpusError(
                _("{study}: holds no transcript. Import some with: jmo-nlp import {study} FILES", study=study)
            )
        said, which = _said(corpus, study, model) if "machine" in by else ({}, "")
        left_out = _left_out(corpus, people) if purpose == "blind" else {}
        barred = {segment for reason in left_out.values() for segment in reason}
        frame = [
            Candidate(segment, transcript if "transcript" in by else "", said.get(segment, UNSEEN))
            for segment, transcript in segments.items()
            if segment not in barred
        ]
        if not 1 <= size <= len(frame):
            raise CorpusError(
                _(
                    "{study}: a sample of {size} cannot be drawn: {count} of its {total} segments can be ({barred} are "
                    "in another blind sample or were seen with suggestions). Ask for 1 to {count}.",
                    study=study,
                    size=size,
                    count=len(frame),
                    total=len(segments),
                    barred=len(segments) - len(frame),
                )
            )
        evenness = evenness if evenness is not None else 0.5 if purpose == "blind" else 0.0
        strata: dict[str, int] = {}
        for candidate in frame:
            strata[candidate.stratum] = strata.get(candidate.stratum, 0) + 1
        present = segments.keys()
        sample = Sample(
            name or _free_name(corpus, purpose),
            purpose,
            seed,
            {
                "size": size,
                "population": len(frame),
                "transcripts": len(set(segments.values())),
                "by": list(by),
                "model": which,
                "codebook": corpus.codebook.hash,
                "evenness": evenness,
                "strata": strata,
                "left_out": {reason: len(found & present) for reason, found in left_out.items() if found & present},
                LEAST_CODERS: 1 if alone else max(USUAL_LEAST, len(people)),
            },
            tuple(people),
        )
        add_sample(corpus, sample, sampling.draw(frame, size, seed=seed, evenness=evenness))
        return Drawn(standing(corpus, sample.name), True, _remarks_on_frame(study, said, by, frame))


def blind_sample(
    study: Path,
    coder: str,
    *,
    size: int | None = None,
    seed: int = 0,
    name: str | None = None,
    partners: Sequence[str] = (),
    alone: bool = False,
) -> Drawn:
    """Return the blind sample that this coder is to code; the first coder's call draws it, others take the same.

    Without a `name` it is the oldest that the coder has not finished, else the latest that the coder is not part of,
    else a new one. `partners` are those who code it too; they, and the coder, become its coders.
    """
    person = coder_name(coder)
    others = [coder_name(partner) for partner in partners]
    with Corpus(study) as corpus:
        for one in (person, *others):
            check_coder(corpus, one)
        found = _sample_for(corpus, study, person, name)
        if found is not None:
            joining = [one for one in dict.fromkeys((person, *others)) if one not in found.sample.coders]
            add_coders(corpus, found.sample.name, joining)
            now = standing(corpus, found.sample.name)
            return Drawn(now, False, _remarks_on_taking(corpus, now, person, joining, size))
    return draw_sample(
        study,
        size=size if size is not None else _usual_size(study),
        purpose="blind",
        seed=seed,
        name=name,
        coders=[person, *others],
        alone=alone,
    )


def _usual_size(study: Path) -> int:
    with Corpus(study) as corpus:
        return max(1, min(BLIND_SIZE, len(frame_of(corpus))))


def _sample_for(corpus: Corpus, study: Path, coder: str, name: str | None) -> Standing | None:
    known = samples(corpus)
    if name is not None:
        for sample in known:
            if sample.name == name and sample.purpose != "blind":
                raise CorpusError(
                    _(
                        "{study}: the sample {name} is not one to code blind. Choose another name.",
                        study=study,
                        name=name,
                    )
                )
        return next((standing(corpus, name) for sample in known if sample.name == name), None)
    standings = [standing(corpus, sample.name) for sample in known if sample.purpose == "blind"]
    standings = [one for one in standings if one.segments and not one.opened]
    for one in standings:
        if coder in one.done and one.done[coder] < len(one.segments):
            return one
    return next((one for one in reversed(standings) if coder not in one.done), None)


def _said(corpus: Corpus, study: Path, model: str | None) -> tuple[dict[str, str], str]:
    from jmo_nlp.suggested import named_model

    which = named_model(corpus, study, model) or next(iter(corpus.models()), None)
    return (sampling.said_of(suggested_codes(corpus, which)), which) if which else ({}, "")


def _left_out(corpus: Corpus, coders: Sequence[str]) -> dict[str, set[str]]:
    earlier = {entry.segment for sample in samples(corpus, "blind") for entry in sampled(corpus, sample.name)}
    known = {segment for coder in coders for segment in seen(corpus, coder)}
    return {"drawn_before": earlier, "seen": known - earlier}


def _free_name(corpus: Corpus, purpose: str) -> str:
    taken = {sample.name for sample in samples(corpus)}
    return next(name for number in range(1, len(taken) + 2) if (name := f"{purpose}-{number}") not in taken)


def _remarks_on_frame(
    study: Path, said: dict[str, str], by: Sequence[By], frame: Sequence[Candidate]
) -> tuple[str, ...]:
    if "machine" not in by:
        return ()
    unseen = sum(candidate.said == UNSEEN for candidate in frame)
    if not said:
        return (
            _(
                "No model has suggested anything for {study} yet, so the sample is spread over transcripts alone, and "
                "rare codes may be missing from it. Suggest first: jmo-nlp suggest {study}",
                study=study,
            ),
        )
    if unseen:
        return (
            _(
                "{count} segments have no suggestions yet (imported later?); they were drawn from as a group of "
                "their own.",
                count=unseen,
            ),
        )
    return ()


def _remarks_on_taking(
    corpus: Corpus, now: Standing, coder: str, joining: Sequence[str], size: int | None
) -> tuple[str, ...]:
    remarks = []
    sample = now.sample
    if size is not None and size != len(now.segments):
        remarks.append(
            _(
                "The sample {name} is taken, which has {count} segments. For another one, give it a new name with "
                "--name.",
                name=sample.name,
                count=len(now.segments),
            )
        )
    for one in dict.fromkeys((coder, *joining)):
        known = len(seen(corpus, one) & set(now.segments))
        if known:
            remarks.append(
                _(
                    "{coder} has seen suggestions or others' codes of {count} of these segments before; reviews of "
                    "those count as informed.",
                    coder=one,
                    count=known,
                )
            )
    if sample.design.get("codebook") not in (None, corpus.codebook.hash) and now.done:
        remarks.append(
            _(
                "The codebook has changed since the sample {name} was drawn: coders may have coded by different "
                "wordings. What was coded keeps the codes of its time.",
                name=sample.name,
            )
        )
    held, population = len(frame_of(corpus)), sample.design.get("population")
    left_out = sample.design.get("left_out")
    before = (population if isinstance(population, int) else held) + (
        sum(left_out.values()) if isinstance(left_out, dict) else 0
    )
    if held > before:
        remarks.append(
            _(
                "{count} segments came into the study after the sample {name} was drawn; it says nothing of them. "
                "Draw a further sample for them.",
                count=held - before,
                name=sample.name,
            )
        )
    return tuple(remarks)


__all__ = ["BLIND_SIZE", "BOTH", "SILENT", "UNSEEN", "By", "Drawn", "blind_sample", "draw_sample"]
