"""One training on a known-answer set, measured; and the bounds of what is possible.

Every run sees the same draw of the data, as in arXiv:2411.13117; the seeds start the SAEs. Other
draws can be asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from saedesk.sae.architectures import architectures
from saedesk.sae.known_answer.known_answer_data import KnownAnswerData, KnownAnswerSet
from saedesk.sae.known_answer.recovery_scores import (
    RecoveryScores,
    fraction_unexplained,
    mcc_of_codes,
    mcc_of_dictionary,
    recovered_share,
)
from saedesk.task_control import TaskControl

if TYPE_CHECKING:
    from saedesk.sae.sparse_autoencoder import SparseAutoencoder

TRUE_DICTIONARY = "true dictionary"
RANDOM_DICTIONARY = "random dictionary"
BOUNDS = (TRUE_DICTIONARY, RANDOM_DICTIONARY)
"""What stands beside the architectures: the most and the least that can be expected."""
DATA_SEED = 0
_TRACE = 1e-4


def settings_for(architecture: str, data_set: KnownAnswerSet, seed: int) -> dict[str, Any]:
    """Settings of an architecture's config that suit the set.

    As many latents as there are features, and the sparsity of the data: by
    `settings_for_sparsity(k)` where the architecture has it, otherwise by k.
    """
    kind = architectures().get(architecture)
    settings: dict[str, Any] = {
        "n_latents": data_set.n_features,
        "batch_size": data_set.batch_size,
        "learning_rate": data_set.learning_rate,
        "learning_rate_decay": "linear",
        "held_out_share": 0.0,
        "seed": seed,
    }
    for_sparsity = getattr(kind, "settings_for_sparsity", None)
    if for_sparsity is not None:
        settings.update(for_sparsity(data_set.n_active))
    elif "k" in kind.Config.__dataclass_fields__:
        settings["k"] = data_set.n_active
    return settings


def train_and_score(
    architecture: str,
    data_set: KnownAnswerSet,
    seed: int,
    *,
    data_seed: int = DATA_SEED,
    steps: int | None = None,
    control: TaskControl | None = None,
) -> RecoveryScores:
    """Train an SAE of `seed` on the draw of `data_seed` and measure it.

    `steps` in place of the set's own. On the CPU, where a seed gives the same SAE every time.
    """
    from saedesk.sae.training import train

    data = data_set.make(data_seed)
    sae = train(
        data.training_rows,
        architecture,
        steps=data_set.steps if steps is None else steps,
        device="cpu",
        control=control,
        **settings_for(architecture, data_set, seed),
    )
    return score(sae, data)


def score(sae: SparseAutoencoder, data: KnownAnswerData) -> RecoveryScores:
    """Measure an SAE on the test rows of a draw; dead latents on all rows."""
    test_rows = data.test_rows
    codes = sae.encode(test_rows)
    ever_active = (codes > 0).sum(axis=0) + (sae.encode(data.training_rows) > 0).sum(axis=0)
    rebuilt = sae.decode(codes)
    return _scores(data, sae.decoder, codes.toarray(), rebuilt, np.ravel(ever_active) > 0)


def score_bound(
    bound: str, data_set: KnownAnswerSet, seed: int, *, data_seed: int = DATA_SEED
) -> RecoveryScores:
    """What the true dictionary reaches with a good encoder, or the random one of `seed`.

    The encoder takes, of the codes z >= 0 that rebuild a row, those of least sum (basis pursuit):
    min over z >= 0 of ‖x − bias − z D‖² + 1e-6 (Σ z)², solved as non-negative least squares.
    """
    from scipy.optimize import nnls

    data = data_set.make(data_seed)
    dictionary = data.dictionary
    if bound == RANDOM_DICTIONARY:
        drawn = np.random.default_rng((seed, 1)).normal(size=dictionary.shape)
        dictionary = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    system = np.vstack([dictionary.T, np.full(len(dictionary), 1e-3)])
    rows = data.test_rows.astype(np.float64) - data.bias
    codes = np.stack([nnls(system, np.append(row, 0.0))[0] for row in rows])
    # The penalty and rows of float32 leave traces of absent features.
    codes[codes < _TRACE] = 0.0
    rebuilt = codes @ dictionary + data.bias
    return _scores(data, dictionary, codes, rebuilt, np.any(codes > 0, axis=0))


def _scores(
    data: KnownAnswerData,
    dictionary: np.ndarray,
    codes: np.ndarray,
    rebuilt: np.ndarray,
    ever_active: np.ndarray,
) -> RecoveryScores:
    return RecoveryScores(
        mcc_of_codes=mcc_of_codes(data.test_codes, codes),
        mcc_of_dictionary=mcc_of_dictionary(data.dictionary, dictionary),
        recovered_share=recovered_share(data.dictionary, dictionary),
        fvu=fraction_unexplained(data.test_rows, rebuilt),
        l0=float((codes > 0).sum() / len(codes)),
        dead_share=float(1.0 - ever_active.mean()),
    )
