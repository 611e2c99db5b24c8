"""Tables of what models were not trained for: probes, paraphrases, transfers to new tasks."""

import math
from dataclasses import replace
from io import StringIO

import pandas as pd
import pytest
from report.made_up import PUBLISHED, TASKS, WANTED, cells, made, sources, written

from mqan.report.probes import PROBES, published_probe
from mqan.report.probes import SHEET as PROBE_SHEET
from mqan.report.tables import TableError
from mqan.report.text import Missing
from mqan.report.transfers import CURVES, published_points
from mqan.report.transfers import SHEET as TRANSFER_SHEET

HALF = 12.706204736174698 / math.sqrt(2)  # t of 0.975, one degree of freedom, over the root of n


def probe(name, row, seed, task, value, plain, metric="em"):
    values = {"study": "my_study", "row": row, "run": row, "seed": seed, "probe": name}
    values |= {"title": f"Title of {name}", "task": task, "corpus": task, "wording": "code"}
    values |= {"metric": metric, "value": value, "low": 1.0, "high": 2.0, "n": 50}
    return values | {"plain": plain, "published": None}


def asked(name, *lines, rows=("joint", "single")):
    sheet = [[p, f"Title of {p}", "sst", "sst", "code", ""] for p in WANTED[name].probes]
    return sources(
        [],
        rows,
        probes=pd.DataFrame(lines, columns=list(PROBES)),
        probe_sheet=pd.DataFrame(sheet, columns=list(PROBE_SHEET)),
    )


def test_zero_shot_lines(tmp_path):
    given = asked(
        "zero_shot",
        probe("snli", "joint", "1", "multinli", 50.0, 60.0),
        probe("snli", "joint", "2", "multinli", 52.0, 64.0),
        probe("snli", "joint", "1", "multinli", 99.0, 99.0, metric="nf1"),
        probe("happy-angry", "single", "1", "sst", 70.0, 90.0),
        probe("elsewhere", "single", "1", "sst", 1.0, 2.0),
    )
    table = made("zero_shot", given)
    lines = table.frame.loc[table.frame["probe"] == "snli"].set_index("kind")
    assert lines.index.tolist() == ["ours", "interval", "published", "difference"]
    assert lines.loc["ours", ["value", "plain", "change"]].tolist() == [51.0, 62.0, -11.0]
    halves = [HALF * sd for sd in (math.sqrt(2), math.sqrt(8), math.sqrt(2))]
    assert lines.loc["interval", ["value", "plain", "change"]].tolist() == pytest.approx(halves)
    assert lines["value"].tolist()[2:] == [62.0, -11.0]
    texts = written(table, tmp_path)
    shown = {tuple(row[:2]): row[2:] for row in cells(texts["md"])}
    assert shown["**Title of happy-angry** (my_study)", "Title of single"] == [
        "sst",
        "code",
        "em",
        "70.0",
        "90.0",
        "-20.0",
        "1",
        "50",
    ]
    assert shown["**Title of yelp** (my_study)", ""][3:] == ["-", "-", "-", "0", "0"]
    assert shown["_published_", ""][3] == "_62.0_"
    assert "elsewhere" not in texts["csv"] and "99.0" not in texts["csv"]
    csv = pd.read_csv(StringIO(texts["csv"])).query("probe == 'snli'").set_index("kind")
    assert csv["n"].dropna().to_dict() == {"ours": 50, "interval": 50}  # theirs is not known
    assert r"\textit{62.0}" in texts["tex"] and "-11.0 $\\pm$12.7" in texts["tex"]


def test_the_published_answers_of_a_multitask_model_stand_beside_such_rows_only():
    own = probe("snli", "single", "1", "multinli", 50.0, 60.0) | {"run": "oracle-multinli"}
    given = asked("zero_shot", own, probe("snli", "joint", "1", "multinli", 51.0, 60.0))
    oracles = {task: (f"oracle-{task}", "consistent") for task in TASKS}
    given.lines["single"] = replace(given.lines["single"], cells=oracles)
    frame = made("zero_shot", given).frame.query("probe == 'snli'")
    kinds = frame.groupby("row")["kind"].apply(list).to_dict()
    assert kinds == {"single": ["ours"], "joint": ["ours", "published", "difference"]}


def test_a_probe_that_the_sheet_lacks_is_named():
    given = asked("zero_shot", probe("snli", "joint", "1", "multinli", 50.0, 60.0))
    given = replace(given, probe_sheet=given.probe_sheet.drop(index=0))
    with pytest.raises(TableError, match=r"tables\.yaml: no probe 'snli'; the sheet has amazon"):
        made("zero_shot", given)


def test_paraphrase_lines(tmp_path):
    reworded = [
        probe(f"paraphrase-{task}", "joint", seed, task, 40.0 - at, 50.0 + int(seed))
        for at, task in enumerate(TASKS)
        for seed in "12"
    ]
    one = probe("paraphrase-sst", "single", "1", "sst", 80.0, 90.0)
    table = made("paraphrase", asked("paraphrase", *reworded, one))
    lines = table.frame.loc[table.frame["row"] == "joint"].set_index(["asked", "kind"])
    assert lines.loc[("plain", "ours"), ["squad", "decascore"]].tolist() == [51.5, 515.0]
    assert lines.loc[("paraphrased", "ours"), ["mwsc", "decascore"]].tolist() == [31.0, 355.0]
    assert lines.loc[("change", "difference"), ["squad", "decascore"]].tolist() == [-11.5, -160.0]
    assert lines.loc[("plain", "interval"), "squad"] == pytest.approx(HALF * math.sqrt(0.5))
    shown = {row[0]: row[1:] for row in cells(written(table, tmp_path)["md"])}
    plain = "**Title of single: plain** (my_study)"
    assert shown[plain] == ["-"] * 4 + ["90.0"] + ["-"] * 6 + ["1"]
    assert shown["**Title of joint: paraphrased** (my_study)"][0] == "40.0 ±0.0"
    page = cells(written(table, tmp_path)["md"])
    assert [row[5] for row in page if row[0] == "difference"] == ["-10.0", "-15.5 ±6.4"]


def test_a_study_without_probes_gets_a_sentence():
    for name in ("zero_shot", "paraphrase"):
        nothing = WANTED[name].table(name, asked(name, probe("x", "joint", "1", "sst", 1.0, 2.0)))
        assert isinstance(nothing, Missing)
        assert f"needs one or more of the probes {WANTED[name].probes[0]}, " in nothing.sentence


# transfers

SHEET = [
    ["cs-joint", "Czech, pretrained", "iwslt_cs", "joint"],
    ["cs-random", "Czech, random", "iwslt_cs", ""],
    ["ner-joint", "NER, pretrained", "ner", "joint"],
    ["ner-random", "NER, random", "ner", ""],
]


def curve(run, values, seed="1", every=100):
    return [
        ["my_study", run, seed, every * at, every * (len(values) - 1), "iwslt_cs", "bleu", value]
        for at, value in enumerate(values)
    ]


def learnt(*lines):
    return sources(
        [],
        ["joint"],
        curves=pd.DataFrame(lines, columns=list(CURVES)),
        transfer_sheet=pd.DataFrame(SHEET, columns=list(TRANSFER_SHEET)),
    )


def test_transfer_lines(tmp_path):
    pretrained = [
        0.0,
        5.0,
        6.0,
        7.0,
        8.0,
        9.0,
        9.5,
        9.75,
        10.0,
        11.0,
        11.5,
        12.0,
        13,
        14,
        15,
        16,
        17,
    ]
    random = [0.0, 1.0, 3.0, *([4.0] * 13), 9.0]
    lines = [
        *curve("cs-joint", pretrained),
        *curve("cs-joint", [v + 2 for v in pretrained], "2"),
        *curve("cs-random", random),
    ]
    table = made("transfer", learnt(*lines))
    frame = table.frame.set_index(["title", "kind"])
    points = ["early", "eighth", "end"]
    pre, rand = "Czech, pretrained", "Czech, random"
    assert frame.loc[(pre, "ours"), points].tolist() == [6.0, 7.0, 18.0]
    assert frame.loc[(pre, "ours"), "steps"] == "100, 200, 1600 of 1600"
    assert frame.loc[(pre, "interval"), points].tolist() == pytest.approx([HALF * 2**0.5] * 3)
    assert frame.loc[(pre, "published"), points].tolist() == [13.4, 15.5, 16.7]
    assert frame.loc[(rand, "published"), points].tolist() == [12.0, 14.7, 16.2]
    gain = f"{pre}, minus random"  # over the seed that both have
    assert frame.loc[(gain, "difference"), points].tolist() == [4.0, 3.0, 8.0]
    assert frame.loc[(gain, "difference"), "seeds"] == "1"
    assert frame.loc[(gain, "published"), points].tolist() == pytest.approx([1.4, 0.8, 0.5])
    assert frame.loc[("NER, random", "ours"), "seeds"] == "0"
    shown = {row[0]: row[1:] for row in cells(written(table, tmp_path)["md"])}
    assert shown[gain] == ["bleu", "100, 200, 1600 of 1600", "+4.0", "+3.0", "+8.0", "1"]
    assert shown["**NER, random** (my_study)"] == ["", "", "-", "-", "-", "0"]


def test_a_run_whose_first_point_is_the_nearest_to_an_eighth_has_none(tmp_path):
    table = made("transfer", learnt(*curve("cs-joint", [0.0, 5.0, 6.0, 7.0])))
    shown = {row[0]: row[1:] for row in cells(written(table, tmp_path)["md"])}
    assert shown["**Czech, pretrained** (my_study)"] == [
        "bleu", "100, -, 300 of 300", "5.0", "-", "7.0", "1"
    ]  # fmt: skip


def test_a_transfer_that_the_sheet_lacks_is_named():
    given = learnt(*curve("cs-joint", [0.0, 1.0]))
    given = replace(given, transfer_sheet=given.transfer_sheet.drop(index=3))
    with pytest.raises(TableError, match=r"no transfer 'ner-random'; the sheet has cs-joint"):
        made("transfer", given)


def test_published_names_of_tables_yaml_exist():
    for corpus in WANTED["zero_shot"].published.values():
        value, origin = published_probe(PUBLISHED, corpus)
        assert 50 < value < 90 and origin == "published"
    for name in WANTED["transfer"].published.values():
        for pretrained in (True, False):
            assert len(published_points(PUBLISHED, name, pretrained)) == 3
    assert published_points(PUBLISHED, "", True) == {}
    with pytest.raises(TableError, match="no zero-shot score of 'Amazon'; it has Amazon reviews"):
        published_probe(PUBLISHED, "Amazon")
    with pytest.raises(
        TableError, match="no curve point 'NER @ 5k iterations'; it has IWSLT en-cs"
    ):
        published_points(PUBLISHED, "NER", True)
