"""Amazon reviews: is a product review negative or positive?

Origin: Amazon Review Polarity (Zhang et al. 2015): label, title, text; `polarity` says how they are
read and what stands in for the validation file. Not one of the ten: the paper asks it of models
that learnt SST. Licence: none stated. A raw row and its triple:

>>> polarity.triple('"2","Great lamp","Bright, and ""cheap""."', 2, "code", "test.csv, line 1")
('Great lamp Bright, and "cheap".', 'Is this review negative or positive?', 'positive')
"""

from mqan.tasks import polarity
from mqan.tasks.task import Task

TASK = Task(
    name="amazon",
    title="Amazon",
    version=1,
    directory="amazon_review_polarity_csv",
    metric="em",
    splits=polarity.SPLITS,
    read=polarity.reader(texts=2),
    wordings=("code", "paper"),
    source="Xiang Zhang's collection of amazon_review_polarity_csv.tar.gz (Zhang et al. 2015)",
    licence="none stated",
    sizes=(3600000, 400000, 400000),
    truncate_context=True,  # as the released code cuts the reviews of IMDb
)
