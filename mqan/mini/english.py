"""English side of the bilingual grammar: the same clauses, in English."""

from mqan.mini.bilingual import MODALS
from mqan.mini.german import Clause, Person, Phrase

OBJECT_FORMS = {"I": "me", "you": "you", "he": "him", "she": "her", "it": "it"}
OBJECT_FORMS |= {"we": "us", "they": "them"}
_BE = {"1s": "am", "3s": "is"}
_WAS = {"1s": "was", "3s": "was"}


def noun_phrase(phrase: Phrase, subject: bool) -> str:
    """The phrase in English; `subject` picks the form of pronouns."""
    if phrase.pronoun:
        return phrase.pronoun if subject else OBJECT_FORMS[phrase.pronoun]
    if phrase.noun is None:
        return phrase.name
    noun = phrase.noun.en_plural if phrase.plural else phrase.noun.en
    words = [phrase.adjective.en, noun] if phrase.adjective else [noun]
    determiner = phrase.determiner
    if determiner == "a" and words[0][0] in "aeiou":
        determiner = "an"
    if determiner == "this" and phrase.plural:
        determiner = "these"
    text = " ".join([determiner, *words] if determiner else words)
    if phrase.relative:
        who = "who" if phrase.noun.kind == "person" else "that"
        text += f" {who} {predicate(phrase.relative)}"
    return text


def third_person(base: str) -> str:
    """Third person singular of a verb, particle kept: picks up."""
    verb, _, particle = base.partition(" ")
    if verb.endswith(("s", "sh", "ch", "x", "o")):
        verb += "es"
    elif verb.endswith("y") and verb[-2] not in "aeiou":
        verb = verb[:-1] + "ies"
    else:
        verb += "s"
    return f"{verb} {particle}".strip()


def _modal(clause: Clause, person: Person) -> str:
    now, before = MODALS[clause.modal][:2]
    if clause.tense == "past":
        return before
    return "wants to" if now == "want to" and person == "3s" else now


def _auxiliary(clause: Clause) -> tuple[str, str]:
    """(auxiliary or "", form of the verb behind it or alone)."""
    person, verb = clause.subject.person, clause.verb
    base = "be" if verb is None else verb.en
    if clause.modal:
        return _modal(clause, person), base
    if clause.tense == "future":
        return "will", base
    be = _WAS.get(person, "were") if clause.tense == "past" else _BE.get(person, "are")
    if verb is None:
        return be, ""
    if clause.progressive:
        return be, verb.en_ing
    if clause.tense == "past":
        return "", verb.en_past
    return "", third_person(base) if person == "3s" else base


def _do(clause: Clause) -> str:
    if clause.tense == "past":
        return "did"
    return "does" if clause.subject.person == "3s" else "do"


def _split(clause: Clause) -> tuple[str, str]:
    """As `_auxiliary`, with do where negation or a question needs one."""
    auxiliary, form = _auxiliary(clause)
    semi = auxiliary in ("want to", "wants to", "wanted to", "had to")
    if auxiliary and not semi:
        return auxiliary, form
    assert clause.verb is not None or clause.modal
    base = "be" if clause.verb is None else clause.verb.en
    if semi:
        base = f"{'have' if auxiliary == 'had to' else 'want'} to {base}"
    return _do(clause), base


def _rest(clause: Clause) -> list[str]:
    """Everything behind the verbs."""
    words: list[str] = []
    if clause.recipient:
        words.append(noun_phrase(clause.recipient, False))
    if clause.object:
        words.append(noun_phrase(clause.object, False))
    if clause.predicate:
        words.append(clause.predicate.en_more if clause.than else clause.predicate.en)
    if clause.than:
        words.append(f"than {noun_phrase(clause.than, False)}")
    if clause.place:
        words.append(f"{clause.place.en} {noun_phrase(clause.place.phrase, False)}")
    return words


def _ordered(parts: list[str], clause: Clause) -> str:
    """The words as one text; a pronoun stands inside a verb with a particle (pick us up)."""
    text = " ".join(part for part in parts if part)
    if clause.verb and clause.object and clause.object.pronoun:
        _, _, particle = clause.verb.en.partition(" ")
        pronoun = noun_phrase(clause.object, False)
        if particle in ("up", "away", "along"):
            text = text.replace(f" {particle} {pronoun}", f" {pronoun} {particle}", 1)
    return text


def predicate(clause: Clause, time: bool = True) -> str:
    """The clause without its subject."""
    when = [clause.time[0]] if clause.time and time else []
    if clause.negated:
        auxiliary, form = _split(clause)
        verbs = [auxiliary, "not", form]
    else:
        verbs = list(_auxiliary(clause))
    return _ordered([*verbs, *_rest(clause), *when], clause)


def statement(clause: Clause, time: bool = True) -> str:
    """Subject first; the time last unless `time` is false (said in front)."""
    return f"{noun_phrase(clause.subject, True)} {predicate(clause, time)}"


def question(clause: Clause, word: str = "") -> str:
    """Auxiliary first, behind a question word if there is one."""
    auxiliary, form = _split(clause)
    when = clause.time[0] if clause.time else ""
    parts = [word, auxiliary, noun_phrase(clause.subject, True), "not" if clause.negated else ""]
    return _ordered([*parts, form, *_rest(clause), when], clause)
