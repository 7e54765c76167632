"""Codebooks as REFI-QDA files: nothing of ours is lost, what other programs write is understood."""

import re
import uuid
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jmo_nlp.codebook import builtin_codebooks, load_codebook, save_codebook
from jmo_nlp.codebook.qda_codes_write import nodes_of
from jmo_nlp.codebook.qdc_file import read_qdc, write_qdc
from jmo_nlp.errors import CodebookError
from jmo_nlp.records import Code, Codebook, Group

NAMESPACE = "{urn:QDA-XML:codebook:1.0}"


@pytest.mark.parametrize("name", builtin_codebooks())
def test_a_built_in_codebook_comes_back_whole(tmp_path: Path, name: str) -> None:
    book = load_codebook(name)
    save_codebook(book, tmp_path / "buku.qdc")
    assert load_codebook(tmp_path / "buku.qdc") == book
    assert write_qdc(book) == write_qdc(book)


def without_instruction(data: bytes) -> bytes:
    return re.sub(rb"<\?jmo-nlp .*?\?>", b"", data, flags=re.DOTALL)


@pytest.mark.parametrize("name", builtin_codebooks())
def test_what_another_program_passes_on_still_says_every_field(name: str) -> None:
    book = load_codebook(name)
    found = read_qdc(without_instruction(write_qdc(book)), "dari-nvivo.qdc")
    assert found.groups == book.groups and found.codes == book.codes
    assert found.id == "dari_nvivo"


WORDS = st.text(st.characters(categories=["L", "N", "P", "Zs"], include_characters="\n\t<>&\"'"), max_size=30)
IDS = st.from_regex(r"[a-z]{1,4}(_[a-z0-9]{1,3})?", fullmatch=True)


@st.composite
def codebooks(draw: st.DrawFn) -> Codebook:
    ids = draw(st.lists(IDS, min_size=2, max_size=7, unique=True))
    split = draw(st.integers(0, min(2, len(ids) - 1)))
    groups = tuple(Group(own, draw(WORDS.filter(str.strip)), draw(WORDS)) for own in ids[:split])
    codes: list[Code] = []
    for own in ids[split:]:
        texts = st.lists(WORDS, max_size=2).map(tuple)
        codes.append(
            Code(
                own,
                draw(WORDS.filter(str.strip)),
                draw(WORDS),
                draw(st.sampled_from(["", *(group.id for group in groups)])),
                draw(st.sampled_from([None, *(code.id for code in codes)])),
                draw(WORDS),
                draw(texts),
                draw(texts),
                draw(texts),
                draw(texts),
                draw(texts),
            )
        )
    return Codebook("uji", "2", draw(st.sampled_from(["id", "en"])), groups, tuple(codes), "Uji")


@settings(max_examples=80, deadline=None)
@given(codebooks())
def test_any_codebook_comes_back_whole(book: Codebook) -> None:
    data = write_qdc(book)
    assert read_qdc(data, "uji.qdc") == book
    names = [node.get("name") for node in ElementTree.fromstring(data).iter(f"{NAMESPACE}Code")]
    assert len({name.casefold() for name in names if name}) == len(names)  # programs tell codes by their names


def test_a_change_made_elsewhere_counts_and_the_rest_stays() -> None:
    book = load_codebook("jmo")
    data = write_qdc(book).decode()
    renamed = data.replace('name="Kejelasan tujuan"', 'name="Tujuan yang jelas"')
    added = renamed.replace(
        "</Codes>", '<Code guid="{0A0B0C0D-1111-2222-3333-444455556666}" name="Kode baru" isCodable="true"/></Codes>'
    )
    found = read_qdc(added.encode(), "buku.qdc")
    assert found["kejelasan_tujuan"].name == "Tujuan yang jelas"
    assert found["kejelasan_tujuan"].examples == book["kejelasan_tujuan"].examples
    assert found.ids() == (*book.ids(), "kode_baru") and found.groups == book.groups


def test_headings_nested_codes_and_sets_of_other_programs(tmp_path: Path) -> None:
    path = tmp_path / "atlas.qdc"
    path.write_text(
        """<?xml version="1.0" encoding="utf-8"?>
        <CodeBook xmlns="urn:QDA-XML:codebook:0:4" origin="ATLAS.ti Win 9">
        <Codes>
          <Code guid="2CE89C66-C28D-473B-B5C4-6CF87D20EF04" name="Sinyal di kebun" isCodable="true"/>
          <Code guid="1B123EC4-7A16-4189-BAB2-74D37FC18BE8" name="Kendala" isCodable="false">
            <Code guid="6305160D-88CA-48AD-AAAF-07397BA748E8" name="Menu ribet" isCodable="true">
              <Description>Menu sulit diikuti.&#10;Contoh:&#10;- Bingung saya.</Description>
              <Code guid="FFD939DA-B5DC-4611-A9F8-366495EB0AE2" name="Menu ribet" isCodable="true"/>
            </Code>
          </Code>
        </Codes>
        <Sets><Set name="Prasarana" guid="D79FC877-F071-4117-8D25-235AA1062A44">
          <MemberCode guid="2CE89C66-C28D-473B-B5C4-6CF87D20EF04"/></Set></Sets>
        </CodeBook>""",
        encoding="utf-8",
    )
    book = load_codebook(path)
    assert [(code.id, code.group, code.parent) for code in book.codes] == [
        ("sinyal_di_kebun", "prasarana", None),
        ("menu_ribet", "kendala", None),
        ("menu_ribet_2", "kendala", "menu_ribet"),
    ]
    assert book["menu_ribet"].definition == "Menu sulit diikuti." and book["menu_ribet"].examples == ("Bingung saya.",)


def test_guids_are_the_same_in_every_study_and_no_two_alike() -> None:
    book = load_codebook("jmo")
    guids = re.findall(r'guid="([^"]+)"', write_qdc(book).decode())
    assert len(set(guids)) == len(guids) == len(book.codes) + len(book.groups)
    assert all(uuid.UUID(guid).version == 5 for guid in guids)


def test_deep_nesting_is_read_without_recursion() -> None:
    codes = tuple(Code(f"k{n}", f"K{n}", parent=f"k{n - 1}" if n else None) for n in range(1500))
    book = Codebook("dalam", "1", "id", (), codes)
    assert len(nodes_of(book, lambda kind, key: f"{kind} {key}", {})) == 1500
    assert read_qdc(without_instruction(write_qdc(book)), "dalam.qdc").codes == codes


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("<Project xmlns='urn:QDA-XML:project:1.0' name='p'/>", "is no REFI-QDA codebook but <Project>"),
        ("<CodeBook xmlns='urn:QDA-XML:codebook:1.0'><Codes/></CodeBook>", "holds no codes"),
        (
            "<CodeBook xmlns='urn:QDA-XML:codebook:1.0'><Codes><Code guid='1' name='a' isCodable='false'/></Codes>"
            "</CodeBook>",
            "holds headings but no codes",
        ),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><CodeBook><Codes/></CodeBook>", "declares entities"),
        ("<CodeBook><Codes>", "broken or cut off"),
        ("<?jmo-nlp {nonsense ?><CodeBook><Codes><Code guid='1' name='a'/></Codes></CodeBook>", "is damaged"),
    ],
)
def test_what_is_no_codebook_is_refused_in_one_line(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "buku.qdc"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CodebookError, match=re.escape(reason)) as caught:
        load_codebook(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)
