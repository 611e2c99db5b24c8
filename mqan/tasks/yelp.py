"""Yelp reviews: is a review of a restaurant or shop negative or positive?

Origin: Yelp Review Polarity (Zhang et al. 2015): label, text; `polarity` says how they are read and
what stands in for the validation file. Not one of the ten: the paper asks it of models that learnt
SST. Licence: none stated. A raw row and its triple:

>>> polarity.triple('"1","Slow.\\\\n\\\\nAnd cold."', 1, "code", "test.csv, line 1")
('Slow. And cold.', 'Is this review negative or positive?', 'negative')
"""

from mqan.tasks import polarity
from mqan.tasks.task import Task

TASK = Task(
    name="yelp",
    title="Yelp",
    version=1,
    directory="yelp_review_polarity_csv",
    metric="em",
    splits=polarity.SPLITS,
    read=polarity.reader(texts=1),
    wordings=("code", "paper"),
    source="Xiang Zhang's collection of yelp_review_polarity_csv.tar.gz (Zhang et al. 2015)",
    licence="none stated",
    sizes=(560000, 38000, 38000),
    truncate_context=True,  # as the released code cuts the reviews of IMDb
)
