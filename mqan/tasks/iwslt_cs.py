"""IWSLT 2016, English to Czech: a second language for a model that learnt German.

Origin: WIT3, IWSLT 2016 en-cs (Cettolo et al.), in the same forms as `iwslt` reads; tst2013 is
validation as there. The release has no tst2014 for this pair: tst2012 is the test split. Not one of
the ten: the paper trains on it from the decathlon's weights. Licence: CC BY-NC-ND. A raw pair and
its triple:

>>> iwslt.triple("Thank you.\\n", "Děkuji.\\n", QUESTIONS["code"])
('Thank you.', 'Translate from English to Czech', 'Děkuji.')
"""

from mqan.tasks import iwslt
from mqan.tasks.task import Task

QUESTIONS = {name: text.replace("German", "Czech") for name, text in iwslt.QUESTIONS.items()}

TASK = Task(
    name="iwslt_cs",
    title="IWSLT en-cs",
    version=1,
    directory="iwslt16_en_cs",
    metric="bleu",
    splits=iwslt.splits("en-cs", test="tst2012"),
    read=iwslt.reader("en-cs", QUESTIONS, test="tst2012"),
    wordings=tuple(QUESTIONS),
    source="https://wit3.fbk.eu/archive/2016-01/texts/en/cs/en-cs.tgz",
    licence="CC BY-NC-ND",
    sizes=(114390, 1327, 1385),
)
