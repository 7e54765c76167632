"""Words that Indonesian transcripts use for speakers, for the lines of a head, and for asking.

Keys are compared after `key_of`: lower case, letters and digits only, so `I.1`, `I-1` and `i 1` are one speaker.
"""

import re

_NOT_KEY = re.compile(r"[\W_]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


INTERVIEWER_WORDS = _words(
    """
    peneliti pewawancara penanya interviewer moderator fasilitator enumerator pertanyaan tanya bertanya
    researcher surveyor pewancara host soal question questioner penginterview penguji asisten_peneliti
    """
)
INFORMANT_WORDS = _words(
    """
    informan informant narasumber narsum responden respondent respon jawab jawaban menjawab terwawancara
    partisipan participant subjek subyek interviewee peserta inform narasumberr penjawab answer diwawancarai
    terwawancarai informen
    """
)
NOTE_TAKER_WORDS = _words(
    """
    notulen notulis pencatat kameramen kamerawan operator penerjemah transkriptor observer pengamat
    """
)
# People who are named by what they are; what they do in the file decides.
PERSON_WORDS = _words(
    """
    istri suami anak bapak ibu pak bu mas mbak mba kak kakak adik bang abang teh teteh kang uda uni om tante
    pakde bude mang saudara saudari sdr sdri tuan nyonya bpk petugas staf staff pegawai karyawan pekerja buruh
    kepala kabid kasi kacab kasubag sekretaris bendahara ketua wakil manajer manager supervisor hrd hr
    personalia admin pimpinan direktur satpam security sekuriti teman rekan tetangga warga pengguna user
    pelanggan peserta_bpjs pengawas mediator camat lurah kades dinas pendamping orang_tua guru dosen mahasiswa
    tamu sopir kasir cs teller pengacara pengusaha pemilik speaker pembicara unknown suara voice
    """
)
HONORIFICS = _words(
    """
    bapak ibu pak bu mas mbak mba kak kang teh bang bpk sdr sdri saudara saudari mr mrs ms dr drs dra h hj ir
    prof
    """
)
QUALIFIERS = _words(
    "kunci utama tambahan pendukung ahli key triangulasi pertama kedua ketiga ke dan pewawancara peneliti i ii iii iv v"
)
QUESTION_SIDE = _words(
    """
    tanya pertanyaan q question soal t p
    """
)
ANSWER_SIDE = _words(
    """
    jawab jawaban a answer j menjawab penjawab
    """
)

# What a line of speech may start with before a colon without naming a speaker.
NO_SPEAKER = _words(
    """
    catatan note notes contoh contohnya misal misalnya misalkan yaitu yakni artinya maksudnya intinya pokoknya
    kesimpulan kesimpulannya alasan alasannya kendala kendalanya masalah masalahnya solusi solusinya saran
    sarannya kritik harapan harapannya pertama kedua ketiga keempat kelima satu dua tiga empat lima terus jadi
    nah kalau kalo begini gini begitu gitu katanya kata bilang ujar ujarnya tuturnya jelasnya ungkapnya pukul
    jam http https www link email web website telepon telp hp wa nb ps ket keterangan sumber gambar tabel
    lampiran daftar rasio skala skor nilai total jumlah hasil temuan indikator aspek dimensi tema kategori kode
    analisis interpretasi reduksi koding coding tujuan proses syarat syaratnya caranya cara langkah langkahnya
    penting ingat tambahan selain lalu kemudian akhirnya sebenarnya ya iya tidak nggak bukan oke ok baik betul
    benar salah hmm hm mm em eh ee eee ah oh anu ng nomor no poin point kelebihan kekurangan manfaat dampak
    faktor penyebab akibat pembuka penutup pembukaan kegiatan rekaman waktu_rekam situasi suasana deskripsi
    refleksi komentar tanggapan isi bagian bab halaman hal judul topik ya_gini pendahuluan perihal menu fitur
    tampilan pesan notifikasi tertulis tulisan
    """
)
FILLERS = _words(
    """
    a e o em eh ee ah oh hm mm si
    """
)

# Keys of a head's lines. Each may be followed by a qualifier ("Nama informan", "Tanggal wawancara").
HEAD_KEYS = _words(
    """
    nama jabatan instansi lembaga perusahaan kantor unit bagian hari tanggal tgl waktu pukul jam tempat lokasi
    kode umur usia pendidikan pekerjaan profesi lama masa jenis kelamin gender alamat agama status durasi topik
    tema judul golongan pangkat nip nik inisial identitas informan narasumber responden pewawancara peneliti
    penanya interviewer partisipan media sumber wawancara transkrip keterangan hp telepon telp email tahun bulan
    suku asal penghasilan kategori tipe kriteria no nomor interviewee bidang divisi sektor kepesertaan
    keanggotaan nomor_informan mulai selesai berakhir dimulai setting situasi suasana objek subjek kegiatan
    teknik metode date time place location name age position institution occupation job sex organisation
    organization participant institusi satuan kerja dinas kecamatan kabupaten desa kelurahan provinsi
    nama_informan rekaman file perekam alat kota title subject moderator fasilitator notulen peserta hadir
    durasi_wawancara tanggal_wawancara kontak program penelitian bahasa pengalaman jumlah karyawan segmen ruang
    recording duration pengamat observer observasi transkriptor transkripsi
    """
)
# Keys that hardly ever begin a line of speech: where they come, there is a head.
SURE_HEAD_KEYS = _words(
    """
    nama jabatan instansi lembaga perusahaan hari tanggal tgl waktu tempat lokasi kode umur usia pendidikan
    pekerjaan profesi alamat agama durasi inisial pangkat nip identitas jenis lama institusi date time place
    name age position
    """
)

_QUESTION_WORD = (
    r"apa|apakah|apa\s?kah|bagaimana|bagaimanakah|gimana|gmn|kenapa|knp|mengapa|siapa|siapakah|kapan|kapankah|berapa|brp|"
    r"dimana|di\s?mana|kemana|ke\s?mana|darimana|dari\s?mana|mana|sejauh\s?mana|adakah|bisakah|bolehkah|pernahkah|"
    r"sudahkah|sejak kapan|seperti apa|what|how|why|when|where|who"
)
_REQUEST = (
    r"coba (?:bapak |ibu |pak |bu |mas |mbak |kak )?(?:di)?(?:cerita|jelas|gambar|sebut)\w*|"
    r"(?:bisa|boleh|tolong|mohon|silakan|silahkan)\s(?:\w+\s){0,3}(?:di)?(?:cerita|jelas|gambar|sebut|beri|contoh)\w*|"
    r"ceritakan|jelaskan|sebutkan|menurut (?:bapak|ibu|pak|bu|mas|mbak|kak|anda|saudara)"
)
ASKING = re.compile(rf"\?|\b(?:{_QUESTION_WORD})\b|\b(?:{_REQUEST})", re.IGNORECASE)
STARTS_ASKING = re.compile(rf"^\W*(?:\w+\W+){{0,3}}?(?:(?:{_QUESTION_WORD})\b|(?:{_REQUEST}))", re.IGNORECASE)
GREETING = re.compile(
    r"\b(?:selamat|pagi|siang|sore|malam|assalam\w*|as+alam\w*|wa\S*alaikum\w*|halo|hallo|hai|permisi|"
    r"terima ?kasih|makasih|iya|ya|baik|boleh|silakan|silahkan|sudah|belum|oke|ok|tidak|ada)\b",
    re.IGNORECASE,
)


_THANKS = re.compile(r"\b(?:terima\s?kasih|trima\s?kasih|makasih|matur\s?(?:su)?nuwun|hatur nuhun)\b", re.IGNORECASE)
_RETURNED = re.compile(r"\bsama[- ]sama\b|\b(?:terima\s?kasih|makasih)\s+(?:kembali|juga)\b", re.IGNORECASE)
_LEAVE = re.compile(
    r"\b(?:waktu(?:nya)?|kesediaan\w*|informasi\w*|wawancara\w*|bantuan\w*|jawaban\w*|penjelasan\w*|keterangan\w*|"
    r"berkenan|bersedia|meluangkan|menyempatkan|partisipasi\w*|itu (?:saja|dulu)|sekian|saya kira cukup|"
    r"cukup (?:sekian|dulu)|pamit)\b",
    re.IGNORECASE,
)


def thanks(text: str) -> bool:
    """Say whether a short stretch of speech thanks first, not in return."""
    return len(text) < 500 and bool(_THANKS.search(text)) and not _RETURNED.search(text)


def is_farewell(text: str) -> bool:
    """Say whether it is what an interviewer says at the end: thanks for the time, the answers, the help."""
    return thanks(text) and bool(_LEAVE.search(text))


def key_of(label: str) -> str:
    """Return the label's letters and digits in lower case: what makes two spellings one speaker."""
    return _NOT_KEY.sub("", label.casefold())


def words_of(label: str) -> list[str]:
    """Return the label's words in lower case, without digits and punctuation."""
    return re.findall(r"[^\W\d_]+", label.casefold())
