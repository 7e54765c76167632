"""The review page as a program talks to it: who is let in, what is refused, what is stored before it is answered."""

import http.client
import re
import stat
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.acts import acting
from jmo_nlp.corpus.reviewing import around, place_of
from jmo_nlp.corpus.samples import add_sample
from jmo_nlp.corpus.searching import folded
from jmo_nlp.errors import CorpusError
from jmo_nlp.records import CodedSegment, Decision, Evidence, Sample, SampledSegment, Suggestion
from jmo_nlp.review.conversation import conversation, marked_words
from jmo_nlp.review.passwords import Attempts, passwords_from, read_passwords, set_passwords
from jmo_nlp.review.security import MAX_BODY, coder_of, secret_of, signed
from jmo_nlp.review.serving import prepare, shared_hosts

ONE, THREE, FOUR = "pekerja-1:0001", "pekerja-1:0003", "pekerja-1:0004"


class Visitor:
    """A browser of the plainest kind: keeps its cookies, says where it comes from."""

    def __init__(self, address: str) -> None:
        self.parts = urlsplit(address)
        self.host = self.parts.netloc
        self.cookies: dict[str, str] = {}
        if self.parts.query:
            self.get(f"{self.parts.path}?{self.parts.query}")

    def ask(self, method: str, path: str, body: str | bytes = "", **headers: str) -> tuple[int, dict[str, str], str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.parts.port, timeout=20)
        sent = {"Host": self.host, "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if method == "POST":
            sent |= {"Origin": f"http://{self.host}", "Content-Type": "application/x-www-form-urlencoded"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {name: value for name, value in sent.items() if value})
        answer = connection.getresponse()
        text = answer.read().decode()
        for line in answer.headers.get_all("set-cookie") or []:
            name, _equals, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, text

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
        return self.ask("GET", path, **headers)

    def do(self, path: str, **fields: str) -> tuple[int, dict[str, str], str]:
        return self.ask("POST", path, urlencode(fields), hx_request="true")


def codes(study: Path, coder: str = "Ani") -> dict[str, tuple[set[str], bool | None]]:
    with Corpus(study) as corpus:
        return {c.segment: (set(c.codes), c.blind) for c in corpus.codings([coder])} if coder in corpus.coders() else {}


# who is let in


def test_without_a_session_nothing_is_shown(review_study: Path, serve_study: Callable[..., str]) -> None:
    address = serve_study(review_study, "Ani")
    stranger = Visitor(address.partition("enter")[0])
    for path in ("/", "/code", "/search?q=saldo", "/transcripts", "/learning", f"/why?segment={ONE}&code=kendala"):
        status, _headers, text = stranger.get(path)
        assert status == 403 and "saldo" not in text and "pekerja-1" not in text, path
    assert stranger.do("/decide", segment=ONE, code="kendala", value="accept")[0] == 403
    assert stranger.get("/enter?token=tebak")[0] == 403
    assert codes(review_study) == {}


def test_the_token_gives_a_strict_cookie(review_study: Path, serve_study: Callable[..., str]) -> None:
    address = urlsplit(serve_study(review_study, "Ani"))
    status, headers, _text = Visitor(f"http://{address.netloc}").get(f"{address.path}?{address.query}")
    assert (status, headers["location"]) == (303, "/")
    assert "httponly" in headers["set-cookie"].lower() and "samesite=strict" in headers["set-cookie"].lower()
    assert address.query.partition("=")[2] not in headers["set-cookie"]


def test_the_token_given_to_the_browser_opens_once(review_study: Path, serve_study: Callable[..., str]) -> None:
    address = serve_study(review_study, "Ani")
    serve_study.site.once = "sekali-saja"
    stranger = Visitor(address.partition("enter")[0])
    assert stranger.get("/enter?token=sekali-saja")[0] == 303
    assert Visitor(address.partition("enter")[0]).get("/enter?token=sekali-saja")[0] == 403
    assert Visitor(address).get("/")[0] == 200


def test_progress_counts_on_rightly(review_study: Path, serve_study: Callable[..., str]) -> None:
    ani, budi = Visitor(serve_study(review_study, "Ani")), Visitor(serve_study(review_study, "Budi"))

    def reviewed(visitor: Visitor) -> str:
        return re.search(r"<span>(\d+ reviewed · \d+ left)", visitor.get("/")[2]).group(1)

    total = int(reviewed(ani).split()[3])
    for segment in (ONE, ONE, THREE):
        ani.do("/finish", segment=segment, how="none")
    budi.do("/finish", segment=ONE, how="none")
    assert (reviewed(ani), reviewed(budi)) == (f"2 reviewed · {total - 2} left", f"1 reviewed · {total - 1} left")
    ani.do("/undo", segment=THREE)
    assert reviewed(ani) == f"1 reviewed · {total - 1} left"
    ani.do("/merge", segment=ONE)
    assert reviewed(ani) == f"0 reviewed · {total - 1} left"


def test_a_forged_or_outdated_session_is_none(review_study: Path) -> None:
    secret = secret_of(review_study)
    session = signed(secret, "Ani")
    assert coder_of(secret, session) == "Ani"
    assert secret_of(review_study) == secret, "an open page goes on after a restart"
    assert stat.S_IMODE((review_study / ".review-secret").stat().st_mode) == 0o600
    body, _dot, signature = session.partition(".")
    for forged in ("", ".", "x.y", session[:-1], body, f"{body}x.{signature}", signed(b"x" * 32, "Ani")):
        assert coder_of(secret, forged) is None
    assert coder_of(secret, signed(secret, "Ani", seconds=-1)) is None


@pytest.mark.parametrize("host", ["jahat.example", "127.0.0.1", "localhost:1", "", "127.0.0.1.jahat.example:{port}"])
def test_other_host_names_are_refused(review_study: Path, serve_study: Callable[..., str], host: str) -> None:
    ani = Visitor(serve_study(review_study, "Ani"))
    status, _headers, text = ani.get("/", Host=host.replace("{port}", str(ani.parts.port)) or " ")
    assert status in (400, 421) and "saldo" not in text


@pytest.mark.parametrize(
    "origin", ["http://jahat.example", "null", "https://127.0.0.1:{port}", "http://localhost:{port}", None]
)
def test_requests_from_other_pages_are_refused(
    review_study: Path, serve_study: Callable[..., str], origin: str | None
) -> None:
    ani = Visitor(serve_study(review_study, "Ani"))
    given = (origin or "").replace("{port}", str(ani.parts.port))
    fields = urlencode({"segment": ONE, "code": "kendala", "value": "accept"})
    assert ani.ask("POST", "/decide", fields, Origin=given)[0] == 403
    if origin is not None:
        assert ani.get("/", Origin=given)[0] == 403
    assert codes(review_study) == {}


def test_other_sites_are_refused_also_with_the_right_origin(
    review_study: Path, serve_study: Callable[..., str]
) -> None:
    ani = Visitor(serve_study(review_study, "Ani"))
    assert ani.ask("POST", "/unsure", f"segment={ONE}", Sec_Fetch_Site="cross-site")[0] == 403


def test_large_requests_are_refused(review_study: Path, serve_study: Callable[..., str]) -> None:
    ani = Visitor(serve_study(review_study, "Ani"))
    assert ani.do("/note", segment=ONE, text="x" * (MAX_BODY + 1))[0] == 413
    assert ani.do("/note", segment=ONE, text="x" * 20_000)[0] == 409
    assert ani.get("/search?q=" + "x" * 40_000)[0] in (200, 400, 414, 431)
    assert ani.do("/note", segment=ONE, text="masih hidup")[0] == 200


def test_every_answer_carries_the_content_policy(review_study: Path, serve_study: Callable[..., str]) -> None:
    ani = Visitor(serve_study(review_study, "Ani"))
    for path in (
        "/",
        "/code",
        "/search?q=saldo",
        "/transcripts",
        "/static/review.js",
        "/static/review.css",
        "/tidak-ada",
        "/learning",
    ):
        _status, headers, text = ani.get(path)
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        if "html" in headers["content-type"]:
            assert (
                not re.search(r"<script(?![^>]*\bsrc=\"/static/)", text)
                and " style=" not in text
                and "onclick" not in text
            )
            assert not re.search(r"(?:src|href)=\"(?:https?:)?//", text)


def test_methods_that_read_write_nothing(review_study: Path, serve_study: Callable[..., str]) -> None:
    ani = Visitor(serve_study(review_study, "Ani"))
    for path in ("/decide", "/finish", "/undo", "/merge", "/note"):
        assert ani.get(f"{path}?segment={ONE}&code=kendala&value=accept")[0] == 405
    assert codes(review_study) == {}


# what is decided


def test_a_decision_is_stored_with_what_was_shown(review_study: Path, serve_study: Callable[..., str]) -> None:
    ani = Visitor(serve_study(review_study, "Ani"))
    status, _headers, text = ani.do("/decide", segment=THREE, code="kendala", value="accept")
    assert status == 200 and "accepted" in text
    with Corpus(review_study) as corpus:
        (decision,), _reviews = corpus.history("Ani")
    assert (decision.applies, decision.model_shown, decision.probability_shown) == (True, "tangan@1", 0.93)


def test_finishing_rejects_what_was_left_and_goes_on(review_study: Path, serve_study: Callable[..., str]) -> None:
    ani = Visitor(serve_study(review_study, "Ani"))
    ani.do("/decide", segment=THREE, code="kendala", value="accept")
    _status, headers, _text = ani.do("/finish", segment=THREE, how="chosen")
    assert FOUR in headers["hx-push-url"].replace("%3A", ":")
    with Corpus(review_study) as corpus:
        decisions, ((review, known),) = corpus.history("Ani")
    assert {d.code: d.applies for d in decisions} == {"kendala": True, "sarana_prasarana": False}
    assert not review.blind and "pendukung" in known


def test_passing_by_a_reviewed_segment_is_no_second_review(review_study: Path, serve_study: Callable[..., str]) -> None:
    ani = Visitor(serve_study(review_study, "Ani"))
    for _time in range(3):
        ani.do("/finish", segment=THREE, how="suggested")
    ani.do("/finish", segment=THREE, how="chosen")
    with Corpus(review_study) as corpus:
        assert len(corpus.history("Ani")[1]) == 1
    ani.do("/finish", segment=THREE, how="none")
    with Corpus(review_study) as corpus:
        assert len(corpus.history("Ani")[1]) == 2


@pytest.mark.parametrize(("how", "expected"), [("suggested", {"kendala", "sarana_prasarana"}), ("none", set())])
def test_finishing_in_one_go(review_study: Path, serve_study: Callable[..., str], how: str, expected: set[str]) -> None:
    ani = Visitor(serve_study(review_study, "Ani"))
    ani.do("/decide", segment=THREE, code="kapasitas_sistem", value="accept")
    ani.do("/finish", segment=THREE, how=how)
    assert codes(review_study)[THREE] == (expected | ({"kapasitas_sistem"} if how == "suggested" else set()), False)


def test_the_same_act_twice_is_done_once(review_study: Path, serve_study: Callable[..., str]) -> None:
    ani = Visitor(serve_study(review_study, "Ani"))
    for _time in range(3):
        assert ani.do("/note", segment=ONE, text="satu kali", act="f" * 32)[0] == 200
    assert ani.get(f"/?segment={ONE}")[2].count("satu kali") == 1


def test_what_the_study_does_not_hold_is_refused_in_words(review_study: Path, serve_study: Callable[..., str]) -> None:
    ani = Visitor(serve_study(review_study, "Ani"))
    for path, fields in (
        ("/decide", {"segment": ONE, "code": "bukan_kode", "value": "accept"}),
        ("/decide", {"segment": ONE, "code": "kendala", "value": "mungkin"}),
        ("/decide", {"segment": "tidak-ada:0001", "code": "kendala", "value": "accept"}),
        ("/finish", {"segment": ONE, "how": "asal"}),
        ("/split", {"segment": ONE, "at": "-1"}),
        ("/bulk", {"segment": ONE, "least": "0", "count": "0"}),
        ("/learning/model", {"model": "model lain"}),
    ):
        status, _headers, text = ani.do(path, **fields)
        assert status == 409 and text.strip() and "<" not in text, (path, fields)
    assert ani.get("/?segment=tidak-ada")[0] == 409
    assert codes(review_study) == {}


def test_changing_a_blind_review_with_suggestions_in_view_makes_it_informed(
    review_study: Path, serve_study: Callable[..., str]
) -> None:
    with Corpus(review_study) as corpus:
        corpus.record("Ani", [], reviewed=[THREE], blind=True)
    ani = Visitor(serve_study(review_study, "Ani"))
    ani.do("/decide", segment=THREE, code="kendala", value="accept")
    assert codes(review_study)[THREE] == ({"kendala"}, False)
    ani.do("/undo", segment=THREE)
    assert codes(review_study)[THREE] == (set(), True)


# many at a time


def test_many_are_accepted_after_counting_and_undone_at_once(
    review_study: Path, serve_study: Callable[..., str]
) -> None:
    ani = Visitor(serve_study(review_study, "Ani"))
    _status, _headers, text = ani.get(f"/bulk?segment={ONE}&least=90&scope=all", hx_request="true")
    assert re.search(r"<strong>2</strong> suggestions, <strong>2</strong> segments", text)
    assert ani.do("/bulk", segment=ONE, least="90", scope="all", count="5")[0] == 409
    assert codes(review_study) == {}
    ani.do("/bulk", segment=ONE, least="90", scope="all", count="2")
    assert codes(review_study) == {ONE: ({"kejelasan_tujuan"}, None), THREE: ({"kendala"}, None)}
    page = ani.get(f"/?segment={THREE}")[2]
    assert "accepted with many, not reviewed" in page and "0 reviewed" in page
    with Corpus(review_study) as corpus:
        assert {d.origin for d in corpus.history("Ani")[0]} == {"bulk"}
    ani.do("/undo", segment=ONE)
    assert codes(review_study) == {}


def test_many_leave_alone_what_was_decided_or_reviewed(review_study: Path, serve_study: Callable[..., str]) -> None:
    ani = Visitor(serve_study(review_study, "Ani"))
    ani.do("/decide", segment=THREE, code="kendala", value="reject")
    ani.do("/finish", segment=ONE, how="none")
    assert "<strong>1</strong> suggestions" in ani.get(f"/bulk?segment={ONE}&least=1&scope=all")[2]
    ani.do("/bulk", segment=ONE, least="1", scope="all", count="1")
    assert codes(review_study)[THREE][0] == {"sarana_prasarana"} and codes(review_study)[ONE][0] == set()


# going on, finding


def place(answer: tuple[int, dict[str, str], str]) -> str:
    return re.search(r'data-segment="([^"]+)"', answer[2]).group(1)


def test_ways_through_the_study(review_study: Path, serve_study: Callable[..., str]) -> None:
    ani = Visitor(serve_study(review_study, "Ani"))
    go = "/go?" + urlencode({"segment": ONE})
    assert place(ani.get("/")) == ONE
    assert place(ani.get(f"{go}&way=uncertain", hx_request="true")) == THREE, "0.52 is nearest to a half"
    assert place(ani.get(f"{go}&way=code&code=kendala", hx_request="true")) == THREE
    assert place(ani.get(f"{go}&way=following", hx_request="true")) == "pekerja-1:0002"
    assert place(ani.get(f"{go}&way=previous", hx_request="true")) == ONE
    ani.do("/finish", segment=ONE, how="none")
    ani.do("/finish", segment="pekerja-1:0002", how="none")
    assert place(ani.get("/")) == THREE
    assert place(ani.get("/?in_kind=petugas")) == "pekerja-2:0001"
    assert place(ani.get("/?in_technique=observasi")) == "pekerja-2:0001"
    assert place(ani.get("/?in_coder=Ani")) == ONE
    assert place(ani.get("/?in_code=kendala")) == THREE
    assert "No segment fits" in ani.get("/?in_kind=tidak+ada")[2]


def test_uncertain_ones_come_in_order_of_uncertainty_and_each_once(
    review_study: Path, serve_study: Callable[..., str]
) -> None:
    with Corpus(review_study) as corpus:
        segments = corpus.segments()
        corpus.save_suggestions(
            CodedSegment(s, (Suggestion("kendala", 0.5 + 0.03 * n, True), Suggestion("pendukung", 0.9, True)), "lain@2")
            for n, s in enumerate(segments)
        )
    ani = Visitor(serve_study(review_study, "Ani"))
    here, seen = segments[-1].id, []
    ani.do("/learning/model", model="lain@2")
    first = place(ani.get(f"/go?way=uncertain&segment={segments[-1].id}", hx_request="true"))
    assert first == segments[0].id
    here = first
    for _step in range(len(segments)):
        seen.append(here)
        here = place(ani.get(f"/go?way=uncertain&segment={here}", hx_request="true"))
    assert seen == [s.id for s in segments] and here == seen[0]


def test_search_folds_case_and_accents(review_study: Path, serve_study: Callable[..., str]) -> None:
    ani = Visitor(serve_study(review_study, "Ani"))
    for query in ("SALDO", "sâldo jht", "  klaim   SALDO "):
        status, _headers, text = ani.get("/search?q=" + quote(query))
        assert status == 200 and "2 segments" in text, query
    assert "0 segments" in ani.get("/search?q=%25")[2]
    assert "1 segments" in ani.get("/search?q=saldo&in_kind=petugas")[2]


def test_a_view_of_one_code_shows_the_least_probable_first(review_study: Path, serve_study: Callable[..., str]) -> None:
    ani = Visitor(serve_study(review_study, "Ani"))
    for segment in (THREE, FOUR):
        ani.do("/decide", segment=segment, code="kendala", value="accept")
    text = ani.get("/code?code=kendala&who=Ani")[2]
    assert text.index(FOUR) < text.index(f"<bdi>{THREE}"), "the model gave FOUR no probability"
    assert "pekerja-1:0003" in ani.get("/code?code=sarana_prasarana&who=")[2]


def test_sealed_segments_show_nothing_of_others(review_study: Path, serve_study: Callable[..., str]) -> None:
    with Corpus(review_study) as corpus:
        with acting(corpus, "Budi", "decide", segment=THREE) as act:
            corpus.record("Budi", [Decision(THREE, "kendala", "Budi", True)], reviewed=[THREE], act=act.id)
        add_sample(
            corpus, Sample("buta", "blind", 1, coders=("Ani", "Budi")), [SampledSegment(THREE), SampledSegment(FOUR)]
        )
    ani = Visitor(serve_study(review_study, "Ani"))
    page = ani.get(f"/?segment={THREE}")[2]
    assert "<rect" not in page and "tangan@1" not in page and 'class="word"' not in page and "Coded blind" in page
    assert "Hambatan" not in ani.get(f"/why?segment={THREE}&code=kendala")[2]
    for path in ("/code?code=kendala&who=", "/code?code=kendala&who=Budi"):
        assert THREE not in ani.get(path)[2], path
    for path in ("/?in_code=kendala", "/?in_coder=Budi"):
        assert "No segment fits" in ani.get(path)[2], path
    assert "<strong>1</strong> suggestions" in ani.get(f"/bulk?segment={ONE}&least=1&scope=all")[2]
    assert place(ani.get(f"/go?segment={ONE}&way=uncertain", hx_request="true")) == "pekerja-1:0002"
    assert place(ani.get(f"/go?segment={ONE}&way=code&code=kendala", hx_request="true")) == ONE
    ani.do("/decide", segment=THREE, code="kendala", value="accept")
    ani.do("/finish", segment=THREE, how="chosen")
    assert codes(review_study)[THREE] == ({"kendala"}, True)
    with Corpus(review_study) as corpus:
        assert {(d.model_shown, d.probability_shown) for d in corpus.history("Ani")[0]} == {(None, None)}


@given(text=st.text(max_size=80), words=st.lists(st.text(max_size=8), max_size=4))
def test_marking_evidence_words_changes_no_letter(text: str, words: list[str]) -> None:
    said = [Suggestion("kendala", 0.9, True, Evidence(words=tuple((word.lower(), 1.0) for word in words)))]
    assert "".join(piece for piece, _codes in marked_words(text, said)) == text


@given(text=st.text(max_size=80))
def test_folding_is_done_once_and_for_all(text: str) -> None:
    once = folded(text)
    assert folded(once) == once
    assert once == folded(f"  {text}\n")


def test_a_conversation_shows_every_letter_once(review_study: Path) -> None:
    with Corpus(review_study) as corpus:
        place = place_of(corpus, THREE)
        shown = conversation(corpus, place, around(corpus, "Ani", place), [])
        transcript = corpus.transcript("pekerja-1")
    spoken = [transcript.text_of(turn) for turn in transcript.turns]
    assert ["".join(piece.text for piece in said.pieces) for said in shown] == spoken
    assert [piece.text for said in shown for piece in said.pieces if piece.current] == [
        "Kalau login kadang gagal terus, katanya sistem sibuk."
    ]


# sharing


def test_sharing_needs_a_password_for_each_coder(review_study: Path, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="Budi"):
        prepare(review_study, ["Budi"], share="127.0.0.1", port=0)
    with pytest.raises(CorpusError, match="--share"):
        prepare(review_study, ["Ani", "Budi"], port=0)
    listed = tmp_path / "sandi.txt"
    listed.write_text("# rahasia\nAni: cukup panjang\nBudi:pendek\n")
    with pytest.raises(CorpusError, match="line 3"):
        passwords_from(listed)
    listed.write_text("Ani: cukup panjang\n\nBudi: juga: panjang\n")
    assert passwords_from(listed) == {"Ani": "cukup panjang", "Budi": "juga: panjang"}


def test_coders_log_in_with_their_own_password(review_study: Path, serve_study: Callable[..., str]) -> None:
    set_passwords(review_study, {"Ani": "kebun sawit 1", "Budi": "kantor cabang"})
    assert "kebun" not in (review_study / ".review-passwords.json").read_text()
    assert stat.S_IMODE((review_study / ".review-passwords.json").stat().st_mode) == 0o600
    assert set(read_passwords(review_study)) == {"Ani", "Budi"}
    address = serve_study(review_study, "Ani", "Budi", share="127.0.0.1")
    visitor = Visitor(address)
    assert visitor.get("/")[1]["location"] == "/login"
    for coder, word in (("Ani", "kantor cabang"), ("Citra", "kantor cabang"), ("", "")):
        assert visitor.ask("POST", "/login", urlencode({"coder": coder, "password": word}))[0] == 403
    assert visitor.ask("POST", "/login", urlencode({"coder": "Budi", "password": "kantor cabang"}))[0] == 303
    assert "<bdi>Budi</bdi>" in visitor.get("/")[2]
    visitor.do("/decide", segment=ONE, code="kendala", value="accept")
    assert codes(review_study, "Budi") and not codes(review_study, "Ani")


def test_guessing_passwords_becomes_slow() -> None:
    attempts = Attempts()
    for _try in range(8):
        attempts.failed("name Ani")
    assert attempts.wait("name Ani") > 5 and attempts.wait("name Budi") == 0
    attempts.succeeded("name Ani")
    assert attempts.wait("name Ani") == 0


def test_only_known_names_of_this_machine_are_answered_when_sharing() -> None:
    assert shared_hosts("192.0.2.7", 8517) == {"192.0.2.7:8517"}
    assert not {"0.0.0.0:8517", "jahat.example:8517"} & shared_hosts("0.0.0.0", 8517)


def test_the_page_listens_on_this_machine_alone(review_study: Path) -> None:
    site, sock = prepare(review_study, ["Ani"])
    assert sock.getsockname()[0] == "127.0.0.1" and site.token
    second, other = prepare(review_study, ["Budi"])
    assert second.port != site.port, "the usual port is taken, so another is found"
    with pytest.raises(CorpusError, match="--port"):
        prepare(review_study, ["Citra"], port=site.port)
    sock.close()
    other.close()


# learning


def learned(visitor: Visitor) -> str:
    for _second in range(120):
        text = visitor.get("/learning")[2]
        if "progress" not in text:
            return text
        time.sleep(0.5)
    raise AssertionError("the learning never ended")


def test_learning_brings_new_suggestions_and_keeps_the_old_model(
    review_study: Path, serve_study: Callable[..., str]
) -> None:
    ani = Visitor(serve_study(review_study, "Ani"))
    with Corpus(review_study) as corpus:
        segments = [segment.id for segment in corpus.segments()]
    for number, segment in enumerate(segments):
        ani.do("/decide", segment=segment, code="kendala" if number % 3 else "pendukung", value="accept")
        ani.do("/finish", segment=segment, how="chosen")
    assert "progress" in ani.do("/learning")[2]
    assert ani.do("/learning")[0] == 409, "one at a time"
    assert ani.do("/decide", segment=segments[0], code="kendala", value="reject")[0] == 200, "work goes on meanwhile"
    text = learned(ani)
    assert "New suggestions are here" in text and f"{len(segments)} segments" in text
    new = re.search(r'value="(Ani-1@[^"]+)" selected', text).group(1)
    assert "tangan@1" in text, "the old model can still be chosen"
    ani.do("/decide", segment=segments[-1], code="pelaksanaan", value="reject")
    ani.do("/learning/model", model="tangan@1")
    ani.do("/decide", segment=THREE, code="kendala", value="accept")
    with Corpus(review_study) as corpus:
        shown = {(d.segment, d.model_shown) for d in corpus.history("Ani")[0][-2:]}
    assert shown == {(segments[-1], new), (THREE, "tangan@1")}
    assert (review_study / "models" / "Ani-1" / "config.json").is_file()


def test_a_learning_that_fails_says_why_and_changes_nothing(
    review_study: Path, serve_study: Callable[..., str]
) -> None:
    ani = Visitor(serve_study(review_study, "Ani"))
    ani.do("/decide", segment=ONE, code="kendala", value="accept")
    ani.do("/learning")
    text = learned(ani)
    assert "Nothing was learned" in text and "nothing to learn from" in text
    with Corpus(review_study) as corpus:
        assert corpus.models() == ["tangan@1"]


def test_a_code_added_to_the_codebook_while_the_page_runs_can_be_given(
    review_study: Path, serve_study: Callable[..., str]
) -> None:
    ani = Visitor(serve_study(review_study, "Ani"))
    ani.do("/finish", segment=THREE, how="none")
    file = review_study / "codebook.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text + "\n  - id: kode_baru\n    name: Kode baru\n    group: temuan\n    definition: Baru.\n", "utf-8"
    )
    assert "Kode baru" in ani.get("/")[2]
    ani.do("/finish", segment=THREE, how="none")
    assert ani.do("/decide", segment=ONE, code="kode_baru", value="accept")[0] == 200
    with Corpus(review_study) as corpus:
        known = [codes for _review, codes in corpus.history("Ani")[1]]
    assert ["kode_baru" in codes for codes in known] == [False, True], "looked at again with the new code in view"
    file.write_text("codes: [", encoding="utf-8")
    status, _headers, said = ani.get("/")
    assert status == 409 and "codebook.yaml" in said


# many at once


def test_five_coders_at_once_lose_nothing(review_study: Path, serve_study: Callable[..., str]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    names = [f"penyandi {number}" for number in range(5)]
    with Corpus(review_study) as corpus:
        segments = [segment.id for segment in corpus.segments()]
    visitors = [Visitor(serve_study(review_study, name)) for name in names]

    def work(visitor: Visitor) -> int:
        done = 0
        for segment in segments:
            for code in ("kendala", "pendukung"):
                done += visitor.do("/decide", segment=segment, code=code, value="accept")[0] == 200
            done += visitor.do("/finish", segment=segment, how="chosen")[0] == 200
        return done

    with ThreadPoolExecutor(5) as pool:
        assert list(pool.map(work, visitors)) == [3 * len(segments)] * 5
    for name in names:
        kept = codes(review_study, name)
        assert set(kept) == set(segments) and all(given == {"kendala", "pendukung"} for given, _blind in kept.values())
