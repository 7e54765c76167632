"""Write jmo_nlp/codebooks/passages.npz: embeddings, by the shipped encoder, of the built-in codebooks and of talk.

Run it after a built-in codebook or the shipped encoder has changed; a test says when that was forgotten.
"""

from pathlib import Path

import numpy as np

import jmo_nlp
from jmo_nlp.codebook import builtin_codebooks, load_codebook
from jmo_nlp.encoders import load_encoder
from jmo_nlp.suggesting.everyday import EVERYDAY
from jmo_nlp.suggesting.passage_vectors import FILE, passage_key
from jmo_nlp.suggesting.prior import texts_to_embed


def main() -> None:
    encoder = load_encoder()
    passages = [text for name in builtin_codebooks() for text in texts_to_embed(load_codebook(name))]
    texts = list(dict.fromkeys([*passages, *EVERYDAY]))
    vectors = encoder.encode(texts).astype(np.float16)
    keys = np.array([passage_key(text, encoder) for text in texts])
    path = Path(jmo_nlp.__file__).parent / "codebooks" / FILE
    np.savez_compressed(path, keys=keys, vectors=vectors)
    print(f"{path}: {len(texts)} texts, {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
