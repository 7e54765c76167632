"""Indonesian words as people type and say them, brought to one formal spelling and to their root.

`normal_words` gives the words of a text in formal spelling, `roots` the same words as roots, without fillers. The table
and the rules below were written for this project; the general tables (spelling norms, root look-up) are those of
`spacy-lookups-data`. All results are cached a word, so that a large table costs a dictionary look-up a word.
"""

import gzip
import json
import re
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib import resources

WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*2?|\d+(?:[.,:]\d+)*")
"""A word, with inner hyphens and the reduplicating 2 of chat spelling ("orang2"), or a number."""

# bounded, so that a long run without blanks is read in one pass
_URL = re.compile(r"https?://\S+|www\.\S+|\S{1,64}@\S{1,255}\.\S+")
_LONG = re.compile(r"(.)\1{2,}")
_CLAUSE_END = re.compile(r"[.,;:!?()\n]")


def word_set(words: str) -> frozenset[str]:
    """Return the blank-separated words of a table as a set."""
    return frozenset(words.split())


# formal spelling: the spellings that stand for it
_SPELLINGS: dict[str, str] = {
    "tidak": "ga gak gk ngak nggak ngga nga enggak engga enggk ndak ndk kagak kaga kgk tak tdk td tidk tida tdak"
    " gag ora g nda",
    "belum": "blm belom blom blum lom",
    "bukan": "bkn bukn",
    "jangan": "jgn jngn jangn jan",
    "sudah": "udah udh sdh dah uda sdah suda wes",
    "akan": "bakal bakalan",
    "tetapi": "tapi tp tpi ttp tetep",
    "terus": "trus trs teros trss",
    "saja": "aja aj ja sj doang doank",
    "sangat": "sgt bgt banget bngt bangat bangett bingit amat sekali skali bener2",
    "yang": "yg yng",
    "dengan": "dgn dg dng sama ama",
    "untuk": "utk untk buat bwt bt tuk",
    "karena": "krn karna krna gara-gara soalnya",
    "kalau": "kalo klo kl klw kalu klau apabila jika jikalau",
    "sampai": "sampe smpe smpai smp ampe",
    "seperti": "kayak kaya kyk kek spt sprti macam",
    "juga": "jg jga",
    "lagi": "lg lgi",
    "bisa": "bs bsa bisaa dapat dpt",
    "mau": "mo pengen pingin kepengen pgn pengin ingin hendak",
    "minta": "mnta mintak mohon mhn memohon pinta",
    "tolong": "tlg tolonglah toloong tulung tlong",
    "supaya": "agar biar spy",
    "harus": "hrs hrus kudu mesti musti wajib",
    "seharusnya": "harusnya mestinya semestinya hendaknya seyogianya seyogyanya",
    "sebaiknya": "baiknya mending mendingan lebih-baik",
    "kenapa": "knp knpa napa mengapa ngapa knapa",
    "bagaimana": "gmn gimana gmna gmana bgmn gimna piye",
    "apa": "ap apaan",
    "saya": "sy sya aku gua gue gw gwe ane saia ak aq",
    "kamu": "lu lo loe elu km anda kalian",
    "kita": "kt kta",
    "kami": "kmi",
    "mereka": "mrk",
    "orang": "org orng",
    "aplikasi": "apk apl apps app apknya aplikasih aplikas aplkasi apliksi applikasi application apilkasi",
    "ponsel": "hp handphone hape hpe smartphone gawai henpon hendpon telepon-genggam",
    "internet": "inet internetan",
    "jaringan": "jaringn jringan network",
    "sinyal": "signal sinyalnye snyal",
    "kuota": "quota paketan",
    "masuk": "login log-in msk signin masok",
    "keluar": "logout log-out klr",
    "daftar": "register registrasi regist signup",
    "perbarui": "update apdet updet upgrade pembaruan pembaharuan perbaharui diupdate mengupdate diapdet updatean",
    "unduh": "download donlot donlod mendownload didownload instal install pasang",
    "buka": "open",
    "eror": "error errorr erorr erro ngerror ngeror galat trouble bug ngebug",
    "lambat": "lemot lelet lola lamban lemod slow",
    "macet": "hang ngehang ngadat stuck freeze ngefreeze",
    "rusak": "ngaco kacau ancur hancur",
    "susah": "ssh sulit ribet repot rumit ruwet rempong",
    "mudah": "gampang gmpang simpel simple praktis easy",
    "bagus": "bgs bgus mantap mantab mantul keren top oke ok good nice sip jos",
    "buruk": "jelek busuk bobrok payah parah",
    "cepat": "cpt cepet kilat",
    "lama": "lma lamaa",
    "terima kasih": "makasih makasi trims thanks thx terimakasih trimakasih tks tq mksh",
    "pusat panggilan": "callcenter call-center",
    "bantu": "nolong ngebantu",
    "jelas": "jls",
    "informasi": "info infonya",
    "verifikasi": "verif verifikasinya",
    "akun": "account",
    "kata sandi": "password pasword sandi paswot pass pw",
    "surel": "email e-mail imel",
    "nomor": "no nmr nomer",
    "uang": "duit duid",
    "perusahaan": "prusahaan pt kantor-saya",
    "pekerja": "karyawan buruh pegawai",
    "hari": "hr hri",
    "bulan": "bln",
    "tahun": "thn",
    "kemarin": "kmrn kemaren",
    "sekarang": "skrg skrng skr skarang",
    "dahulu": "dulu dlu dl",
    "hanya": "cuma cuman cm cma sekadar sekedar",
    "banyak": "bnyk byk",
    "sedikit": "dikit dkit",
    "benar": "bener bner bnr betul",
    "pakai": "pake pke make pk gunakan",
    "lihat": "liat lht ngeliat melihat",
    "tahu": "tau tw taw",
    "bilang": "blg ngomong",
    "beri": "kasih kasi ksh ngasih",
    "kerja": "krj krja gawe",
    "dari": "dr dri",
    "pada": "pd",
    "atau": "ato atw",
    "dan": "n dn",
    "di": "d",
    "ini": "ni nih",
    "itu": "tu tuh",
    "begitu": "gitu gtu gt",
    "begini": "gini gni",
    "malah": "mlh malahan",
    "masih": "msh",
    "padahal": "pdhl pdahal",
    "semua": "smua smw",
    "cara": "cra caranya",
    "foto": "photo poto",
    "wajah": "muka face",
    "layar": "screen",
    "fitur": "feature menu",
    "tampilan": "display interface",
    "obrolan": "chat chatting",
    "kantor": "ktr",
    "cabang": "cab",
    "klaim": "claim pencairan mencairkan dicairkan cair cairkan",
}

# words that carry no topic in speech: dropped from the sequence in which phrases are looked for
_FILLERS = word_set("""
    ya iya sih kok dong deh nih tuh lah kan loh lho nah eh eee em hmm anu pun si sang kah wah oh ah toh mah atuh
    yuk ini itu begitu begini saja juga pak bu bapak ibu mas mbak kak bang min admin gan kang oke
""")

NEGATORS = frozenset({"tidak", "belum", "bukan", "jangan", "kurang", "tanpa", "gagal"})
"""Words that turn what follows, in formal spelling."""

# nouns that mean something else than their root does: a company is not an effort
_OWN_ROOT = word_set("""
    perusahaan jaringan pekerja pekerjaan keluhan pimpinan bulanan lapangan kantor laporan tujuan serikat
    petugas tampilan peraturan aturan jaminan pangkalan halaman pilihan kiriman makanan minuman layanan sampai
    semoga harapan
""")

_CLITICS = ("nya", "lah", "kah", "pun", "ku", "mu")
_PREFIXES = (
    ("memper", ""), ("diper", ""), ("menge", ""), ("meng", ""), ("meng", "k"), ("menyen", "sen"), ("meny", "s"),
    ("mem", ""), ("mem", "p"), ("men", ""), ("men", "t"), ("me", ""), ("nge", ""), ("ng", ""), ("ng", "k"), ("ny", "s"),
    ("peng", ""),     ("peng", "k"), ("peny", "s"), ("pem", ""), ("pem", "p"), ("pen", ""), ("pen", "t"), ("per", ""),
    ("pe", ""), ("ber", ""), ("ter", ""), ("di", ""), ("ke", ""), ("se", ""),
)  # fmt: skip
_SUFFIXES = ("kan", "an", "i", "in", "")


@cache
def _spellings() -> dict[str, str]:
    """Return every spelling known here -> formal spelling."""
    return {spelling: formal for formal, spellings in _SPELLINGS.items() for spelling in spellings.split()}


@cache
def _lookups() -> tuple[dict[str, str], dict[str, str]]:
    """Return the tables of `spacy-lookups-data`: spelling -> norm, word -> root; empty where the package is missing."""
    try:
        folder = resources.files("spacy_lookups_data") / "data"
        norms = json.loads(gzip.decompress((folder / "id_lexeme_norm.json.gz").read_bytes()))
        root_of = json.loads(gzip.decompress((folder / "id_lemma_lookup.json.gz").read_bytes()))
    except (ImportError, OSError):
        return {}, {}
    return norms, root_of


@cache
def _known_roots() -> frozenset[str]:
    known = set(_lookups()[1].values()) | _OWN_ROOT | set(_SPELLINGS)
    return frozenset(word for word in known if len(word) >= 3)


@lru_cache(maxsize=16_384)
def normal_word(word: str) -> str:
    """Return one lower-case word in formal spelling: short forms written out, -nya cut."""
    spellings = _spellings()
    if word in _SPELLINGS:
        return word
    if found := spellings.get(word):
        return found
    if word.endswith("2") and len(word) > 2:
        return normal_word(word[:-1])
    if "-" in word:
        first, _, second = word.partition("-")
        if first == second or (len(first) > 3 and second.startswith(first)):
            return normal_word(second)
    if _LONG.search(word):
        return normal_word(_LONG.sub(r"\1", word))
    for clitic in ("nya", "ny", "lah", "kah"):
        stem = word.removesuffix(clitic)
        if stem != word and len(stem) >= 3 and (stem in spellings or stem in _known_roots() or stem in _lookups()[1]):
            return normal_word(stem)
    if word.endswith("nya") and len(word) >= 7:
        return normal_word(word[:-3])
    return _lookups()[0].get(word, word)


@lru_cache(maxsize=16_384)
def root(word: str) -> str:
    """Return the root of one word in formal spelling; the word itself where none is known."""
    if word in _OWN_ROOT or " " in word or len(word) < 4:
        return word
    known, table = _known_roots(), _lookups()[1]
    if word in table:
        return table[word]
    if word in known:
        return word
    bare = word
    for clitic in _CLITICS:
        if bare.endswith(clitic) and len(bare) - len(clitic) >= 4:
            bare = bare.removesuffix(clitic)
            break
    if bare != word and (bare in table or bare in known):
        return table.get(bare, bare)
    return _strip(bare, known, table) or word


def _strip(word: str, known: frozenset[str], table: dict[str, str]) -> str | None:
    """Return the root left when one prefix and one suffix are taken off, where that is a known word."""
    for suffix in _SUFFIXES:
        if not word.endswith(suffix):
            continue
        stem = word[: len(word) - len(suffix)] if suffix else word
        if suffix and (stem in known or stem in table) and len(stem) >= 4:
            return table.get(stem, stem)
        for prefix, restored in _PREFIXES:
            candidate = restored + stem[len(prefix) :]
            if stem.startswith(prefix) and len(candidate) >= 4:
                formal = _spellings().get(candidate, candidate)
                if formal in known or formal in table:
                    return table.get(formal, formal) if formal not in _OWN_ROOT else formal
    return None


def raw_words(text: str) -> list[str]:
    """Return the words of a text in lower case as written; web and mail addresses are left out."""
    return WORD.findall(_URL.sub(" ", text.lower()))


def clause_numbers(text: str) -> list[int]:
    """Return the number of the clause that each word of `raw_words` stands in: clauses end at punctuation marks."""
    lower = _URL.sub(" ", text.lower())
    numbers: list[int] = []
    end = clause = 0
    for found in WORD.finditer(lower):
        clause += _CLAUSE_END.search(lower, end, found.start()) is not None
        end = found.end()
        numbers.append(clause)
    return numbers


def normal_words(text: str) -> list[str]:
    """Return the words of a text in lower case and formal spelling, one entry a word as written.

    An entry may hold a space where one spelling stands for two words ("makasih" -> "terima kasih").
    """
    return [normal_word(word) for word in raw_words(text)]


def normalise(text: str) -> str:
    """Return a text as its formal words, joined by blanks."""
    return " ".join(normal_words(text))


def placed_roots(words: Iterable[str]) -> list[tuple[int, str]]:
    """Return (place, root) of words in formal spelling, numbers and fillers left out."""
    return [(i, root(word)) for i, word in enumerate(words) if word not in _FILLERS and not word[0].isdigit()]


def roots(words: Iterable[str]) -> list[str]:
    """Return the roots of words in formal spelling, numbers and fillers left out."""
    return [word for _place, word in placed_roots(words)]


def is_indonesian(word: str) -> bool:
    """Return whether a word, as written, is known as Indonesian: formal, colloquial, or with a known root.

    Without the package `spacy-lookups-data` every word counts as known.
    """
    norms, root_of = _lookups()
    if not root_of:
        return True
    formal = normal_word(word)
    return formal in root_of or word in norms or word in _spellings() or root(formal) in _known_roots()


def is_filler(word: str) -> bool:
    """Return whether a word, as written, carries no topic: ya, sih, kok, pak …"""
    return normal_word(word.lower()) in _FILLERS
