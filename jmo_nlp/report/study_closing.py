"""The last sections: what a conclusion would rest on, limits told from the facts, methods with all numbers computed."""

import shlex
from collections import Counter
from math import isnan

from jmo_nlp.messages import _
from jmo_nlp.report.agreement_words import condition_title
from jmo_nlp.report.study_material import StudyMaterial, basis_tag, sealed_words
from jmo_nlp.report.study_names import day_text, kind_name, technique_name
from jmo_nlp.report.study_records import (
    Block,
    Commands,
    Facts,
    Items,
    Paragraph,
    Place,
    Section,
    count_text,
    decimal,
    share,
)
from jmo_nlp.report.verdicts import TENTATIVE
from jmo_nlp.triangulation.dates import date_of

FEW_INFORMANTS = 15
ALPHA = "krippendorff_alpha"
OVERALL = f"{ALPHA}:masi"


def conclusion_section(material: StudyMaterial) -> Section:
    """Return the place of the conclusion, beside what it would rest on. Nothing is concluded here."""
    blocks: list[Block] = [
        Paragraph(
            _(
                "This report concludes nothing. Whether something is effective, fairly effective or not effective is a "
                "judgement on what is shown above, and the researcher's to make and to answer for."
            )
        )
    ]
    main = material.main
    rests: list[str] = []
    names, scheme = material.scheme.names, material.scheme
    if main is not None:
        tag = basis_tag(main.basis)
        for own in main.balances:
            rests.append(
                _(
                    "{code}: {support} {plus}, {obstacle} {minus}, from {informants} informants ({basis})",
                    code=names[own.indicator],
                    support=names[scheme.support or ""],
                    plus=count_text(own.support.segments),
                    obstacle=names[scheme.obstacle or ""],
                    minus=count_text(own.obstacle.segments),
                    informants=count_text(own.informants),
                    basis=tag,
                )
            )
        said = [own for own in main.strategies if own.segments.count][:3]
        if said:
            rests.append(
                _(
                    "Strategies that most informants voice: {codes} ({basis})",
                    codes=", ".join(f"{names[own.code]} ({count_text(own.informants.count)})" for own in said),
                    basis=tag,
                )
            )
    blocks.append(Place(_("The conclusion of the study"), tuple(rests)))
    return Section("conclusion", _("What a conclusion would rest on"), tuple(blocks))


def limits_section(material: StudyMaterial) -> Section:
    """Return the limits that the facts of the study show."""
    entries = [
        *_of_material(material),
        *_of_informants(material),
        *_of_reviewing(material),
        *_of_agreement(material),
        *_of_machine(material),
    ]
    return Section("limits", _("Limits"), (Items(tuple(entries)),))


def _of_material(material: StudyMaterial) -> list[str]:
    found = []
    if material.made_up:
        places = ", ".join(dict.fromkeys(place for place, _text in material.made_up[:6]))
        found.append(
            _(
                "The material says of itself that it is made up ({places}): no figure here is a finding about anyone.",
                places=places,
            )
        )
    remarks = sum(bool(own.warnings) for own in material.sources)
    if remarks:
        found.append(
            _(
                "{count} of {all} files were read with remarks (something repaired, guessed or left out).",
                count=count_text(remarks),
                all=count_text(len(material.sources)),
            )
        )
    found.append(
        _(
            "Segments were cut by rules and a small model, not by people; another cut gives other counts of segments, "
            "hardly other counts of informants."
        )
    )
    return found


def _of_informants(material: StudyMaterial) -> list[str]:
    main = material.main
    if main is None:
        return []
    found = []
    if main.informants < FEW_INFORMANTS:
        found.append(
            _(
                "{informants} informants: the report tells what they said, not how many others would say it. Intervals "
                "over so few are wide and uncertain themselves.",
                informants=count_text(main.informants),
            )
        )
    alone = [column.key for column in main.by_kind.columns if column.informants == 1 and column.key]
    if alone:
        kinds = ", ".join(kind_name(key) for key in alone)
        found.append(_("One informant alone speaks for these kinds: {kinds}.", kinds=kinds))
    unknown = sum(voice.informant and not voice.kind for voice in main.voices)
    if unknown:
        found.append(
            _("Of {count} informants the kind is not known; comparisons of kinds leave them out.", count=unknown)
        )
    found.append(
        _(
            "How informants were chosen is not recorded. If they were chosen on purpose, intervals by transcript are a "
            "manner of speaking: as if these transcripts were a random draw."
        )
    )
    once = main.saturation.once
    if once:
        found.append(
            _(
                "{count} codes turned up in a single transcript, so further transcripts may bring new ones.",
                count=count_text(len(once)),
            )
        )
    return found


def _of_reviewing(material: StudyMaterial) -> list[str]:
    everything = len(material.segments)
    if material.reviewed is None:
        return [
            _(
                "Nobody has reviewed the suggestions: every count in this report is the machine's, with its mistakes. "
                "It shows where to look, and is no result."
            )
        ]
    found = []
    judged = material.reviewed.judged
    if judged < everything:
        found.append(
            _(
                "{left} of {all} segments ({share}) are not reviewed and missing from all counts of what people "
                "decided; those reviewed were chosen by whoever reviewed them, unless a random sample says otherwise.",
                left=count_text(everything - judged),
                all=count_text(everything),
                share=share(1 - judged / everything).text,
            )
        )
    how = Counter(coding.blind for coding in material.codings)
    if how[False]:
        found.append(
            _(
                "{count} of {all} reviews were made with suggestions in view, which draws people towards the machine.",
                count=count_text(how[False]),
                all=count_text(sum(how.values())),
            )
        )
    bulk = sum(own.bulk for own in material.coders)
    if bulk:
        found.append(_("{count} decisions were accepted many at a time, not one by one.", count=count_text(bulk)))
    if not material.prevalence:
        found.append(_("No shares of all segments are estimated: {why}", why=material.no_prevalence))
    if material.reviewed.basis.tied:
        found.append(
            _(
                "At {tied} pairs of segment and code the coders were split evenly, and {first} decided; another first "
                "coder gives other counts.",
                tied=count_text(material.reviewed.basis.tied),
                first=material.reviewed.basis.coders[0],
            )
        )
    return found


def _of_agreement(material: StudyMaterial) -> list[str]:
    found = []
    people = [own for own in material.coders if own.part == "coder" and own.decisions]
    if material.reviewed is not None and len(people) == 1:
        found.append(_("One person alone has coded: nothing tells whether another would code alike."))
    for own in material.agreement:
        weak = [
            material.scheme.names.get(line.subject, line.subject)
            for line in own.lines
            if line.kind == "code" and line.denominator == "all"
            for figure in line.figures
            if figure.name == ALPHA and figure.value < TENTATIVE
        ]
        if weak:
            found.append(
                _(
                    "Below alpha .667 ({condition}), where even tentative conclusions are not advised: {codes}.",
                    condition=condition_title(own.condition).lower(),
                    codes=", ".join(weak),
                )
            )
    if text := sealed_words(material):
        found.append(text)
    return found


def _of_machine(material: StudyMaterial) -> list[str]:
    found = []
    if material.suggested is not None:
        left = len(material.segments) - material.suggested.judged
        if left:
            found.append(
                _(
                    "On {left} segments the machine says nothing or was not asked; they are missing from its counts.",
                    left=count_text(left),
                )
            )
        if material.details is not None and material.details.get("kind") == "codebook":
            found.append(_("The machine knows the codebook alone; no coded segment went into it."))
    trained = max((own.trained_on or 0 for own in material.machine), default=0)
    if trained:
        found.append(
            _(
                "The model has learned from {count} of the segments it is compared on, which flatters it.",
                count=count_text(trained),
            )
        )
    return found


def methods_section(material: StudyMaterial) -> Section:
    """Return a paragraph on methods of which every number is computed, the commands, and the fingerprints."""
    name = shlex.quote(material.name)
    lines = [f"jmo-nlp report {name} --out laporan.html", f"jmo-nlp export {name} --format wide"]
    if material.agreement:
        lines.append(f"jmo-nlp agree {name}")
    if material.machine:
        lines.append(f"jmo-nlp evaluate {name}")
    lines += [
        f"jmo-nlp prevalence {name} --sample {shlex.quote(own.sample.replace(' + ', ','))} --unit {own.unit}"
        for own in material.prevalence
    ]
    facts = [
        ("jmo_nlp", material.version),
        (_("Codebook"), f"{material.codebook.id} {material.codebook.version}, {material.hashes['codebook']}"),
        (_("Texts and segments"), material.hashes["material"]),
        (_("Decisions of people"), material.hashes["codings"] or "–"),
        (_("Model"), material.model or "–"),
        (_("State of the data"), _state(material)),
    ]
    blocks: list[Block] = [
        Paragraph(_methods(material)),
        Paragraph(_("These commands, run in the folder that holds the study, compute the numbers again:")),
        Commands(tuple(lines)),
        Paragraph(_("Fingerprints: the same ones mean the same data.")),
        Facts(tuple(facts)),
    ]
    return Section("methods", _("Methods, to be taken over"), tuple(blocks))


def _state(material: StudyMaterial) -> str:
    return day_text(material.stated[:10]) if material.stated else "–"


def _methods(material: StudyMaterial) -> str:
    return " ".join([*_on_material(material), *_on_people(material), *_on_agreement(material), *_on_machine(material)])


def _on_material(material: StudyMaterial) -> list[str]:
    techniques = Counter(own.attributes.technique for own in material.sources)
    gathered = ", ".join(f"{technique_name(name)} {count_text(n)}" for name, n in sorted(techniques.items()))
    dates = sorted(day for own in material.sources if (day := date_of(own.attributes.date)))
    main = material.main
    found = [
        _(
            "The material is {transcripts} transcripts ({gathered}) of {informants} informants.",
            transcripts=count_text(len(material.sources)),
            gathered=gathered or "–",
            informants=count_text(main.informants if main is not None else 0),
        )
    ]
    if dates:
        found.append(
            _(
                "Those with a date are from {first} to {last}.",
                first=day_text(dates[0].isoformat()),
                last=day_text(dates[-1].isoformat()),
            )
        )
    found.append(
        _(
            "jmo_nlp {version} cut what informants said into {segments} segments. The codebook {codebook} holds "
            "{codes} codes in {groups} groups.",
            version=material.version,
            segments=count_text(len(material.segments)),
            codebook=f"{material.codebook.id} {material.codebook.version}".strip(),
            codes=count_text(len(material.codebook.codes)),
            groups=count_text(len(material.codebook.groups)),
        )
    )
    return found


def _on_people(material: StudyMaterial) -> list[str]:
    if material.reviewed is None:
        return [_("Nobody has reviewed any segment.")]
    per_coder: dict[str, Counter[bool | None]] = {}
    for coding in material.codings:
        per_coder.setdefault(coding.coder, Counter())[coding.blind] += 1
    people = ", ".join(
        _(
            "{coder} ({segments} segments, {blind} of them blind)",
            coder=name,
            segments=count_text(sum(how.values())),
            blind=count_text(how[True]),
        )
        for name, how in sorted(per_coder.items())
    )
    found = [
        _("Coded by {people}.", people=people),
        _(
            "{judged} of {all} segments ({share}) were reviewed.",
            judged=count_text(material.reviewed.judged),
            all=count_text(len(material.segments)),
            share=share(material.reviewed.judged / len(material.segments)).text if material.segments else "–",
        ),
    ]
    basis = material.reviewed.basis
    if len(basis.coders) > 1:
        found.append(
            _("Where several coded a segment the majority counts; at a tie {first} decides.", first=basis.coders[0])
        )
    if basis.adjudicators:
        names = ", ".join(basis.adjudicators)
        found.append(_("Where {names} settled a disagreement, that stands.", names=names))
    return found


def _on_agreement(material: StudyMaterial) -> list[str]:
    found = []
    for own in material.agreement:
        line = next((line for line in own.lines if line.kind == "all" and line.denominator == "all"), None)
        figure = line.figure(OVERALL) if line is not None else None
        if figure is None or isnan(figure.value):
            continue
        found.append(
            _(
                "Agreement on the sets of codes ({condition}; {coders}): Krippendorff's alpha with MASI distance "
                "{alpha} on {segments} segments, interval 95 % by transcript.",
                condition=condition_title(own.condition).lower(),
                coders=", ".join(own.coders),
                alpha=decimal(figure.value, figure.low, figure.high).text,
                segments=count_text(figure.units),
            )
        )
    return found


def _on_machine(material: StudyMaterial) -> list[str]:
    if material.suggested is None:
        return [_("No machine suggested anything.")]
    text = _(
        "The model {model} looked at {looked} segments and suggested codes for people to review; no suggestion counts "
        "as a decision.",
        model=material.model,
        looked=count_text(next((own.looked for own in material.models if own.model == material.model), 0)),
    )
    if material.reviewed is None:
        text += " " + _("All counts of this report are such suggestions, reviewed by nobody.")
    return [text]
