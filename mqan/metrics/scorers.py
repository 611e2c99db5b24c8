"""The scorers by the name of the decaScore metric that their result contains."""

from mqan.metrics.bleu import bleu
from mqan.metrics.corpus_f1 import corpus_f1
from mqan.metrics.dialogue import dialogue
from mqan.metrics.logical_form import logical_form
from mqan.metrics.overlap import overlap
from mqan.metrics.pairs import Scorer as Scorer
from mqan.metrics.rouge import rouge

SCORERS: dict[str, Scorer] = {
    "nf1": overlap,
    "em": overlap,
    "bleu": bleu,
    "rouge": rouge,
    "cf1": corpus_f1,
    "dsem": dialogue,
    "lfem": logical_form,
}
