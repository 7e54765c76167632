"""How strongly a text asks for something: a wish, an advice, a request, a demand."""

import re
from collections.abc import Sequence

from jmo_nlp.suggesting.lexicon import NEGATORS, normal_word, raw_words, root, word_set

# roots that ask by themselves
_ASKING = word_set("""
    tolong minta mohon harap harapan semoga moga saran usul sebaiknya seharusnya supaya ajak imbau himbau tuntut
    desak desakan anjur kehendak pesan jangan rekomendasi titip
""")
# words that ask as they are written; their root says something else: mudah-mudahan is not mudah, idealnya not ideal
_ASKING_AS_WRITTEN = word_set("""
    mudah-mudahan muga-muga mugo-mugo plis pliss please pls andai andaikan andaikata seandainya semisal idealnya
    pinginnya penginnya pengennya kepinginnya kepengennya inginnya maunya pinginnyo maunyo galaknyo mustinya kudunya
    selayaknya sepatutnya sepantasnya semustinya mestinyo harusnyo baiknyo eloknya eloknyo sebaiknyo ojo ojok
""")
# roots that half ask: need, must, want
_LEANING = frozenset(["perlu", "butuh", "harus", "mau", "coba", "biarkan", "dorong"])
_PHRASES = (
    "kalau bisa", "kalau boleh", "ada baiknya", "lebih baik", "lebih bagus", "alangkah", "paling tidak", "yang penting",
    "paling bagus", "kalau perlu", "kalau saya", "ke depan", "ke depannya", "bagus kalau", "enak kalau", "senang kalau",
    "bagaimana kalau", "kalau saja", "kalau menurut saya", "mau tanya", "mau nanya", "mau bertanya", "numpang tanya",
    "bagaimana cara", "yang dibutuhkan", "sangat dibutuhkan", "sangat diperlukan", "sangat perlu", "ketimbang begini",
)  # fmt: skip
# what people ask to be done: improve, multiply, simplify, add …, as a passive or a bare imperative
_IMPROVING = word_set("""
    baik banyak tingkat sederhana tambah mudah gampang jelas cepat buat bikin ada sedia kuat luas bantu damping latih
    bangun rapi ringan tangan lancar hidup lengkap sering aktif gencar turun kumpul ajar bimbing libat kurang hilang
    ganti buka stabil benah bagus benar bener besar gede betul terang dandan ringkas pangkas singkat pendek longgar
    naik rata siap
""")
_NO_WISH = frozenset(["jangankan", "jangan-jangan"])  # let alone; I fear that
# bare imperatives with -lah that can be nothing else
_ORDERS = word_set(
    "buatlah bikinlah tambahlah bantulah ajarilah ajarlah suruhlah kasihlah berilah perbaikilah percepatlah benahilah"
)
_DONE = frozenset(["sudah", "telah", "pernah", "sedang", "lagi"])
# who tries does not propose: "saya coba masuk"; "coba" at the head of a clause does
_TRYING = frozenset(["saya", "kami", "kita", "dia", "sudah", "pernah", "mau", "terus", "lagi", "habis", "sempat", "di"])
# what one must do by rule, which is no wish: "harus ke kantor"
_RULES = word_set("""
    ke datang antre antri ulang isi punya pakai tunggu nunggu bawa balik bolak-balik foto masuk sama perbarui unduh
    keluar bayar pergi naik cari kantor lapor urus daftar mulai tanda fotokopi keliling
""")
# an official's plan is a proposal: "kami akan menambah petugas"
_PLANNING = frozenset(["akan", "berencana", "merencanakan", "siap"])
_NEXT_TO_NEED = frozenset(
    ["ada", "lebih", "ikut", "segera", "terus", "juga", "aktif", "turun", "siap", "mau", "sering"]
)

# "kalau ada wifi kan enak": what is not there, and how good it would be
_SUPPOSING = frozenset(["kalau", "coba"])
_WOULD = frozenset(["kan", "pasti", "tentu", "mungkin"])
_GOOD = word_set("enak asik asyik bagus terbantu senang tenang beres")
# particles behind a bare verb turn it into a request: "benerin dong", "tambahin lagi kek"
_PARTICLES = frozenset(["dong", "donk", "kek", "napa"])
_BARE_VERB = ("in", "kan", "i", "ah", "kek")
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\bcoba (?:kalau|ada|di\w+|deh|buat|bikin|beri)\b",
        # "mbok hurufnya digedein", not "mbok saya" (my mother)
        r"\bmbok (?!saya|kami|tua|de\b|nya\b)",
        # "kenapa tidak dibuatkan saja", not "kenapa tidak dibalas"
        r"\bkenapa (?:sih )?tidak (?:se\w+ )?(?:di(?:buat|bikin|tambah|sedia|ada|kumpul|per|masukkan)\w*|buat|bikin)\b",
        r"\b(?:enak|bagus)nya (?:kalau|ada|di\w+|se\w+|itu|sih)\b",
    )
)
# how interviewers open a question, which is no invitation to propose anything
_TO_TELL = re.compile(
    r"\b(?:tolong|coba|mohon|minta|boleh|bisa|mau|ingin|hendak|izin)\b"
    r"(?: (?:saya|kami|bapak|ibu|pak|bu|mas|mbak|lebih))*"
    r" \w*(?:tanya|nanya|cerita|jelas|sebut|ulang|gambar|ketahui|tahu|kenal|terang)\w*\b"
    r"|\b(?:bagaimana|gimana) cara(?:nya)?\b"
)


def inviting(question: str) -> float:
    """Return 0 to 1.5: how strongly an interviewer's question invites a proposal ("apa saran Bapak?")."""
    return asking(_TO_TELL.sub(" ", question.lower()))


def asking(text: str) -> float:
    """Return 0 (does not ask) to 1.5 (asks in several ways) for an Indonesian text, formal or colloquial."""
    raw = raw_words(text)
    words = [normal_word(word) for word in raw]
    score = sum(_of_word(place, raw, words) for place in range(len(words)))
    # -nya tells a wish from a quality ("enaknya ada …"), so these words are looked at as written
    joined = " ".join(w if w in ("enaknya", "bagusnya") else n for w, n in zip(raw, words, strict=True))
    score += sum(phrase in joined for phrase in _PHRASES)
    score += sum(pattern.search(joined) is not None for pattern in _PATTERNS)
    score += _supposes(words) + _urges(raw)
    return min(score, 3.0) / 2


def _supposes(words: Sequence[str]) -> bool:
    """Return whether something is supposed and then called good."""
    supposing = would = False
    for word in words:
        if would and word in _GOOD:
            return True
        would = supposing and (word in _WOULD or (would and word in ("jadi", "lebih", "kami")))
        supposing = supposing or word in _SUPPOSING
    return False


def _urges(raw: Sequence[str]) -> bool:
    """Return whether a particle of urging follows a bare verb, or ends the text (kek, napa)."""
    for place, word in enumerate(raw):
        if word in _PARTICLES and place:
            before = raw[place - 2] if raw[place - 1] == "lagi" and place > 1 else raw[place - 1]
            if before.endswith(_BARE_VERB) or (word in ("kek", "napa") and place == len(raw) - 1):
                return True
    return False


def _of_word(place: int, raw: Sequence[str], words: Sequence[str]) -> float:
    """Return 0, 0.5 or 1: what one word adds, given its neighbours."""
    word, written = words[place], raw[place]
    before = words[place - 1] if place else ""
    after = words[place + 1] if place + 1 < len(words) else ""
    base = root(word)
    if written in _ASKING_AS_WRITTEN or written in _ORDERS:
        return 1
    if written in _NO_WISH:
        return 0
    if word in _ASKING or base in _ASKING:
        return _asking(word, before, after)
    if word in _LEANING or base in _LEANING:
        return _leaning(base, before, after)
    if before in _PLANNING and word.startswith("me") and base in _IMPROVING:
        return 1
    if (
        base in _IMPROVING
        and word != base
        and before not in _DONE
        and not word.startswith(("me", "ke", "pen", "pem", "ber"))
    ):
        imperative = word.startswith("per") and not word.endswith("an")
        return 1 if imperative or word.startswith("di") or word.endswith(("kan", "i", "in", "lah")) else 0
    return 0


def _asking(word: str, before: str, after: str) -> float:
    """Return what a word adds that asks by itself, less where the asking is told of: "minta tolong anak"."""
    if word == "minta" and after in ("tolong", "ampun"):
        return 0.0
    return 0.5 if word.startswith("diminta") or before == "minta" else 1.0


def _leaning(base: str, before: str, after: str) -> float:
    """Return what need, must, want and try add: all of it, half or nothing, by what stands next to them."""
    if base == "coba":
        return 0.0 if before in _TRYING else 0.5
    if base in ("perlu", "butuh") and before in NEGATORS:
        return 0.0
    if base == "harus" and (before in NEGATORS or root(after) in _RULES):
        return 0.0
    if base == "perlu" and after.startswith(("di", "me")) and root(after) not in _RULES:
        return 1.0
    if base in ("perlu", "harus") and (after in _NEXT_TO_NEED or root(after) in _IMPROVING):
        return 1.0
    return 0.5
