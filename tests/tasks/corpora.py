"""Tiny corpora in the official formats, what they become, and how they can be broken."""

import json
from dataclasses import dataclass, field
from hashlib import sha1
from pathlib import Path

URL = "http://web.archive.org/web/2015/http://www.cnn.com/2015/01/02/rain.html"
STORY = sha1(URL.encode()).hexdigest()
STORY_FILE = f"cnn/stories/{STORY}.story"

SQUAD = {
    "version": "1.1",
    "data": [
        {
            "title": "Rain",
            "paragraphs": [
                {
                    "context": "Rain  falls in\nBergen.",
                    "qas": [
                        {
                            "id": "q1",
                            "question": "Where does  rain fall?",
                            "answers": [
                                {"text": "Bergen", "answer_start": 15},
                                {"text": "in\nBergen", "answer_start": 12},
                            ],
                        }
                    ],
                }
            ],
        }
    ],
}
WOZ = [
    {
        "dialogue": [
            {
                "system_acts": [],
                "transcript": "Thai food,  please.",
                "belief_state": [{"act": "inform", "slots": [["food", "thai"]]}],
            },
            {
                "system_acts": ["area", ["price range", "cheap"]],
                "transcript": "North. The phone?",
                "belief_state": [
                    {"act": "inform", "slots": [["food", "thai"]]},
                    {"act": "inform", "slots": [["area", "north"]]},
                    {"act": "request", "slots": [["slot", "phone"]]},
                ],
            },
            {"system_acts": [], "transcript": "Bye.", "belief_state": []},
        ]
    }
]
SQL_ROW = {
    "phase": 1,
    "table_id": "1-1",
    "question": "Who  is from Utah?",
    "sql": {"sel": 0, "agg": 0, "conds": [[1, 0, "Utah"], [2, 1, 5]]},
}
TABLE = {"id": "1-1", "header": ["Player", "School Team", "No."], "types": [], "rows": []}
KEY_WORDS = (
    "MAX, MIN, COUNT, SUM, AVG, =, >, <, OP, SELECT, WHERE, AND, COL, TABLE, CAPTION, PAGE, "
    "SECTION, OP, COND, QUESTION, AGG, AGGOPS, CONDOPS"
)
SCHEMA = "The cup {n} broke as it was [thin/hard]. \nWhat was [thin/hard]? \nCup/floor\n\n"
MNLI_ROW = {"gold_label": "-", "sentence1": "It rained.", "sentence2": "It was dry."}


@dataclass(frozen=True)
class Corpus:
    """Files of the validation split, its examples, and contents that must be refused."""

    files: dict[str, str]
    examples: list[tuple[str, str, str, str, object]]  # id, context, question, answer, reference
    broken: list[tuple[str, str, str]] = field(default_factory=list)
    """File, its content instead, and what the message says."""

    @property
    def first(self) -> str:
        return next(iter(self.files))

    def write(self, folder: Path) -> Path:
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8", newline="\n")
        return folder


def _squad(**changes: object) -> str:
    question = SQUAD["data"][0]["paragraphs"][0]["qas"][0] | changes
    paragraph = {"context": "Rain", "qas": [question]}
    return json.dumps({"data": [{"title": "Rain", "paragraphs": [paragraph]}]})


def _woz(**changes: object) -> str:
    return json.dumps([{"dialogue": [WOZ[0]["dialogue"][0] | changes]}])


def _sql(**changes: object) -> str:
    return json.dumps(SQL_ROW | {"sql": SQL_ROW["sql"] | changes}) + "\n"


CORPORA = {
    "squad": Corpus(
        {"dev-v1.1.json": json.dumps(SQUAD)},
        [
            (
                "q1",
                "Rain falls in Bergen.",
                "Where does rain fall?",
                "Bergen",
                ["Bergen", "in\nBergen"],
            )
        ],
        [
            ("dev-v1.1.json", '{"data": [\n}', "line 2, column 1: expected JSON"),
            ("dev-v1.1.json", '["data"]', "expected an object with the key 'data'"),
            ("dev-v1.1.json", '{"data": 3}', "'data': expected a list, found 3"),
            ("dev-v1.1.json", _squad(question=None), "question q1, 'question': expected text"),
            ("dev-v1.1.json", _squad(answers=[{}]), "question q1: expected the key 'text'"),
            ("dev-v1.1.json", '{"data": [{}]}', "article 1: expected the key 'title'"),
        ],
    ),
    "iwslt": Corpus(
        {
            "IWSLT16.TED.tst2013.en-de.en": " Thank you. \nYes.\n\n",
            "IWSLT16.TED.tst2013.en-de.de": "Danke.\nJa, \u00c4pfel.\nNein.\n",
        },
        [
            ("1", "Thank you.", "Translate from English to German", "Danke.", ["danke."]),
            (
                "2",
                "Yes.",
                "Translate from English to German",
                "Ja, \u00c4pfel.",
                ["ja, \u00e4pfel."],
            ),
        ],
        [
            ("IWSLT16.TED.tst2013.en-de.en", "Thank you.\n", "expected as many segments as in"),
            ("IWSLT16.TED.tst2013.en-de.de", "Danke.\n" * 4, "found no more than 3"),
        ],
    ),
    "cnn_dailymail": Corpus(
        {
            "cnn/cnn_wayback_validation_urls.txt": f"{URL}\n{URL}?gone\n",
            STORY_FILE: "It rained\n\nAll \u201cday\u201d\n\n@highlight\n\nRain in Rome\n\n"
            "@highlight\n\nNo sun\u2026\n",
            f"dailymail/stories/{STORY}.story": "Sun.\n\n@highlight\n\nSun in Rome!\n",
            "story_ids_val.tsv": f"{STORY}\tcnn\trebuilt\n{STORY}\tdailymail\toriginal\n",
        },
        [
            (
                STORY,
                "It rained. All \u201cday\u201d",
                "What is the summary?",
                # the three dots are one character until it is normalised, hence a fourth
                "Rain in Rome. No sun....",
                ["rain in rome. no sun...."],
            ),
            (STORY, "Sun.", "What is the summary?", "Sun in Rome!", ["sun in rome!"]),
        ],
        [
            ("cnn/cnn_wayback_validation_urls.txt", "rain.html\n", "line 1: expected a url"),
            ("story_ids_val.tsv", "abc\tbbc\n", "line 1: expected story identifier, tab, cnn or"),
            (STORY_FILE, "Rain @highlight\n", "line 1: expected @highlight only at the start"),
        ],
    ),
    "multinli": Corpus(
        {
            "multinli_1.0_dev_matched.jsonl": json.dumps(MNLI_ROW | {"genre": "fiction"}) + "\n",
            "multinli_1.0_dev_mismatched.jsonl": json.dumps(MNLI_ROW | {"gold_label": "neutral"}),
        },
        [
            (
                f"{part}:1",
                'Premise: "It rained."',
                'Hypothesis: "It was dry." -- entailment, neutral, or contradiction?',
                label,
                [label],
            )
            for part, label in (("dev_matched", "-"), ("dev_mismatched", "neutral"))
        ],
        [
            (
                "multinli_1.0_dev_matched.jsonl",
                json.dumps(MNLI_ROW) + '\n{"gold_label"\n',
                "line 2, column 14: expected JSON",
            ),
            (
                "multinli_1.0_dev_matched.jsonl",
                json.dumps(MNLI_ROW | {"gold_label": "perhaps"}),
                "line 1, 'gold_label': expected one of entailment, neutral, contradiction, -",
            ),
            (
                "multinli_1.0_dev_mismatched.jsonl",
                '{"gold_label": "neutral", "sentence1": "x"}',
                "line 1: expected the key 'sentence2', found no such key",
            ),
        ],
    ),
    "sst": Corpus(
        {
            "dev_binary_sent.csv": 'label,sentence\n1,"Warm, funny and ""smart""."\n'
            "0,Dull caf\u00e9.\n"
        },
        [
            (
                "2",
                'Warm, funny and "smart".',
                "Is this review negative or positive?",
                "positive",
                ["positive"],
            ),
            (
                "3",
                "Dull caf\u00e9.",
                "Is this review negative or positive?",
                "negative",
                ["negative"],
            ),
        ],
        [
            ("dev_binary_sent.csv", "1,Dull.\n", "line 1: expected the header 'label,sentence'"),
            ("dev_binary_sent.csv", "label,sentence\n2,Dull.\n", "line 2: expected a label 0 or 1"),
            ("dev_binary_sent.csv", "label,sentence\n0,a,b\n", "line 2: expected a label 0 or 1"),
            ("dev_binary_sent.csv", 'label,sentence\n0,"a\n', "line 2: expected a label 0 or 1"),
            ("dev_binary_sent.csv", "label,sentence\n0,a\n\n", "line 3: expected a label 0 or 1"),
        ],
    ),
    "qa_srl": Corpus(
        {
            "wiki1.dev.qa": "WIKI1_4\t2\nThe plan was n't proposed by Ann -LRB- 30 -RRB- .\n"
            "4\tproposed\t2\n"
            "what\tmight\tsomething\tbe proposed\t_\tby\t_\t?\tthe plan ### Ann -LRB- 30 -RRB-\n"
            "who\t_\t_\tproposed\tsomething\t_\t_\t?\tann\n"
            "6\tis\t0\n\nWIKI1_5\t0\nNo verb .\n\n"
        },
        [
            (
                "WIKI1_4:1:1",
                "The plan wasn't proposed by Ann (30).",
                "what might something be proposed by?",
                "The plan",
                ["The plan", "Ann (30)"],
            ),
            (
                "WIKI1_4:1:2",
                "The plan wasn't proposed by Ann (30).",
                "who proposed something?",
                "Ann",
                ["Ann"],
            ),
        ],
        [
            ("wiki1.dev.qa", "WIKI1_4\tmany\nA b .\n", "line 1: expected id, number of verbs"),
            ("wiki1.dev.qa", "WIKI1_4\t1\n", "line 1: expected a sentence"),
            ("wiki1.dev.qa", "WIKI1_4\t1\nA b .\n\n", "line 3: expected verb 1 of 1"),
            (
                "wiki1.dev.qa",
                "WIKI1_4\t1\nA b .\n1\tb\n",
                "line 3: expected index, verb, questions",
            ),
            ("wiki1.dev.qa", "WIKI1_4\t1\nA b .\n1\tb\t1\n\n", "expected question 1 of 1"),
            (
                "wiki1.dev.qa",
                "WIKI1_4\t1\nA b .\n1\tb\t1\nwho\tb\tA\n",
                "line 4 (WIKI1_4): expected question slots, one question mark",
            ),
            (
                "wiki1.dev.qa",
                "WIKI1_4\t1\nA b .\n1\tb\t1\nwho\tb\t?\tC\n",
                "line 4 (WIKI1_4): expected an answer that is a span of 'A b.', found 'C'",
            ),
        ],
    ),
    "qa_zre": Corpus(
        {
            "relation_splits/dev.0": "brother\tWho is XXX's brother?\tJude\tJude met Tom.\t"
            "Tom\tChris\n"
            "spouse\tWhom did XXX marry?\tJude\tJude met Tom.\n"
        },
        [
            ("1", "Jude met Tom.", "Who is Jude's brother?", "Tom, Chris", ["tom, chris"]),
            ("2", "Jude met Tom.", "Whom did Jude marry?", "unanswerable", ["unanswerable"]),
        ],
        [
            (
                "relation_splits/dev.0",
                "spouse\tWhom did XXX marry?\tJude\n",
                "line 1: expected relation, question, subject, sentence and any answers",
            )
        ],
    ),
    "woz": Corpus(
        {"woz_validate_en.json": json.dumps(WOZ)},
        [
            (
                f"en_0_{turn}",
                context,
                "What is the change in state?",
                answer,
                [f"en_0_{turn}", answer],
            )
            for turn, (context, answer) in enumerate(
                [
                    ("Thai food, please.", "food: thai;"),
                    ("area, price range: cheap -- North. The phone?", "area: north; phone"),
                    ("Bye.", "None"),
                ]
            )
        ],
        [
            ("woz_validate_en.json", '[{"dialogue": [}]', "column 16: expected JSON"),
            ("woz_validate_en.json", '{"dialogue": []}', "expected a list of dialogues"),
            ("woz_validate_en.json", "[{}]", "dialogue 0: expected the key 'dialogue'"),
            (
                "woz_validate_en.json",
                _woz(transcript=7),
                "dialogue 0, turn 0, 'transcript': expected text, found 7",
            ),
            (
                "woz_validate_en.json",
                _woz(system_acts=[["a"]]),
                "turn 0, 'system_acts': expected a text or a pair of texts, found ['a']",
            ),
            (
                "woz_validate_en.json",
                _woz(belief_state=[{"act": "inform", "slots": [["food"]]}]),
                "turn 0, 'slots': expected a pair of texts, found ['food']",
            ),
        ],
    ),
    "wikisql": Corpus(
        {"dev.jsonl": json.dumps(SQL_ROW) + "\n", "dev.tables.jsonl": json.dumps(TABLE) + "\n"},
        [
            (
                "1",
                f"The table has columns Player, School Team, No. and key words {KEY_WORDS}"
                "-- Who  is from Utah?",
                "What is the translation from English to SQL?",
                "SELECT Player FROM table WHERE School Team = Utah AND No. > 5",
                {
                    "sql": SQL_ROW["sql"],
                    "header": TABLE["header"],
                    "answer": "SELECT Player FROM table WHERE School Team = Utah AND No. > 5",
                },
            )
        ],
        [
            ("dev.jsonl", "{\n", "line 1, column 2: expected JSON"),
            (
                "dev.jsonl",
                json.dumps(SQL_ROW | {"table_id": "9"}),
                "line 1, 'table_id': expected a table of dev.tables.jsonl, found '9'",
            ),
            ("dev.jsonl", _sql(sel=3), "line 1, 'sel': expected a number from 0 to 2, found 3"),
            ("dev.jsonl", _sql(agg=6), "line 1, 'agg': expected a number from 0 to 5, found 6"),
            ("dev.jsonl", _sql(conds=[[0, 4, "x"]]), "line 1, 'conds': expected [column below 3"),
            ("dev.tables.jsonl", '{"id": "1-1", "header": [1]}', "'header': expected a list of te"),
        ],
    ),
    "mwsc": Corpus(
        {
            "schema.txt": "".join(SCHEMA.format(n=n) for n in range(1, 92))
            + SCHEMA.format(n=92)[:-1]
        },
        [
            (
                "41-1",
                "The cup 41 broke as it was thin.",
                "What was thin? Cup or floor?",
                "Cup",
                ["cup"],
            ),
            (
                "41-2",
                "The cup 41 broke as it was hard.",
                "What was hard? Cup or floor?",
                "floor",
                ["floor"],
            ),
        ],
        [
            ("schema.txt", "A [b/c].\nA?\n\n", "line 1: expected sentence, question, and two"),
            ("schema.txt", "\nA [b].\nA?\nx/y\n\n", "line 2: expected two choices joined by /"),
            ("schema.txt", "A [b/c].\nA?\nx\n\n", "two answers joined by /"),
            ("schema.txt", SCHEMA, "expected at least 180 examples (90 schemas), found 2"),
        ],
    ),
}

_REVIEW = "Is this review negative or positive?"
# Of the corpora beside the ten.
BESIDE = {
    "snli": Corpus(
        {
            "snli_1.0_dev.jsonl": json.dumps(MNLI_ROW | {"captionID": "1.jpg#0"})
            + "\n"
            + json.dumps(MNLI_ROW | {"gold_label": "contradiction"})
        },
        [
            (
                number,
                'Premise: "It rained."',
                'Hypothesis: "It was dry." -- entailment, neutral, or contradiction?',
                label,
                [label],
            )
            for number, label in (("1", "-"), ("2", "contradiction"))
        ],
        [
            ("snli_1.0_dev.jsonl", "{\n", "line 1, column 2: expected JSON"),
            ("snli_1.0_dev.jsonl", json.dumps(MNLI_ROW | {"gold_label": "no"}), "expected one of"),
            ("snli_1.0_dev.jsonl", '\n{"sentence1": "a"}', "line 2: expected the key 'sentence2'"),
        ],
    ),
    "amazon": Corpus(
        {"test.csv": '"2","Great ""lamp""","Bright,\\nand caf\u00e9."\n"1","","Broke."\n'},
        [
            ("1", 'Great "lamp" Bright, and caf\u00e9.', _REVIEW, "positive", ["positive"]),
            ("2", "Broke.", _REVIEW, "negative", ["negative"]),
        ],
        [
            ("test.csv", '"2","a"\n', "line 1: expected a label 1 or 2 and 2 quoted texts"),
            ("test.csv", '"2","a","b"\n"0","a","b"\n', "line 2: expected a label 1 or 2"),
            ("test.csv", '"2","a","b\n', "line 1: expected a label 1 or 2"),
            ("test.csv", '"2",""," "\n', "line 1: expected a label 1 or 2"),
            ("test.csv", "\n", "line 1: expected a label 1 or 2"),
        ],
    ),
    "yelp": Corpus(
        {"test.csv": '"1","Slow \\""service\\"".\\n\\nCold."\n2,Good\n'},
        [
            ("1", 'Slow "service". Cold.', _REVIEW, "negative", ["negative"]),
            ("2", "Good", _REVIEW, "positive", ["positive"]),
        ],
        [
            ("test.csv", '"2","a","b"\n', "line 1: expected a label 1 or 2 and 1 quoted text,"),
            ("test.csv", '"positive","a"\n', "line 1: expected a label 1 or 2"),
        ],
    ),
    "iwslt_cs": Corpus(
        {
            "IWSLT16.TED.tst2013.en-cs.en": " Thank you. \nYes.\n",
            "IWSLT16.TED.tst2013.en-cs.cs": "D\u011bkuji.\nAno, \u010c\u00e1slav.\n",
        },
        [
            (
                "1",
                "Thank you.",
                "Translate from English to Czech",
                "D\u011bkuji.",
                ["d\u011bkuji."],
            ),
            (
                "2",
                "Yes.",
                "Translate from English to Czech",
                "Ano, \u010c\u00e1slav.",
                ["ano, \u010d\u00e1slav."],
            ),
        ],
        [
            ("IWSLT16.TED.tst2013.en-cs.en", "Thank you.\n", "expected as many segments as in"),
            ("IWSLT16.TED.tst2013.en-cs.cs", "Ano.\n" * 4, "found no more than 2"),
        ],
    ),
    "ner": Corpus(
        {
            "valid.txt": "-DOCSTART- -X- -X- O\n\n"
            "Ann NNP B-NP I-PER\nof IN B-PP O\nCaf\u00e9 NNP B-NP I-ORG\nInc NNP I-NP I-ORG\n"
            "Oslo NNP B-NP I-LOC\nRome NNP B-NP B-LOC\n. . O O\n\n\n"
            "`` O\nIt O\nis O\nn't O\n25 B-PERCENT\n% I-PERCENT\n, O\n'' O\nshe O\nsaid O\n\n"
            "It O\n- O\nrained O\n-LRB- O\nhard O\n-RRB- O\n. O"
        },
        [
            (
                "1",
                "Ann of Caf\u00e9 Inc Oslo Rome.",
                "What are the tags for all entities?",
                "Ann -- person; Caf\u00e9 Inc -- organization; Oslo -- location; Rome -- location",
                [
                    "ann -- person; caf\u00e9 inc -- organization; "
                    "oslo -- location; rome -- location"
                ],
            ),
            (
                "2",
                '"It isn\'t 25%," she said',
                "What are the tags for all entities?",
                "25% -- percentage",
                ["25% -- percentage"],
            ),
            (
                "3",
                "It-rained (hard).",
                "What are the tags for all entities?",
                "None",
                ["none"],
            ),
        ],
        [
            ("valid.txt", "Ann\n", "line 1: expected columns: a token first, a tag last"),
            ("valid.txt", "a O\n\nof O\nAnn B-HUMAN\n", "sentence at line 3, token 2: expected O"),
            ("valid.txt", "Ann PER\n", "sentence at line 1, token 1: expected O, or B- or I-"),
            ("valid.txt", "Ann S-PER\n", "expected O, or B- or I-"),
        ],
    ),
}
