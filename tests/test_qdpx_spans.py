"""Spans out of REFI-QDA projects: whose they are, where they lie however a program counts, what is left out and said."""

import warnings
import zipfile
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jmo_nlp import comparing
from jmo_nlp.agreement.unitizing import alpha_unitizing
from jmo_nlp.errors import AgreementWarning, TableError
from jmo_nlp.exchange.qdpx_positions import READINGS, Reading, Selected, best_reading, place, stored_text
from jmo_nlp.exchange.qdpx_spans import read_qdpx_spans

ANSWER = (
    "Peneliti: Apa kendalanya?\nInforman: Sinyalnya hilang 😀 timbul di kebun.\nInforman: HRD membantu kami daftar."
)
USERS = {"00000000-0000-0000-0000-00000000000A": "Penyandi A", "00000000-0000-0000-0000-00000000000B": "Penyandi B"}
A, B = USERS
CODES = {"10000000-0000-0000-0000-000000000001": "kendala", "10000000-0000-0000-0000-000000000002": "pendukung"}
KENDALA, PENDUKUNG = CODES


def selection(start: int, end: int, *codings: tuple[str, str], name: str | None = None, more: str = "") -> str:
    called = "" if name is None else f" name={quoteattr(name)}"
    inside = "".join(f'<Coding creatingUser="{user}"><CodeRef targetGUID="{code}"/></Coding>' for user, code in codings)
    return (
        f'<PlainTextSelection startPosition="{start}" endPosition="{end}"{called}>{inside}{more}</PlainTextSelection>'
    )


def source(*selections: str, name: str = "pekerja-1", path: str = "internal://T1.txt", more: str = "") -> str:
    return f'<TextSource guid="t" name="{name}" plainTextPath="{path}">{more}{"".join(selections)}</TextSource>'


def project(path: Path, *sources: str, texts: dict[str, bytes] | None = None, codes: str | None = None) -> Path:
    users = "".join(f'<User guid="{guid}" name="{name}"/>' for guid, name in USERS.items())
    listed = codes or "".join(f'<Code guid="{guid}" name="{name}" isCodable="true"/>' for guid, name in CODES.items())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "project.qde",
            f'<Project xmlns="urn:QDA-XML:project:1.0" name="p"><Users>{users}</Users><CodeBook><Codes>{listed}</Codes>'
            f"</CodeBook><Sources>{''.join(sources)}</Sources></Project>",
        )
        for name, data in ({"Sources/t1.txt": ANSWER.encode()} if texts is None else texts).items():
            archive.writestr(name, data)
    return path


def at(words: str, text: str = ANSWER) -> tuple[int, int]:
    start = text.index(words)
    return start, start + len(words)


def test_users_are_the_coders_and_emoji_count_once(tmp_path: Path) -> None:
    signal, help_ = at("hilang 😀 timbul"), at("HRD membantu")
    path = project(
        tmp_path / "dua.qdpx",
        source(
            selection(*signal, (A, KENDALA), (B, KENDALA), name="hilang 😀 timbul"),
            selection(*help_, (A, PENDUKUNG), name="HRD membantu"),
        ),
    )
    continua, notes = read_qdpx_spans(path)
    part = continua["pekerja-1"]
    assert notes == () and part.length == len(ANSWER)
    spans = dict(zip(part.coders, part.spans, strict=True))
    assert spans == {"Penyandi A": ((*signal, "kendala"), (*help_, "pendukung")), "Penyandi B": ((*signal, "kendala"),)}


def test_agree_gives_the_alphas_pooled_and_by_transcript(tmp_path: Path) -> None:
    signal, help_ = at("hilang 😀 timbul"), at("HRD membantu")
    path = project(
        tmp_path / "dua.QDPX",
        source(selection(*signal, (A, KENDALA), (B, KENDALA)), selection(*help_, (B, PENDUKUNG))),
        source(selection(*signal, (A, KENDALA)), selection(*help_, (B, KENDALA)), name="hrd-1"),
    )
    report = comparing.agree(path)
    assert report.spans is not None and report.spans.transcripts == 2
    figures = {figure.name: figure for figure in report.spans.figures}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AgreementWarning)
        first = alpha_unitizing(
            {"A": [(*signal, "kendala")], "B": [(*signal, "kendala"), (*help_, "pendukung")]}, length=len(ANSWER)
        )
        second = alpha_unitizing({"A": [(*signal, "kendala")], "B": [(*help_, "kendala")]}, length=len(ANSWER))
    for name in ("u_alpha_nominal", "u_alpha_binary", "cu_alpha_nominal"):
        assert figures[f"{name}@pekerja-1"].value == pytest.approx(getattr(first, name), nan_ok=True)
        assert figures[f"{name}@hrd-1"].value == pytest.approx(getattr(second, name), nan_ok=True)
    low, high = sorted((first.u_alpha_binary, second.u_alpha_binary))
    assert low < figures["u_alpha_binary"].value < high


def counted(text: str, reading: Reading) -> list[int]:
    """Where each character of a text with plain line ends starts, as a program of this kind writes it."""
    starts = [int(reading.mark)]
    for character in text:
        wide = (character == "\n" and reading.line_end == 2) or (character > "\uffff" and reading.utf16)
        starts.append(starts[-1] + 1 + wide)
    return starts


@settings(max_examples=60, deadline=None)
@given(
    st.text("ab \n😀é", min_size=12, max_size=60),
    st.sampled_from([reading for reading in READINGS if reading.line_end]),
    st.sampled_from(["\n", "\r\n"]),
    st.data(),
)
def test_however_a_program_counts_the_names_tell_it(
    text: str, reading: Reading, stored: str, data: st.DataObject
) -> None:
    starts = counted(text, reading)
    bounds = st.tuples(st.integers(0, len(text) - 1), st.integers(1, len(text))).filter(lambda pair: pair[0] < pair[1])
    pairs = data.draw(st.lists(bounds, min_size=1, max_size=5))
    selections = [Selected(starts[start], starts[end], text[start:end]) for start, end in pairs]
    kept = stored_text(text.replace("\n", stored).encode())
    assert kept.text == text
    assert place(kept, selections, reading) == pairs
    found, _fit = best_reading(kept, selections)
    for selected, here in zip(selections, place(kept, selections, found), strict=True):
        if selected.name.strip():  # a blank tells nothing
            assert here is not None and text[slice(*here)] == selected.name


@pytest.mark.parametrize(
    ("data", "reading"),
    [
        (ANSWER.replace("\n", "\r\n").encode(), Reading(line_end=1)),  # stored as two, counted as one
        (ANSWER.replace("\n", "\r\n").encode(), Reading(line_end=2)),
        (ANSWER.encode("utf-8-sig"), Reading(line_end=1, mark=True)),
        (ANSWER.encode("utf-8-sig"), Reading(line_end=1)),
        (ANSWER.encode("utf-16"), Reading(line_end=1, utf16=True)),
        (ANSWER.encode(), Reading(line_end=2, utf16=True)),
    ],
)
def test_a_transcript_without_names_is_read_as_the_others_are(tmp_path: Path, data: bytes, reading: Reading) -> None:
    starts = counted(ANSWER, reading)
    words = "HRD membantu"
    start, end = (starts[index] for index in at(words))
    path = project(
        tmp_path / "cara.qdpx",
        source(selection(start, end, (A, KENDALA), (B, KENDALA), name=words)),
        source(selection(start, end, (A, KENDALA), (B, KENDALA)), name="tanpa-nama"),
        texts={"sources/T1.txt": data},
    )
    continua, notes = read_qdpx_spans(path)
    assert notes == ()
    for part in continua.values():
        assert part.spans == (((*at(words), "kendala"),),) * 2


def test_what_is_left_out_is_said_with_counts(tmp_path: Path) -> None:
    signal, help_ = at("hilang"), at("HRD membantu")
    strange = "99999999-0000-0000-0000-000000000009"
    path = project(
        tmp_path / "cacat.qdpx",
        source(
            selection(*signal, (A, KENDALA), (B, KENDALA), name="hilang"),
            selection(*help_, (A, PENDUKUNG), name="baris 3"),
            selection(help_[0] + 4, help_[1] + 3, (A, PENDUKUNG)),
            selection(5000, 5010, (A, KENDALA)),
            selection(40, 40, (B, KENDALA)),
            selection(3, 9, (A, strange)),
            selection(3, 9, ("", KENDALA)),
            more=f'<Coding creatingUser="{A}"><CodeRef targetGUID="{KENDALA}"/></Coding>',
        ).replace('endPosition="40"', 'endPosition="empat"'),
    )
    continua, notes = read_qdpx_spans(path)
    first = dict(zip(continua["pekerja-1"].coders, continua["pekerja-1"].spans, strict=True))["Penyandi A"]
    assert first == ((*signal, "kendala"), (help_[0], help_[1] + 3, "pendukung"))
    said = "\n".join(notes)
    assert "2 selections have no place in their text and are left out: pekerja-1 5000-5010, pekerja-1 40-empat." in said
    assert "1 codings say not who" in said and "1 codings are of no code" in said
    assert "1 codings of whole sources" in said and "1 spans overlap" in said
    assert "1 selections are not named by their text (pekerja-1)" in said


def test_a_user_of_the_selection_stands_in_and_same_names_stay_apart(tmp_path: Path) -> None:
    codes = (
        f'<Code guid="a" name="wilayah"><Code guid="{KENDALA}" name="sinyal"/></Code>'
        f'<Code guid="b" name="alat"><Code guid="{{{PENDUKUNG}}}" name="sinyal"/></Code>'
    )
    own = selection(0, 8, ("", KENDALA)).replace("startPosition", f'creatingUser="{A.lower()}" startPosition')
    path = project(
        tmp_path / "sama.qdpx",
        source(own, selection(0, 8, (B, PENDUKUNG))),
        source(selection(0, 8, (A, KENDALA), (B, KENDALA)), more=f"<PlainTextContent>{ANSWER}</PlainTextContent>"),
        codes=codes,
    )
    continua, _notes = read_qdpx_spans(path)
    assert list(continua) == ["pekerja-1", "pekerja-1 (2)"]
    part = continua["pekerja-1"]
    assert dict(zip(part.coders, part.spans, strict=True)) == {
        "Penyandi A": ((0, 8, "wilayah / sinyal"),),
        "Penyandi B": ((0, 8, "alat / sinyal"),),
    }


def test_text_outside_of_the_project_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "T1.txt").write_text(ANSWER, encoding="utf-8")
    path = project(
        tmp_path / "luar.qdpx",
        source(selection(10, 20, (A, KENDALA), (B, KENDALA)), path=f"absolute:///{tmp_path}/T1.txt"),
    )
    continua, notes = read_qdpx_spans(path)
    assert continua["pekerja-1"].length == 20
    assert any("does not hold the plain text of pekerja-1" in note for note in notes)


def test_agreement_needs_two_coders(tmp_path: Path, shared_data: Path) -> None:
    alone = project(tmp_path / "satu.qdpx", source(selection(0, 8, (A, KENDALA))))
    with pytest.raises(TableError, match="only Penyandi A coded text in it, and agreement needs two coders"):
        comparing.agree(alone)
    with pytest.raises(TableError, match="only cp coded text in it, and agreement needs two coders"):
        comparing.agree(shared_data / "refi" / "demo.qdpx")
    with pytest.raises(TableError, match="holds no coded selections of text"):
        comparing.agree(shared_data / "refi" / "atlas_small.qdpx")


def test_coders_can_be_chosen(tmp_path: Path) -> None:
    path = project(tmp_path / "dua.qdpx", source(selection(0, 8, (A, KENDALA), (B, KENDALA))))
    assert comparing.agree(path, coders=["Penyandi A", "Penyandi B"]).spans is not None
    with pytest.raises(TableError, match="Penyandi C coded no text in it; these did: Penyandi A, Penyandi B"):
        read_qdpx_spans(path, coders=["Penyandi A", "Penyandi C"])


def test_the_made_up_second_coder_of_a_real_project_agrees_with_the_first(tmp_path: Path, shared_data: Path) -> None:
    """Every other coding of a real project is given to a second user, at the same places too."""
    with zipfile.ZipFile(shared_data / "refi" / "demo.qdpx") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    qde = members["project.qde"].decode()
    user = qde.split('<User name="cp" guid="')[1].split('"')[0]
    qde = qde.replace("<Users>", f'<Users><User name="kedua" guid="{A}"/>')
    first, coding, rest = qde.partition("<PlainTextSelection")
    copied = (coding + rest).split("</PlainTextSelection>")
    doubled = "</PlainTextSelection>".join(
        [part for piece in copied[:-1] for part in (piece, piece[piece.find("<Plain") :].replace(user, A))]
        + copied[-1:]
    )
    path = tmp_path / "ganda.qdpx"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in (members | {"project.qde": (first + doubled).encode()}).items():
            archive.writestr(name, data)
    continua, notes = read_qdpx_spans(path)
    part = continua["board_2017"]
    assert part.coders == ("cp", "kedua") and part.spans[0] == part.spans[1] and part.spans[0]
    assert part.length == len(members["sources/board_2017.txt"].decode())
    assert any("are not named by their text" in note for note in notes)


def test_what_is_no_project_is_refused_in_one_line(tmp_path: Path) -> None:
    def written(name: str, members: dict[str, bytes]) -> Path:
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, data in members.items():
                archive.writestr(member, data)
        return tmp_path / name

    (tmp_path / "bukan.qdpx").write_bytes(b"bukan zip")
    bad = {
        "damaged": tmp_path / "bukan.qdpx",
        "holds one file .qde, this has 0": written("kosong.qdpx", {"a.txt": b"x"}),
        "holds one file .qde, this has 2": written("dua.qdpx", {"a.qde": b"<Project/>", "b.qde": b"<Project/>"}),
        "but <CodeBook>": written("kode.qdpx", {"a.qde": b'<CodeBook xmlns="urn:QDA-XML:codebook:1.0"/>'}),
        "leads outside": written("keluar.qdpx", {"../a.qde": b"<Project/>"}),
        "declares entities": written("entitas.qdpx", {"a.qde": b'<!DOCTYPE p [<!ENTITY a "b">]><Project/>'}),
        "zip bomb": written("bom.qdpx", {"a.qde": b"<Project/>", "sources/a.txt": b"0" * 20_000_000}),
        "broken or cut off": written("putus.qdpx", {"a.qde": b"<Project><Users>"}),
        "more than any interview": project(
            tmp_path / "panjang.qdpx",
            source(selection(0, 8, (A, KENDALA), (B, KENDALA))),
            texts={"sources/T1.txt": b"ya " * 400_000},
        ),
        "no coded selections": written("sepi.qdpx", {"a.qde": b"<Project/>"}),
    }
    for reason, path in bad.items():
        with pytest.raises(TableError, match=reason) as refused:
            read_qdpx_spans(path)
        assert str(path) in str(refused.value) and "\n" not in str(refused.value)
