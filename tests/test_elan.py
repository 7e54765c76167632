from pathlib import Path

import pytest

from jmo_nlp.errors import TranscriptError
from jmo_nlp.transcripts.elan import read_elan
from jmo_nlp.transcripts.sniff import Sniffed

PATH = Path("wawancara.eaf")
TIMES = "".join(f'<TIME_SLOT TIME_SLOT_ID="t{i}" TIME_VALUE="{i * 1000}"/>' for i in range(20))


def annotation(name: str, start: int, end: int, text: str) -> str:
    return (
        f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="{name}" TIME_SLOT_REF1="t{start}" TIME_SLOT_REF2="t{end}">'
        f"<ANNOTATION_VALUE>{text}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>"
    )


def reference(name: str, to: str, text: str) -> str:
    return (
        f'<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="{name}" ANNOTATION_REF="{to}">'
        f"<ANNOTATION_VALUE>{text}</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>"
    )


def read(*tiers: str):
    xml = f'<?xml version="1.0"?><ANNOTATION_DOCUMENT DATE="2025-05-12"><TIME_ORDER>{TIMES}</TIME_ORDER>{"".join(tiers)}</ANNOTATION_DOCUMENT>'
    return read_elan(Sniffed("eaf", xml, xml.encode()), PATH)


def test_tiers_are_merged_by_time_with_the_participant_or_the_tier_as_speaker():
    reading = read(
        f'<TIER TIER_ID="A_spch" PARTICIPANT="Informan">{annotation("a1", 2, 4, "Sejak")}{annotation("a2", 4, 5, "2021 &amp; lancar")}</TIER>',
        f'<TIER TIER_ID="Peneliti">{annotation("b1", 0, 2, "Sejak kapan?")}{annotation("b2", 6, 7, "Oh")}</TIER>',
    )
    assert [(i.speaker, i.text, i.start_s, i.end_s) for i in reading.items] == [
        ("Peneliti", "Sejak kapan?", 0.0, 2.0),
        ("Informan", "Sejak 2021 & lancar", 2.0, 5.0),
        ("Peneliti", "Oh", 6.0, 7.0),
    ]
    assert reading.warnings == [] and reading.metadata["date"] == "2025-05-12"


def test_a_tier_that_translates_another_is_left_out_with_a_warning():
    spoken = f'<TIER TIER_ID="inf" PARTICIPANT="Informan">{annotation("a1", 0, 1, "Selamat pagi")}</TIER>'
    reading = read(
        spoken,
        f'<TIER TIER_ID="ft" PARENT_REF="inf" PARTICIPANT="Informan">{reference("r1", "a1", "Good morning")}</TIER>',
        f'<TIER TIER_ID="terjemahan" PARTICIPANT="Informan">{annotation("c1", 0, 1, "Morning")}</TIER>',
    )
    assert [item.text for item in reading.items] == ["Selamat pagi"]
    assert "tier ft" in reading.warnings[0] and "tier terjemahan" in reading.warnings[1]


def test_a_reference_tier_under_an_empty_parent_is_speech():
    reading = read(
        f'<TIER TIER_ID="waktu">{annotation("a1", 3, 5, "")}</TIER>',
        f'<TIER TIER_ID="ujaran" PARENT_REF="waktu" PARTICIPANT="Informan">{reference("r1", "a1", "Ya, pakai")}</TIER>',
    )
    assert [(i.speaker, i.text, i.start_s) for i in reading.items] == [("Informan", "Ya, pakai", 3.0)]


def test_references_in_a_circle_do_not_hang():
    reading = read(f'<TIER TIER_ID="x">{reference("r1", "r2", "ya")}{reference("r2", "r1", "lagi")}</TIER>')
    assert [item.text for item in reading.items] == ["ya lagi"]
    assert "no time" in reading.warnings[0]


def test_an_elan_file_without_text_is_refused():
    with pytest.raises(TranscriptError, match="no tier holds text"):
        read('<TIER TIER_ID="x"></TIER>')
