import json
from pathlib import Path

import pytest

from jmo_nlp.errors import TranscriptError
from jmo_nlp.transcripts.sniff import Sniffed
from jmo_nlp.transcripts.speech_recognition import read_labels, read_otranscribe, read_recognised

PATH = Path("rekaman.json")


def recognised(value):
    return read_recognised(Sniffed("json", json.dumps(value), b"", parsed=value), PATH)


def spoken(reading):
    return [(item.speaker, item.text) for item in reading.items]


def segment(start, text, **more):
    return {"start": start, "end": start + 2.0, "text": f" {text}", **more}


def test_whisper_segments_become_utterances_with_times():
    reading = recognised(
        {
            "text": "…",
            "language": "id",
            "segments": [segment(0, "Sejak kapan memakai"), segment(2, "JMO?"), segment(5, "Sejak 2021.")],
        }
    )
    assert [(i.role, i.text, i.start_s, i.end_s) for i in reading.items] == [
        ("interviewer", "Sejak kapan memakai JMO?", 0.0, 4.0),
        ("informant", "Sejak 2021.", 5.0, 7.0),
    ]
    assert reading.metadata == {"language": "id"}


def test_whisperx_speakers_missing_ones_from_words_else_from_before():
    reading = recognised(
        {
            "segments": [
                segment(0, "Sejak kapan?", speaker="SPEAKER_01"),
                segment(
                    2,
                    "sejak dua ribu",
                    words=[
                        {"word": "sejak", "speaker": "SPEAKER_01"},
                        {"word": "dua", "speaker": "SPEAKER_00"},
                        {"word": "ribu", "speaker": "SPEAKER_00"},
                    ],
                ),
                segment(4, "dua satu", words=[{"word": "dua"}]),
            ]
        }
    )
    assert spoken(reading) == [("SPEAKER_01", "Sejak kapan?"), ("SPEAKER_00", "sejak dua ribu dua satu")]
    assert any("segments 2 " in w and "most words" in w for w in reading.warnings)
    assert any("segments 3 " in w and "assumed" in w for w in reading.warnings)


def test_whisper_cpp_offsets_are_milliseconds():
    reading = recognised({"transcription": [{"offsets": {"from": 1500, "to": 2500}, "text": " Ya."}]})
    assert (reading.items[0].text, reading.items[0].start_s, reading.items[0].end_s) == ("Ya.", 1.5, 2.5)


def test_utterances_in_whole_milliseconds_are_recognised_as_such():
    reading = recognised({"utterances": [{"speaker": "A", "text": "Sejak kapan?", "start": 9000, "end": 17000}]})
    assert (reading.items[0].speaker, reading.items[0].start_s) == ("A", 9.0)


def test_chunks_with_stamps_and_lists_of_turns():
    assert recognised({"text": "ya", "chunks": [{"timestamp": [0.0, None], "text": " Ya."}]}).items[0].start_s == 0.0
    assert spoken(recognised([{"speaker": "P", "text": "Apa?"}, {"speaker": "I", "text": "Ya"}])) == [
        ("P", "Apa?"),
        ("I", "Ya"),
    ]


def test_loops_are_left_out_with_a_warning_across_and_within_segments():
    reading = recognised(
        {
            "segments": [
                segment(0, "Terima kasih sudah menonton video ini", speaker="S"),
                segment(2, "Terima kasih sudah menonton video ini", speaker="S"),
                segment(4, "ya ya ya", speaker="S"),
                segment(6, "jadi " + "begitu saja ya " * 6 + "selesai", speaker="S"),
            ]
        }
    )
    assert spoken(reading) == [("S", "Terima kasih sudah menonton video ini ya ya ya jadi begitu saja ya selesai")]
    assert "segment 2" in reading.warnings[0] and "15 repeated words" in reading.warnings[1]


def test_segments_the_recogniser_doubts_are_kept_and_told():
    reading = recognised({"segments": [segment(0, "Apa? Ya", avg_logprob=-1.5, no_speech_prob=0.9)]})
    assert [item.text for item in reading.items] == ["Apa?", "Ya"]
    assert any("doubts segments 1" in w for w in reading.warnings)


@pytest.mark.parametrize("value", [{"a": 1}, [1, 2], {"segments": []}, {"segments": [{"text": " "}]}])
def test_json_without_speech_is_refused(value):
    with pytest.raises(TranscriptError, match=r"rekaman\.json"):
        recognised(value)


def test_whisper_tsv_is_in_milliseconds_and_audacity_in_seconds():
    for text in (
        "start\tend\ttext\n0\t1500\tP: Apa?\n1500\t2000\tI: Ya\nlanjut\n",
        "0\t1.5\tP: Apa?\n1.5\t2\tI: Ya\nlanjut\n",
    ):
        reading = read_labels(Sniffed("labels", text, b""), PATH)
        assert [(i.speaker, i.text, i.end_s) for i in reading.items] == [("P", "Apa?", 1.5), ("I", "Ya lanjut", 2.0)]
        assert "no times" in reading.warnings[0]


def test_otranscribe_paragraphs_stamps_and_labels():
    html = (
        '<p><span class="timestamp" data-timestamp="3.5">00:03</span> <b>Peneliti</b>: Umur &lt; 20?<br>Atau lebih?</p>'
        "<p>Informan: Ya,&nbsp;lebih.</p>"
    )
    reading = read_otranscribe(Sniffed("otr", "", b"", parsed={"text": html, "media": "rek.mp3"}), PATH)
    assert spoken(reading) == [("Peneliti", "Umur < 20? Atau lebih?"), ("Informan", "Ya, lebih.")]
    assert reading.items[0].start_s == 3.5
    assert reading.metadata == {"media": "rek.mp3"}
