from collections import Counter
from pathlib import Path

import pytest
from tasks.corpora import CORPORA

from mqan.example import DataError
from mqan.tasks import TASKS
from mqan.tasks.iwslt import QUESTIONS, segments, triple

TASK = TASKS["iwslt"]
TAGGED = """<url>http://www.ted.com/talks/rain</url>
<keywords>talks, rain</keywords>
<speaker>Ann</speaker>
<talkid>1</talkid>
<title>Ann: Rain</title>
<description>Ann talks.</description>
{}
<reviewer>Bo</reviewer>
<translator>Cy</translator>
"""
XML = """<?xml version="1.0" encoding="UTF-8"?>
<mteval>
<{kind} setid="iwslt2016-tst2013" srclang="english">
<doc docid="1" genre="lectures">
<url>http://www.ted.com/talks/rain</url>
<title>Ann: Rain</title>
<seg id="1"> {} </seg>
<seg id="2"> {} </seg>
</doc>
<doc docid="2" genre="lectures">
<seg id="1"> A &amp; B </seg>
</doc>
</{kind}>
</mteval>
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "iwslt16"
    folder.mkdir()
    return folder


def pairs(root: Path, split: str, dropped: Counter[str] | None = None) -> list[tuple[str, str]]:
    return [(e.context, e.answer) for e in TASK.examples(root, split, dropped=dropped)]


def test_the_official_train_files_without_their_lines_of_tags(folder: Path):
    for language, lines in (("en", " Hello. \nYes."), ("de", " Hallo. \nJa.")):
        (folder / f"train.tags.en-de.{language}").write_text(TAGGED.format(lines))
    assert pairs(folder.parent, "train") == [("Hello.", "Hallo."), ("Yes.", "Ja.")]


@pytest.mark.parametrize(("split", "year"), [("validation", 2013), ("test", 2014)])
def test_the_official_xml_files(folder: Path, split: str, year: int):
    for language, kind, lines in (
        ("en", "srcset", ("Hello.", "Yes.")),
        ("de", "refset", ("Ja", "")),
    ):
        path = folder / f"IWSLT16.TED.tst{year}.en-de.{language}.xml"
        path.write_text(XML.format(*lines, kind=kind))
    dropped: Counter[str] = Counter()
    assert pairs(folder.parent, split, dropped) == [("Hello.", "Ja"), ("A & B", "A & B")]
    assert dropped == {"empty on one side": 1}


def test_xml_that_is_not_well_formed_or_of_other_length(folder: Path):
    english, german = (
        folder / f"IWSLT16.TED.tst2013.en-de.{language}.xml" for language in ("en", "de")
    )
    english.write_text(XML.format("Yes.", "No.", kind="srcset"))
    german.write_text(XML.format("Ja.", "<b>Nein.", kind="refset"))
    with pytest.raises(DataError, match=r"de\.xml, line 8: expected well-formed XML"):
        pairs(folder.parent, "validation")
    german.write_text(XML.format("Ja.", "Nein.", kind="refset").replace("<seg id", "<hl id", 1))
    with pytest.raises(DataError, match="line 7"):
        pairs(folder.parent, "validation")
    german.write_text('<mteval><refset><doc docid="1"><seg id="1">Ja</seg></doc></refset></mteval>')
    with pytest.raises(
        DataError, match=r"de\.xml: expected as many segments as in .*no more than 1"
    ):
        pairs(folder.parent, "validation")


def test_plain_text_comes_first(folder: Path):
    CORPORA["iwslt"].write(folder)
    (folder / "IWSLT16.TED.tst2013.en-de.en.xml").write_text("not read")
    assert len(pairs(folder.parent, "validation")) == 2


def test_one_side_alone_is_a_missing_file(folder: Path):
    (folder / "train.en-de.en").write_text("Hello.\n")
    with pytest.raises(DataError, match=r"train\.en-de\.de is missing"):
        pairs(folder.parent, "train")


def test_the_papers_wording():
    assert (
        triple("a", "b", QUESTIONS["paper"])[1] == "What is the translation from English to German?"
    )


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "count"), [("dev2010", 887), ("tst2010", 1565), ("tst2011", 1433), ("tst2012", 1700)]
)
def test_official_xml_of_another_year(shared: Path, name: str, count: int):
    folder = shared / "data" / "real" / "iwslt14_xml"
    for language in ("en", "de"):
        found = [text for _, text in segments(folder / f"IWSLT14.TED.{name}.de-en.{language}.xml")]
        assert len(found) == count and all(text.strip() for text in found)
