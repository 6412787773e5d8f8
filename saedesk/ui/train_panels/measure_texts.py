"""What the measures of a run are, and what is good, each in a plain sentence."""

from __future__ import annotations

FVU = (
    "Share of the variation in the vectors that the features miss, measured on documents the "
    "training never saw. 0 would be perfect, 1 is no better than the mean; small corpora end "
    "between 0.4 and 0.8."
)
FVU_HERE = (
    "Share of the variation in the vectors of this project that the features miss, measured on "
    "all documents. 0 would be perfect, 1 is no better than the mean; far above what its makers "
    "report, it was made for other vectors."
)
LOADED_FVU = " An SAE from a file is measured on all documents here."
LOADED_DEAD = " Of an SAE from a file it is the share that no document here has."
L0_HERE = "How many features describe a document of this project, on average."
NEVER_ACTIVE = (
    "Share of features that no document of this project has. Many are usual for an SAE that was "
    "made for another corpus."
)
L0 = (
    "How many features describe a document, on average. It should come close to k; far below, "
    "features are idle."
)
K = (
    "How many features may describe one document. Few make features that are easy to read, many "
    "rebuild the vectors better."
)
FEATURES = (
    "How many features the SAE (sparse autoencoder: it takes vectors apart into features) has. "
    "More are finer; with under ten documents for each, most are chance."
)
EPOCHS = (
    "How often the training has seen every document, of how often it will. Go on until the FVU "
    "no longer falls."
)
DEAD = (
    "Share of features that no document chose during the last epoch. It rises at first; under "
    "1 % at the end is good."
)
SPEED = "Documents that the training sees in a second, pauses left out. More is only faster."
TIME = "Time spent training, pauses left out."
LEFT = "Time to the last step at the speed of the last seconds."
SIZE = "Encoder and decoder of the SAE on the disk."
ARCHITECTURE = "How the features of a document are chosen and how that is learned."
LOSS = (
    "Mean squared error of the last training batch in relation to its variance, lower is better. "
    "The FVU, on documents that the training never saw, is the one to trust."
)
STEPS = "Batches the training has learned from."
TIME_OFF = (
    "How much longer or shorter the training took than was forecast; later forecasts learn from it."
)
FVU_OFF = "How far the FVU came out from what was forecast; later forecasts learn from it."
PRECISION = (
    "In which precision the largest activations were searched. Their values are always exact "
    "float32."
)
PRESET = "The preset it was made from, where it was."
DATE = "When the SAE was stored."
