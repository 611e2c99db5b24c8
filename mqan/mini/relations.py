# ruff: noqa: E501  (word tables are read and edited as text)
"""What the embedded world knows: about seventy relations in four families, and their wordings.

A family turns word forms into sentence and question templates, so relations of one family share
question patterns: a new relation can be answered from its words alone, which makes zero-shot
extraction possible. Each relation has two lexicalisations (found / set up); a question that uses
the other one than its sentence shares no verb with it.
Templates have the slots {S} subject, {O} object, {K} kind of the object, {T} kind of the subject.
"""

from dataclasses import dataclass

Templates = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """One lexicalisation: sentences (the first always begins with {S}), questions both ways."""

    sentences: Templates
    questions: Templates  # ask for the object, given {S}
    inverse: Templates  # ask for the subject, given {O}


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation between kinds of entities."""

    name: str
    family: str
    subject: str
    object: str
    wordings: tuple[Wording, Wording]


def _agent(forms: str, person: bool) -> Wording:
    """`past | participle | noun`: the object acts on the subject (founded, directed, taught)."""
    past, participle, noun = forms.split(" | ")
    who = (
        f"Who {past} {{S}}?",
        f"Who was the {noun} of {{S}}?",
        f"By whom was {{S}} {participle}?",
    )
    return Wording(
        (
            f"{{S}} was {participle} by {{O}}",
            f"{{O}} {past} {{S}}",
            f"{{O}} was the {noun} of {{S}}",
            f"the {noun} of {{S}} was {{O}}",
        ),
        (
            *(who if person else ()),
            f"Which {{K}} {past} {{S}}?",
            f"{{S}} was {participle} by which {{K}}?",
            f"What is the name of the {noun} of {{S}}?",
            f"Which {{K}} was the {noun} of {{S}}?",
        ),
        (
            f"Which {{T}} was {participle} by {{O}}?",
            f"{{O}} was the {noun} of which {{T}}?",
            f"What is the {{T}} that {{O}} {past}?",
        ),
    )


def _place(forms: str, _: bool) -> Wording:
    """`said of the subject | auxiliary | bare | noun`: the subject does it in the object."""
    said, auxiliary, bare, noun = forms.split(" | ")
    return Wording(
        (
            f"{{S}} {said} in {{O}}",
            f"{{O}} is the {noun} of {{S}}",
            f"it was in {{O}} that {{S}} {said}",
        ),
        (
            f"Where {auxiliary} {{S}} {bare}?",
            f"In which {{K}} {auxiliary} {{S}} {bare}?",
            f"Which {{K}} {auxiliary} {{S}} {bare} in?",
            f"What is the {noun} of {{S}}?",
            f"{{S}} {said} in which {{K}}?",
        ),
        (f"Which {{T}} {said} in {{O}}?", f"{{O}} is the {noun} of which {{T}}?"),
    )


def _year(forms: str, _: bool) -> Wording:
    """As `_place`, the object being a year."""
    said, auxiliary, bare, noun = forms.split(" | ")
    return Wording(
        (
            f"{{S}} {said} in {{O}}",
            f"in {{O}}, {{S}} {said}",
            f"the {noun} of {{S}} is {{O}}",
        ),
        (
            f"When {auxiliary} {{S}} {bare}?",
            f"In which year {auxiliary} {{S}} {bare}?",
            f"What year {auxiliary} {{S}} {bare}?",
            f"What is the {noun} of {{S}}?",
            f"{{S}} {said} in what year?",
        ),
        (f"Which {{T}} {said} in {{O}}?", f"In {{O}}, which {{T}} {said}?"),
    )


def _attribute(forms: str, _: bool) -> Wording:
    """`said of the subject | auxiliary | bare | noun`: plays the / does / play / instrument."""
    said, auxiliary, bare, noun = forms.split(" | ")
    return Wording(
        (f"{{S}} {said} {{O}}", f"the {noun} of {{S}} is {{O}}", f"{{O}} is the {noun} of {{S}}"),
        (
            f"What {{K}} {auxiliary} {{S}} {bare}?",
            f"Which {{K}} {auxiliary} {{S}} {bare}?",
            f"What is the {noun} of {{S}}?",
            f"Which {{K}} is the {noun} of {{S}}?",
        ),
        (f"Which {{T}} {said} {{O}}?", f"{{O}} is the {noun} of which {{T}}?"),
    )


_FAMILIES = {"agent": _agent, "place": _place, "year": _year, "attribute": _attribute}

# name; subject kind; object kind; first wording; second wording. `*` marks the relations that
# QA-ZRE keeps for its validation split, `+` those that it keeps for its test split.
_TABLE = {
    "agent": """
founder; company; person; founded | founded | founder; set up | set up | creator
director; film; person; directed | directed | director; shot | shot | film maker
+screenwriter; film; person; wrote | written | screenwriter; scripted | scripted | script author
producer; film; company; produced | produced | producer; financed | financed | backer
author; book; person; wrote | written | author; penned | penned | writer
*editor; book; person; edited | edited | editor; revised | revised | reviser
+translator; book; person; translated | translated | translator; rendered | rendered | interpreter
illustrator; book; person; illustrated | illustrated | illustrator; drew | drawn | artist
+publisher; book; company; published | published | publisher; printed | printed | printer
composer; song; person; composed | composed | composer; scored | scored | songwriter
*performer; song; person; sang | sung | singer; performed | performed | performer
record label; song; company; recorded | recorded | record label; issued | issued | label
architect; building; person; designed | designed | architect; planned | planned | planner
*builder; building; company; built | built | builder; constructed | constructed | contractor
+owner; building; person; owned | owned | owner; possessed | possessed | landlord
inventor; device; person; invented | invented | inventor; devised | devised | deviser
*manufacturer; device; company; made | made | manufacturer; assembled | assembled | maker
+distributor; device; company; sold | sold | seller; marketed | marketed | distributor
coach; team; person; coached | coached | coach; trained | trained | trainer
sponsor; team; company; sponsored | sponsored | sponsor; funded | funded | patron
+captain; team; person; captained | captained | captain; led | led | leader
chairperson; company; person; chaired | chaired | chair; presided over | presided over | president
*parent company; company; company; bought | bought | buyer; acquired | acquired | parent company
mother; person; person; raised | raised | mother; bore | borne | mum
father; person; person; fathered | fathered | father; brought up | brought up | dad
spouse; person; person; married | married | spouse; wedded | wedded | partner
+teacher; person; person; taught | taught | teacher; instructed | instructed | tutor
*doctor; person; person; treated | treated | doctor; cured | cured | physician
rival; person; person; defeated | defeated | rival; beat | beaten | opponent
chef; restaurant; person; ran | run | chef; managed | managed | cook
""",
    "place": """
place of birth; person; city; was born | was | born | birthplace; grew up | did | grow up | childhood home
place of death; person; city; died | did | die | place of death; passed away | did | pass away | deathbed
*residence; person; city; lives | does | live | residence; dwells | does | dwell | home
+place of burial; person; city; was buried | was | buried | burial place; lies at rest | does | lie at rest | grave
workplace; person; city; works | does | work | workplace; has a job | does | have a job | work address
citizenship; person; country; votes | does | vote | country of citizenship; holds a passport | does | hold a passport | nationality
headquarters; company; city; is based | is | based | headquarters; keeps its head office | does | keep its head office | main seat
+place of formation; company; city; was formed | was | formed | place of formation; began | did | begin | origin
country of company; company; country; pays taxes | does | pay taxes | home country; is registered | is | registered | country of registration
filming location; film; city; was filmed | was | filmed | filming location; was made on location | was | made on location | backdrop
narrative location; film; country; is set | is | set | setting; takes place | does | take place | scene
+place of publication; book; city; was printed | was | printed | place of publication; came off the press | did | come off the press | press city
location; building; city; stands | does | stand | location; is found | is | found | site
*country of building; building; country; is situated | is | situated | country; rises | does | rise | land
+home ground; team; city; plays at home | does | play at home | home ground; has its stadium | does | have its stadium | stadium city
league country; team; country; competes | does | compete | league country; plays its matches | does | play its matches | championship country
country of origin; device; country; was developed | was | developed | country of origin; originated | did | originate | homeland
restaurant location; restaurant; city; is located | is | located | address; can be visited | can | be visited | whereabouts
""",
    "year": """
date of birth; person; year; was born | was | born | year of birth; saw the light of day | did | see the light of day | birth year
*date of death; person; year; died | did | die | year of death; passed away | did | pass away | death year
wedding; person; year; got married | did | get married | wedding year; had a wedding | did | have a wedding | marriage year
+graduation; person; year; graduated | did | graduate | graduation year; finished college | did | finish college | degree year
founding; company; year; was founded | was | founded | founding year; opened its doors | did | open its doors | start year
*dissolution; company; year; was closed | was | closed | closing year; went bankrupt | did | go bankrupt | end year
release; film; year; was released | was | released | release year; came to cinemas | did | come to cinemas | premiere year
publication; book; year; was published | was | published | publication year; first appeared | did | first appear | edition year
+recording; song; year; was recorded | was | recorded | recording year; was first heard | was | first heard | debut year
completion; building; year; was completed | was | completed | completion year; was finished | was | finished | construction year
*discovery; device; year; was invented | was | invented | year of invention; was patented | was | patented | patent year
team founding; team; year; was established | was | established | year of establishment; was formed | was | formed | formation year
restaurant opening; restaurant; year; was opened | was | opened | opening year; welcomed its first guests | did | welcome its first guests | inauguration year
""",
    "attribute": """
native language; person; language; speaks | does | speak | native language; talks in | does | talk in | mother tongue
*language of work; book; language; is written in | is | written in | language; can be read in | can | be read in | original language
genre; film; genre; is classed as | is | classed as | genre; is described as | is | described as | category
+song genre; song; genre; belongs to | does | belong to | musical genre; is listed under | is | listed under | musical style
instrument; person; instrument; plays the | does | play | instrument; practises the | does | practise | favourite instrument
+sport; person; sport; takes part in | does | take part in | sport; trains for | does | train for | discipline
team sport; team; sport; plays | does | play | sport; is devoted to | is | devoted to | game
*occupation; person; profession; works as a | does | work as | occupation; earns money as a | does | earn money as | job
employer; person; company; works for | does | work for | employer; is employed by | is | employed by | boss
member of; person; team; plays for | does | play for | club; is a member of | is | a member of | side
award; person; award; won the | did | win | award; received the | did | receive | distinction
*film award; film; award; was given the | was | given | prize; took home the | did | take home | trophy
material; building; material; is made of | is | made of | material; consists of | does | consist of | fabric
+team colour; team; colour; wears | does | wear | colour; dresses in | does | dress in | shirt colour
cuisine; restaurant; cuisine; serves | does | serve | cuisine; offers | does | offer | kitchen
pet; person; animal; keeps a | does | keep | pet; owns a | does | own | companion
+product; company; product; makes | does | make | product; manufactures | does | manufacture | output
mascot; team; animal; is represented by a | is | represented by | mascot; shows a | does | show | emblem
""",
}


def _relation(family: str, line: str) -> tuple[str, Relation]:
    name, subject, object_, *forms = (part.strip() for part in line.split(";"))
    marks = {"*": "validation", "+": "test"}
    split = marks.get(name[0], "train")
    first, second = (_FAMILIES[family](form, object_ == "person") for form in forms)
    return split, Relation(name.lstrip("*+"), family, subject, object_, (first, second))


_ROWS = [
    _relation(family, line)
    for family, table in _TABLE.items()
    for line in table.strip().split("\n")
]
RELATIONS: tuple[Relation, ...] = tuple(relation for _, relation in _ROWS)
# The relations whose questions QA-ZRE asks in each split; SQuAD talks about all of them.
ASKED: dict[str, tuple[Relation, ...]] = {
    split: tuple(relation for its, relation in _ROWS if its == split)
    for split in ("train", "validation", "test")
}
BY_SUBJECT: dict[str, tuple[Relation, ...]] = {
    kind: tuple(r for r in RELATIONS if r.subject == kind)
    for kind in dict.fromkeys(r.subject for r in RELATIONS)
}
