# ruff: noqa: SIM905  (word tables are read and edited as text)
"""Words of the inference families: opposites, words of one kind, what is more general.

The tables are short on purpose: a small network sees each relation of two words many times.
"""

from mqan.mini.lexicon import MEN, WOMEN

PEOPLE = WOMEN + MEN
PLACES = "shop hall museum kitchen garage office library theatre school bank".split()
OPPOSITES = (  # two words of one meaning, two of the opposite
    (("big", "large"), ("small", "little")),
    (("loud", "noisy"), ("quiet", "silent")),
    (("clean", "spotless"), ("dirty", "filthy")),
    (("new", "modern"), ("old", "ancient")),
    (("famous", "renowned"), ("unknown", "obscure")),
)
OBJECTS = "lamp chair vase clock basket ladder camera drum coat suitcase bed table".split()
PROPERTIES = (  # ways to state a property, and words of which only one can be true
    (("is {}", "is {} in colour"), "red blue green yellow white black".split()),
    (("is made of {}", "consists of {}"), "wood steel glass paper leather silver".split()),
    (("stands in the {}", "is in the {}"), "cellar attic barn yard corridor bathroom".split()),
    (("was sold on {}", "was bought on {}"), "Monday Tuesday Wednesday Thursday Friday".split()),
)
GROUPS = (  # special kinds, and what they are
    (("poodles", "terriers"), "dogs"),
    (("robins", "sparrows"), "birds"),
    (("roses", "tulips"), "flowers"),
    (("trucks", "taxis"), "cars"),
    (("novels", "diaries"), "books"),
)
DEALINGS = "bought sold painted lost washed borrowed".split()
NUMBERS = "two three four five six seven eight nine ten eleven twelve".split()
COMPARATIVES = (
    ("older", "younger"),
    ("taller", "shorter"),
    ("faster", "slower"),
    ("richer", "poorer"),
)
DEEDS = "thanked helped blamed greeted trusted invited praised warned".split()
