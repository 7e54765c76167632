"""How strongly a text asks for something: a wish, an advice, a request, a demand."""

from jmo_nlp.lexicon import normal_words, root, word_set

# roots that ask by themselves
_ASKING = word_set("""
    tolong minta mohon harap harapan semoga moga saran usul sebaiknya seharusnya supaya ajak imbau himbau tuntut
    desak desakan anjur kehendak pesan
""")
# roots that half ask: need, must, let, do not, want
_LEANING = frozenset(["perlu", "butuh", "harus", "jangan", "mau", "coba", "biarkan", "andai", "idealnya"])
_PHRASES = (
    "kalau bisa", "kalau boleh", "ada baiknya", "lebih baik", "lebih bagus", "alangkah", "paling tidak", "yang penting",
    "paling bagus", "kalau perlu", "kalau saya", "ke depan", "ke depannya",
)  # fmt: skip
# what people ask to be done: improve, multiply, simplify, add …, as a passive or a bare imperative
_IMPROVING = word_set("""
    baik banyak tingkat sederhana tambah mudah jelas cepat buat ada sedia kuat luas bantu damping latih bangun
    rapi ringan tangan lancar hidup lengkap sering aktif gencar turun kumpul ajar bimbing libat kurang hilang
    ganti buka stabil benah
""")
_DONE = frozenset(["sudah", "telah", "pernah", "sedang", "lagi"])


def asking(text: str) -> float:
    """Return 0 (does not ask) to 1.5 (asks in several ways) for an Indonesian text, formal or colloquial."""
    words = normal_words(text)
    score = 0.0
    for before, word in zip(["", *words], words, strict=False):
        base = root(word)
        if word in _ASKING or base in _ASKING:
            score += 1
        elif word in _LEANING or base in _LEANING:
            score += 0.5
        elif (
            base in _IMPROVING
            and word != base
            and before not in _DONE
            and not word.startswith(("me", "ke", "pen", "pem", "ber"))
        ):
            imperative = word.startswith("per") and not word.endswith("an")
            score += 1 if imperative or word.startswith("di") or word.endswith(("kan", "i", "lah")) else 0
    joined = " ".join(words)
    score += sum(phrase in joined for phrase in _PHRASES)
    return min(score, 3.0) / 2
