"""How well the SAE in use rebuilds single documents and texts, from what is stored of it."""

from __future__ import annotations

import numpy as np

from saedesk.features.reconstruction_error import (
    CorpusErrors,
    Rebuilding,
    ReconstructionError,
    corpus_errors,
    reconstruction_error,
)
from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.project.project_folder import Project
from saedesk.sae.formats.saedesk_format import WEIGHTS_NAME, read_settings
from saedesk.sae.input_normalisation import SCALE, SHIFT
from saedesk.task_control import TaskControl


class DocumentReconstruction:
    """Answers about single vectors; reads a sample of the corpus when first asked, and keeps it.

    Used from one thread at a time.
    """

    def __init__(self, project: Project, sae: LoadedSae) -> None:
        self._project, self.sae = project, sae
        self._rebuilding: Rebuilding | None = None
        self._corpus: CorpusErrors | None = None
        self._is_read = False

    def of_document(
        self, document_id: int, control: TaskControl | None = None
    ) -> ReconstructionError | None:
        """The error of a document; None where it has no usable vector or all are the same."""
        row = self.sae.vectors.row_of(document_id)
        if row is None or row in self.sae.vectors.bad_rows:
            return None
        vector = np.asarray(self.sae.vectors.values[row], np.float32)
        return self.of_vector(vector, *self.sae.activations.document(row), control)

    def of_vector(
        self,
        vector: np.ndarray,
        latents: np.ndarray,
        values: np.ndarray,
        control: TaskControl | None = None,
    ) -> ReconstructionError | None:
        """The error of a vector (d,) as long as the documents', with its codes (k,)."""
        rebuilding = self._opened()
        if not self._is_read:
            vectors = self.sae.vectors
            self._corpus = corpus_errors(
                rebuilding,
                vectors.values,
                self.sae.activations,
                bad_rows=vectors.bad_rows,
                control=control,
            )
            self._is_read = True
        if self._corpus is None:
            return None
        return reconstruction_error(rebuilding, vector, latents, values, self._corpus)

    def _opened(self) -> Rebuilding:
        if self._rebuilding is None:
            from safetensors import safe_open

            folder = self._project.path_of(self.sae.record)
            # The pre-bias alone: the matrices of a large dictionary are not read again.
            with safe_open(folder / WEIGHTS_NAME, framework="numpy") as file:
                names = set(file.keys())
                bias = np.asarray(file.get_tensor("pre_bias"), np.float32)
                if SCALE in names:
                    bias = bias * file.get_tensor(SCALE)
                if SHIFT in names:
                    bias = bias + file.get_tensor(SHIFT)
            kind = read_settings(folder)[1].input_normalisation
            self._rebuilding = Rebuilding(self.sae.decoder, bias, kind)
        return self._rebuilding
