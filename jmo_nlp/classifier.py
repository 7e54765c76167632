"""CodeClassifier: suggests codes from a codebook alone, from few labels, from many.

Without labels the codebook's own texts speak (`prior`). With labels a ridge a code learns from meaning, words, question
and codebook, and is calibrated out of fold (`learner`). `suggest` turns segments into rows, with evidence.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.encoders import Embeddings, Encoder, load_encoder
from jmo_nlp.errors import ModelError
from jmo_nlp.evidence import Explainer
from jmo_nlp.messages import _
from jmo_nlp.records import Codebook
from jmo_nlp.suggesting.attention import Reader
from jmo_nlp.suggesting.brief import names_alone, names_tell
from jmo_nlp.suggesting.calibration import sigmoid
from jmo_nlp.suggesting.checks import (
    check_codes,
    check_contexts,
    check_embeddings,
    check_groups,
    check_ids,
    check_parts,
    check_texts,
    odd_material,
)
from jmo_nlp.suggesting.fingerprints import decisions_hash, digest
from jmo_nlp.suggesting.gist import gist_version
from jmo_nlp.suggesting.learner import Learned, learn
from jmo_nlp.suggesting.passage_vectors import embed_passages
from jmo_nlp.suggesting.prior import VERSION, CodebookPrior, build_prior, texts_to_embed, unit
from jmo_nlp.suggesting.reading import reader_of
from jmo_nlp.suggesting.ridge import one_thread
from jmo_nlp.suggesting.verdicts import CodeVerdict, from_codebook, judge
from jmo_nlp.suggesting.wishes import Wish, Wishes, parse_wishes
from jmo_nlp.suggestions import LISTED, suggest

__all__ = ["LISTED", "AnyWish", "CodeClassifier", "suggest"]

Floats = NDArray[np.float64]

_READ_AT_ONCE = 512  # texts whose states at each piece are held at the same time

AnyWish = str | Wish | Mapping[str, str | Wish] | Iterable[str] | None
"""What `parse_wishes` understands: "errors=0.05", ["recall=0.9", "kendala:precision=0.8"], {"kendala": "f1"} …"""


class CodeClassifier:
    """Suggests codes for segments, with scikit-learn's conventions.

    encoder: None is the shipped one, loaded when first needed. codebook: None means that nothing is known of the codes
    but their ids, which are read as names. random_state: the only source of chance; same input, same state, same
    result.

    After `fit` or `from_codebook`: `classes_` (k code ids; all of the codebook's in its order), `thresholds_` (k,; from
    where on a code is suggested, infinite where the wish forbids it), `lows_` (k,; below that it is ruled out),
    `verdicts_` (k), `prior_` and `learned_` (None where absent), `warnings_` (what was odd about the material).
    """

    classes_: list[str]
    thresholds_: Floats
    lows_: Floats
    verdicts_: tuple[CodeVerdict, ...]
    explainer: Explainer
    wishes_: Wishes
    prior_: CodebookPrior | None
    learned_: Learned | None
    warnings_: tuple[str, ...]

    def __init__(self, encoder: Encoder | None = None, codebook: Codebook | None = None, random_state: int = 0) -> None:
        self.encoder = encoder
        self.codebook = codebook
        self.random_state = random_state

    @classmethod
    def from_codebook(cls, codebook: Codebook, encoder: Encoder | None = None) -> Self:
        """Return a classifier that knows the codebook and no labels. ModelError where the codebook has no codes."""
        if codebook is None:
            raise ModelError(
                _("No codebook was given. Read one with load_codebook, or learn from coded segments: fit.")
            )
        check_parts(codebook, encoder)
        classifier = cls(encoder or load_encoder(), codebook)
        classifier._start(codebook)
        assert classifier.encoder is not None
        classifier.name = f"codebook-{codebook.id}"
        assert classifier.prior_ is not None
        gist = (gist_version() or "",) if classifier.prior_.gist else ()
        classifier._fingerprint = digest(codebook.hash, classifier.encoder.hash, str(VERSION), *gist)
        return classifier

    def fit(
        self,
        texts: Iterable[str],
        codes: Iterable[Iterable[str]],
        groups: Iterable[Hashable] | None = None,
        contexts: Iterable[str | None] | None = None,
        *,
        ids: Sequence[str] | None = None,
        embeddings: Embeddings | None = None,
        wish: AnyWish = None,
        decisions: str | None = None,
    ) -> Self:
        """Learn from n coded segments.

        texts: n str. codes: n sets of code ids, an empty one where a person looked and no code applies. groups: the
        transcript of each, so that what is learned about thresholds and probabilities is learned on whole transcripts
        held out; without them equal texts are kept together and the figures are kinder than they should be. contexts:
        the question before each. ids: names of the segments, for evidence. embeddings: (n, d), where they are known.
        wish: what thresholds are for, see `set_wish`. decisions: fingerprint of the decisions behind `codes`, if known.

        TableError names the row of NaN, of an unknown code, or the lengths that do not match. ModelError: no text.
        """
        check_parts(self.codebook, self.encoder)
        checked = check_texts(texts)
        if not checked:
            raise ModelError(_("There is no coded segment to learn from. Code some first, or use the codebook alone."))
        known = None if self.codebook is None else self.codebook.ids()
        given = check_codes(codes, len(checked), known)
        transcripts = check_groups(groups, len(checked))
        questions = check_contexts(contexts, len(checked))
        names = check_ids(ids, len(checked))
        if known is None and not any(given):
            raise ModelError(_("No segment has a code, and there is no codebook. Give codes, or a codebook."))
        classes = known if known is not None else sorted(frozenset().union(*given))
        self._start(self.codebook or names_alone(classes))
        applies = np.array([[code in row for code in self.classes_] for row in given], dtype=bool)
        wishes = parse_wishes(wish, self.classes_)  # refused before the work, not after
        vectors = self.embeddings_of(checked, embeddings)
        prior = None if self.prior_ is None else self.prior_.log_odds(checked, questions, vectors)
        if self.codebook is None and prior is not None and not names_tell(prior, applies):
            self.prior_, prior = None, None
        with one_thread():
            self.learned_ = learn(
                checked,
                applies,
                groups=transcripts,
                questions=questions,
                embeddings=vectors,
                prior=prior,
                random_state=self.random_state,
                reader=self._reader,
            )
        self.warnings_ = odd_material(self.classes_, applies, transcripts, checked)
        rows = self.learned_.rows
        self.name = "trained"
        self._transcripts = len(set(transcripts)) if transcripts is not None else 0
        # without transcripts, the same text twice counts once
        units = [(transcripts or checked)[i] for i in rows]
        number = {unit: index for index, unit in enumerate(dict.fromkeys(units))}
        self._clusters = np.array([number[unit] for unit in units], dtype=np.int_)
        self.explainer = Explainer(
            self.prior_,
            self.learned_,
            coded=self._centred(vectors[rows]),
            applies=applies[rows],
            ids=[names[i] for i in rows],
            clusters=self._clusters,
        )
        with one_thread():
            near = self.explainer.familiar
        self.explainer.limit = None if near is None else near.limit
        self._decisions = decisions or decisions_hash(
            (names[i] if ids is not None else checked[i], code, str(int(code in row)))
            for i, row in enumerate(given)
            for code in self.classes_
        )
        self._learned_hash = digest(
            *(part.tobytes() for part in (self.learned_.stacking, self.learned_.bend, self.learned_.offset)),
            *(weights.tobytes() for _name, weights in sorted(self.learned_.weights.items())),
            *(
                ()
                if self.learned_.attention is None
                else (own.tobytes() for own in self.learned_.attention.state().values())
            ),
            self.encoder.hash if self.encoder is not None else "",
            self.codebook.hash if self.codebook is not None else "",
        )
        return self.set_wish(wishes)

    def set_wish(self, wish: AnyWish) -> Self:
        """Set what thresholds are for, from what held-out transcripts showed; nothing is learned anew.

        "f1" (best F1, the default), "precision=0.8", "recall=0.9" (at least that), "errors=0.05" (at most that share of
        errors among what is decided: suggested above one threshold, ruled out below another, undecided between). For a
        single code with its id before it, "kendala:recall=0.9", or as a mapping of code ids ("*": all others). Other
        wishes than f1 are granted with a confidence of 90 % a code (`thresholds`); where the material does not suffice,
        nothing is decided for the code, and its verdict says about how many more examples it takes.

        ModelError: the wish is not understood, names an unknown code, or nothing was coded from which it could be kept.
        """
        self.check_ready()
        wishes = parse_wishes(wish, self.classes_)
        if self.learned_ is None:
            if any(stated.kind != "f1" for stated in wishes.values()):
                raise ModelError(
                    _(
                        "A codebook alone cannot promise {wish}: nothing is coded on which it could be checked. "
                        "Code some segments and train: jmo-nlp train",
                        wish=", ".join(sorted({str(stated) for stated in wishes.values()})),
                    )
                )
            return self
        assert self.explainer.applies is not None
        self.wishes_ = wishes
        self.verdicts_ = judge(
            self.classes_,
            self.learned_.held_out,
            self.explainer.applies,
            self._clusters,
            wishes=wishes,
            codebook=self.codebook is not None,
            random_state=self.random_state,
        )
        self.thresholds_ = np.array([verdict.cut.threshold for verdict in self.verdicts_])
        self.lows_ = np.array([verdict.cut.low for verdict in self.verdicts_])
        self._fingerprint = digest(
            self._learned_hash,
            self.thresholds_.tobytes(),
            self.lows_.tobytes(),
            *(f"{code}={stated}" for code, stated in sorted(wishes.items())),
            *(verdict.word for verdict in self.verdicts_),
        )
        return self

    def predict_proba(
        self,
        texts: Iterable[str],
        contexts: Iterable[str | None] | None = None,
        *,
        embeddings: Embeddings | None = None,
    ) -> Floats:
        """Return the probability (n, k) that each code of `classes_` applies to each text.

        contexts: the question before each. embeddings: (n, d) of the texts alone, where they are known.
        """
        checked = check_texts(texts)
        questions = check_contexts(contexts, len(checked))
        self.check_ready()
        if not checked:
            return np.zeros((0, len(self.classes_)))
        read = getattr(self._encoder, "read", None)
        if embeddings is not None or read is None or self.learned_ is None or self.learned_.attention is None:
            return self.probabilities_of(checked, questions, self.embeddings_of(checked, embeddings))
        found = []
        for start in range(0, len(checked), _READ_AT_ONCE):
            some = slice(start, start + _READ_AT_ONCE)
            vectors, states = read(checked[some])  # at once, since both are asked for
            found.append(self.probabilities_of(checked[some], questions[some], vectors, states=states))
        return np.concatenate(found)

    def predict(self, texts: Iterable[str], contexts: Iterable[str | None] | None = None) -> list[set[str]]:
        """Return, a text, the codes whose probability passes their threshold."""
        passed = self.predict_proba(texts, contexts) >= self.thresholds_
        return [{code for code, yes in zip(self.classes_, row, strict=True) if yes} for row in passed]

    def decide(self, texts: Iterable[str], contexts: Iterable[str | None] | None = None) -> NDArray[np.int8]:
        """Return (n, k): 1 where a code is suggested, 0 where it is ruled out, -1 where it stays undecided.

        Only a wish for few errors, or one that cannot be granted, leaves something undecided. `predict` gives the 1s.
        """
        probabilities = self.predict_proba(texts, contexts)
        decided = np.full(probabilities.shape, -1, dtype=np.int8)
        decided[probabilities < self.lows_] = 0
        decided[probabilities >= self.thresholds_] = 1
        return decided

    @property
    def decisions(self) -> str:
        """Fingerprint of what was learned from: 16 hexadecimal digits over segments and codes; "" without labels."""
        self.check_ready()
        return self._decisions

    @property
    def transcripts(self) -> int:
        """How many transcripts were learned from; 0 where `fit` was told of none."""
        self.check_ready()
        return self._transcripts

    def details(self) -> dict[str, Any]:
        """Return what a study should know of this model when it is gone, as plain values for JSON."""
        self.check_ready()
        codebook = self.codebook
        return {
            "kind": "codebook" if self.learned_ is None else "trained",
            "name": self.name,
            "codebook": None if codebook is None else {"id": codebook.id, "hash": codebook.hash},
            "encoder": {"name": self._encoder.name, "hash": self._encoder.hash},
            "segments": 0 if self.learned_ is None else len(self.learned_.held_out),
            "transcripts": self._transcripts,
            "decisions": self._decisions,
            "learned_from": list(self.explainer.ids),
            "wish": {code: str(stated) for code, stated in self.wishes_.items()},
            "codes": {verdict.code: verdict.as_dict() for verdict in self.verdicts_},
            "warnings": list(self.warnings_),
        }

    @property
    def model_id(self) -> str:
        """What suggestions name as their model: name@hash."""
        self.check_ready()
        return f"{self.name}@{self._fingerprint}"

    @property
    def fitted_encoder(self) -> Encoder:
        """The encoder that the fitted state needs."""
        self.check_ready()
        return self._encoder

    def state(self) -> dict[str, Any]:
        """Return what labels taught, as arrays and plain values; `from_state` is the way back.

        ModelError without labels: a classifier from a codebook alone is made anew from the codebook.
        """
        self.check_ready()
        if self.learned_ is None:
            raise ModelError(
                _("This model has learned from no coded segment, so there is nothing to save. Train it first.")
            )
        arrays, meta = self.learned_.state()
        arrays.update(self.explainer.state())
        arrays["clusters"] = self._clusters
        if self.prior_ is not None:
            arrays["codebook_vectors"] = self.prior_.embeddings
        meta |= {
            "classes": self.classes_,
            "ids": self.explainer.ids,
            "warnings": list(self.warnings_),
            "learned_hash": self._learned_hash,
            "limit": self.explainer.limit,
            "decisions": self._decisions,
            "wishes": {code: str(stated) for code, stated in self.wishes_.items()},
            "transcripts": self._transcripts,
            "random_state": self.random_state,
        }
        return {"arrays": arrays, "meta": meta}

    @classmethod
    def from_state(cls, state: dict[str, Any], encoder: Encoder, codebook: Codebook | None) -> Self:
        """Return the classifier whose `state` this is; `encoder` and `codebook` are those it was trained with."""
        arrays, meta = state["arrays"], state["meta"]
        classifier = cls(encoder, codebook, meta["random_state"])
        learned = Learned.from_state(arrays, meta)
        classifier._start(
            codebook or names_alone(meta["classes"]), arrays.get("codebook_vectors"), gist=learned.gist is not None
        )
        if "codebook_vectors" not in arrays:  # the codes have names that say nothing
            classifier.prior_ = None
        classifier.learned_ = learned
        classifier.warnings_ = tuple(meta["warnings"])
        classifier._clusters = arrays["clusters"]
        classifier.explainer = Explainer(
            classifier.prior_,
            classifier.learned_,
            coded=arrays["coded"],
            applies=arrays["applies"].astype(bool),
            ids=meta["ids"],
            clusters=classifier._clusters,
            limit=meta["limit"],
        )
        classifier.name = "trained"
        classifier._learned_hash = str(meta["learned_hash"])
        classifier._decisions = str(meta["decisions"])
        classifier._transcripts = int(meta["transcripts"])
        return classifier.set_wish(dict(meta["wishes"]))

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the arguments of the constructor, as scikit-learn's `clone` wants them."""
        return {"encoder": self.encoder, "codebook": self.codebook, "random_state": self.random_state}

    def set_params(self, **params: Any) -> Self:  # noqa: ANN401
        """Set arguments of the constructor."""
        for name, value in params.items():
            if name not in self.get_params():
                raise ValueError(name)
            setattr(self, name, value)
        return self

    def _start(self, book: Codebook, vectors: Embeddings | None = None, *, gist: bool | None = None) -> None:
        """Load the encoder where none was given, and learn what `book` says; `vectors` are its texts', if known.

        gist: see `build_prior`.
        """
        check_parts(self.codebook, self.encoder)
        if not book.codes:
            raise ModelError(_("{codebook}: has no codes. Add at least one.", codebook=book.id))
        self._encoder = self.encoder or load_encoder()
        self.learned_ = None
        self.warnings_ = ()
        self.wishes_ = {}
        self._decisions, self._transcripts = "", 0
        texts = texts_to_embed(book)
        if vectors is None or len(vectors) != len(texts):  # an older version compared other texts
            vectors = embed_passages(texts, self._encoder)
        with one_thread():
            self.prior_ = build_prior(book, vectors, self._encoder.mean, gist=gist)
        self.classes_ = list(book.ids())
        self.thresholds_ = self.prior_.thresholds
        self.lows_ = self.thresholds_
        self.verdicts_ = from_codebook(self.classes_)
        self.explainer = Explainer(self.prior_, None)

    @property
    def _reader(self) -> Reader | None:
        """What gives the states at each piece of a text, where the encoder can."""
        return reader_of(self._encoder)

    def probabilities_of(
        self,
        texts: Sequence[str],
        questions: Sequence[str],
        embeddings: Embeddings,
        *,
        states: Sequence[NDArray[np.float16]] | None = None,
    ) -> Floats:
        """Return probabilities (n, k) of texts that were checked, with their questions and embeddings.

        states: those at each piece of each text, where they are known.
        """
        prior = None if self.prior_ is None else self.prior_.log_odds(texts, questions, embeddings)
        if self.learned_ is not None:
            scores = self.learned_.scores(self.learned_.parts(texts, questions, embeddings, prior))
            attention, attended = self.learned_.attention, None
            if attention is not None:
                reader = self._reader
                assert reader is not None  # a model is loaded with the encoder that it was trained with
                attended = attention.log_odds(texts, reader) if states is None else attention.log_odds_of(states)
            return sigmoid(self.learned_.log_odds(scores, prior, attended))
        assert prior is not None
        return sigmoid(prior)

    def embeddings_of(self, texts: Sequence[str], embeddings: Embeddings | None) -> Embeddings:
        """Return the embeddings (n, d) of texts; those given are checked and used."""
        if embeddings is None:
            return self._encoder.encode(texts)
        return check_embeddings(embeddings, len(texts), self._encoder.dimension)

    def _centred(self, vectors: Embeddings) -> NDArray[np.float16]:
        assert self.learned_ is not None
        mean = self.prior_.mean if self.prior_ is not None else self.learned_.mean
        return unit(vectors - mean).astype(np.float16)

    def check_ready(self) -> None:
        """Raise ModelError where nothing was learned yet."""
        if not hasattr(self, "explainer"):
            raise ModelError(_("This classifier has learned nothing yet. Call fit, or start from a codebook."))
