"""The comparisons of tables.yaml on made-up scores: every number here can be added up by hand."""

import re
import time
from io import StringIO

import pandas as pd
import pytest
import yaml
from report.made_up import (
    ROOT,
    ROWS,
    SCORES,
    TASKS,
    THREE,
    WANTED,
    cells,
    differences,
    made,
    scores,
    sources,
    written,
)

from mqan.comparisons import read_comparisons
from mqan.report.page import escape
from mqan.report.tables import Line
from mqan.report.text import Missing, page, to_csv_text
from mqan.study import StudyError


def test_lines_and_their_kinds():
    frame = made("curricula", sources([*THREE, *scores("anti", 50.0)])).frame
    kinds = frame.groupby("row", sort=False)["kind"].agg(list).to_dict()
    assert kinds["joint"] == ["ours", "interval", "published", "difference"]
    assert kinds["anti"] == ["ours"]  # this made-up row has no published column
    assert kinds["curriculum"] == ["ours", "published"]  # not in the study, and nothing to subtract
    first = frame.set_index(["row", "kind"])
    joint = first.loc[("joint", "ours")]
    assert (joint["squad"], joint["decascore"], joint["seeds"]) == (42.0, 465.0, "3")
    half = 4.302652729911275 * 2.0 / 3**0.5
    assert first.loc[("joint", "interval"), "squad"] == pytest.approx(half)
    assert first.loc[("joint", "interval"), "decascore"] == pytest.approx(10 * half)
    assert first.loc[("joint", "difference"), "squad"] == pytest.approx(42.0 - 70.8)
    lacking = first.loc[("curriculum", "ours")]
    assert (lacking["seeds"], lacking["missing"]) == ("0", 10)
    assert pd.isna(lacking["squad"])


def test_one_seed_has_no_interval_and_three_have(tmp_path):
    given = sources([*THREE, *scores("anti", 50.0)])
    lines = {row[0]: row for row in cells(written(made("curricula", given), tmp_path)["md"])}
    three, one = lines["**Title of joint** (my_study)"], lines["**Title of anti** (my_study)"]
    assert (three[1], three[-1]) == ("42.0 ±5.0", "3")
    assert (one[1], one[-1]) == ("50.0", "1")
    assert lines["**Title of curriculum** (my_study)"][1:] == ["-"] * 11 + ["0"]


def test_recalled_numbers_are_marked_and_seen_ones_are_not(tmp_path):
    texts = written(made("curricula", sources(THREE)), tmp_path)
    assert "_43.4†_" in texts["md"] and "_70.8_" in texts["md"]
    assert "† recalled, not seen." in texts["md"]
    assert r"\textit{43.4$^{\dagger}$}" in texts["tex"]
    assert "$^{\\dagger}$ recalled, not seen." in texts["tex"]
    csv = pd.read_csv(StringIO(texts["csv"]))
    assert csv.loc[csv["kind"] == "published"].set_index("row")["study"].to_dict() == {
        "joint": "published",
        "curriculum": "published, recalled",
    }
    assert "recalled" not in written(made("leaderboard", sources(THREE)), tmp_path)["md"]


def test_marks_come_from_the_table_s_own_family(tmp_path):
    found = differences(
        ["curricula", "anti", "joint", "squad", "1", "2", "yes"],
        ["curricula", "anti", "joint", "sst", "", "", "one seed"],
        ["curricula", "anti", "joint", "woz", "1", "2", "no"],
        ["curricula", "anti", "joint", "decascore", "1", "2", "yes"],
        ["other", "anti", "joint", "woz", "1", "2", "yes"],
        ["other", "joint", "iwslt", "mwsc", "1", "2", "yes"],  # the other way round
        ["another", "iwslt", "joint", "mwsc", "1", "2", "no"],  # and the strictest counts
    )
    lines = [*THREE, *scores("anti", 50.0), *scores("iwslt", 41.0)]
    table = made("curricula", sources(lines, differences=found))
    ours = table.frame.loc[table.frame["kind"] == "ours"].set_index("row")
    assert (ours.loc["anti", "real"], ours.loc["anti", "one_seed"]) == ("squad decascore", "sst")
    assert ours.loc["iwslt", "real"] == ours.loc["joint", "real"] == ""
    assert ours.loc["anti", "against"] == "joint"
    texts = written(table, tmp_path)
    (anti,) = (row for row in cells(texts["md"]) if row[0].startswith("**Title of anti**"))
    assert anti[1] == "50.0*" and anti[5] == "54.0°" and anti[8] == "57.0" and anti[11] == "545.0*"
    assert "50.0$^{*}$ &" in texts["tex"] and "54.0$^{\\circ}$ &" in texts["tex"]
    assert "* marks a real difference from the row under against" in texts["md"]
    assert "marks a real" not in written(made("curricula", sources(lines)), tmp_path)["md"]


def numbers(text):
    """The numbers of a page's cell: value and half width."""
    return [float(part) for part in re.findall(r"[-+]?\d+\.\d", text)]


@pytest.mark.parametrize("name", SCORES)
def test_all_forms_show_the_same_numbers(name, tmp_path):
    rows = list(WANTED[name].rows)[:-1]
    lines = [
        s
        for at, row in enumerate(rows)
        for seed in "123"[: 1 + at % 3]
        for s in scores(row, 20.123 + at + int(seed) ** 2, seed)
    ]
    table = made(name, sources(lines))
    texts = written(table, tmp_path)
    csv = pd.read_csv(StringIO(texts["csv"]))
    shown = [column for column in table.columns if column in (*TASKS, "decascore", "gap")]
    expected = []
    for values in csv.to_dict("records"):
        if values["kind"] == "interval":
            for column in shown:
                if not pd.isna(values[column]):
                    expected[-1][column].append(values[column])
        else:
            expected.append({c: [] if pd.isna(values[c]) else [values[c]] for c in shown})
    places = [1 + list(table.columns).index(column) for column in shown]
    body = re.search(r"\\midrule\n(.*)\\bottomrule", texts["tex"], re.S)[1]
    for forms in (cells(texts["md"])[1:], [row.split(" & ") for row in body.split(" \\\\\n")[:-1]]):
        assert len(forms) == len(expected)
        for found, wanted in zip(forms, expected, strict=True):
            for place, column in zip(places, shown, strict=True):
                assert numbers(found[place]) == pytest.approx(
                    wanted[column], abs=0.0551
                )  # both are rounded
                assert bool(wanted[column]) != (found[place].strip() == "-")


def test_published_columns_without_a_row_of_ours():
    frame = made("leaderboard", sources(THREE)).frame
    further = frame.loc[frame["row"] == ""]
    assert further["title"].tolist() == list(WANTED["leaderboard"].further)
    assert set(further["kind"]) == {"published"}
    assert further["decascore"].tolist() == [513.6, 546.4, 533.8]
    shown = frame.loc[frame["kind"] == "published"].set_index("row")["decascore"]
    assert shown["anti"] == 590.5 and shown["cove-anti-iwslt"] == 609.0


def test_the_ladder_measures_gaps_and_shows_the_slide_s(tmp_path):
    lines = [s for row, value in (("single", 50.0), ("joint", 45.0)) for s in scores(row, value)]
    tested = differences(["ladder", "joint", "single", "decascore", "-60.0", "-40.0", "yes"])
    table = made("ladder", sources(lines, differences=tested))
    frame = table.frame.set_index(["row", "kind"])
    assert frame.loc[("joint", "ours"), ["decascore", "gap"]].tolist() == [495.0, 50.0]
    assert frame.loc[("joint", "interval"), "gap"] == 10.0
    assert pd.isna(frame.loc[("joint", "interval"), "decascore"])
    published = frame.xs("published", level="kind")
    assert published["decascore"].tolist() == [586.1, 563, 571, 618, 593, 609, 617]
    assert published["gap"].dropna().tolist() == [23, 15, 25, 5, 1]
    assert frame.loc[("joint", "difference"), "gap"] == 27.0
    assert pd.isna(frame.loc[("cove-anti", "ours"), "gap"])
    assert ("cove-anti", "difference") not in frame.index
    page = written(table, tmp_path)["md"]
    assert "| 495.0 | 50.0 ±10.0* | 1 | 0 |" in page
    assert "a real difference from the row under oracles" in page


def test_the_gap_of_the_ladder_is_over_common_seeds():
    lines = [*scores("single", 50.0, "1"), *scores("single", 70.0, "2"), *scores("joint", 45.0)]
    table = made("ladder", sources(lines))
    frame = table.frame.set_index(["row", "kind"])
    assert frame.loc[("joint", "ours"), "gap"] == 50.0  # not 150, the difference of the means
    assert "over common seeds" in table.caption
    tested = differences(["ladder", "joint", "single", "decascore", "-60", "-40", "yes"])
    for row, against, effect in (("joint", "single", "-51.5"), ("single", "joint", "51.5")):
        given = tested.assign(row=row, against=against, effect=effect)
        table = made("ladder", sources(lines, differences=given))
        assert table.frame.set_index(["row", "kind"]).loc[("joint", "ours"), "gap"] == 51.5
        assert "Marks are about the seeds that both rows have" in table.caption


def test_a_table_of_no_row_is_a_sentence(tmp_path):
    table = WANTED["cove"].table("cove", sources(scores("iwslt", 40.0)))
    assert isinstance(table, Missing)
    for text in written(table, tmp_path).values():
        assert (
            "nothing for this table; it needs one or more of the rows single, cove-single" in text
        )
    assert len((tmp_path / "t.md").read_text().splitlines()) == 1
    assert (tmp_path / "t.tex").read_text().startswith(r"CoVe: study my\_study has")
    for name in ("zero_shot", "paraphrase", "transfer"):
        assert isinstance(WANTED[name].table(name, sources(THREE)), Missing)


@pytest.mark.parametrize("name", SCORES)
def test_captions_say_whose_numbers_these_are(name):
    given = sources([s for row in WANTED[name].rows for s in scores(row, 30.0)])
    caption = made(name, given).caption
    for said in (
        "Study `my_study`; data: embedded (mini, seed 1); model size: mini.",
        "not the paper's",
        "95 % t interval over seeds",
        "not what the test sample does",
        "An interval of zero width",
        "Lines in italics are published numbers",
    ):
        assert said in caption
    assert "  " not in caption and "\n" not in caption


def test_equal_inputs_give_equal_bytes(tmp_path):
    found = [
        written(made("main", sources(lines)), tmp_path) for lines in (THREE, THREE[::-1], THREE)
    ]
    assert found[0] == found[1] == found[2]


def test_other_wordings_may_stand_in_one_table():
    paper = [s | {"data": "other"} for s in scores("joint-paper", 30.0)]
    given = sources([*THREE, *paper])
    with pytest.raises(ValueError, match="data checksum is other"):
        made("beyond", given)
    worded = Line("joint-paper", "P", given.lines["joint-paper"].cells, wording="paper")
    given.lines["joint-paper"] = worded
    frame = made("beyond", given).frame
    assert frame.loc[frame["row"] == "joint-paper", "squad"].tolist() == [30.0]


# LaTeX


def test_every_special_sign_is_escaped():
    assert escape("a_b & 5 % #1 {x} $ ~ ^ <y> \\") == (
        r"a\_b \& 5 \% \#1 \{x\} \$ \textasciitilde{} \textasciicircum{} "
        r"\textless{}y\textgreater{} \textbackslash{}"
    )
    assert escape("`my_study`: ±1°†*") == (
        r"\texttt{my\_study}: $\pm$1$^{\circ}$$^{\dagger}$$^{*}$"
    )


@pytest.mark.parametrize("name", ["main", "ladder", "leaderboard"])
def test_latex_is_whole(name, tmp_path):
    tex = written(made(name, sources([*THREE, *scores("single", 30.0)])), tmp_path, name)["tex"]
    opened = re.findall(r"\\begin\{(\w+)\}", tex)
    assert opened == ["table", "tabular"]
    assert re.findall(r"\\end\{(\w+)\}", tex) == opened[::-1]
    assert [tex.count(rule) for rule in ("\\toprule", "\\midrule", "\\bottomrule")] == [1, 1, 1]
    assert f"\\label{{tab:{name}}}" in tex
    columns = len(re.search(r"\\begin\{tabular\}\{(\w+)\}", tex)[1])
    body = [row for row in tex.splitlines() if row.endswith("\\\\")]
    assert body and {len(re.findall(r"(?<!\\)&", row)) for row in body} == {columns - 1}
    bare = re.sub(r"\\[{}%&_$#\\]", "", tex)  # what is left of these signs is LaTeX's own
    assert bare.count("{") == bare.count("}")
    assert bare.count("$") % 2 == 0
    assert not re.search(r"[^\x00-\x7f]", tex), "a sign that older engines do not know"
    inside = bare[bare.index("\\begin{tabular}") :]
    assert "_" not in inside and "#" not in inside and "%" not in inside.split("\\end{tabular}")[0]


def test_titles_do_not_break_a_page(tmp_path):
    given = sources(THREE)
    given.lines["joint"] = Line("joint", "50 % | a_b & c", given.lines["joint"].cells)
    texts = written(made("curricula", given), tmp_path)
    assert r"| **50 % \| a_b & c** (my_study) |" in texts["md"]
    assert r"\textbf{50 \% \textbar{} a\_b \& c} (my\_study) &" in texts["tex"]


# tables.yaml


def test_every_table_that_was_asked_for_is_there():
    assert list(WANTED) == [
        "main",
        "architectures",
        "curricula",
        "ladder",
        "leaderboard",
        "cove",
        "decoding",
        "beyond",
        "zero_shot",
        "paraphrase",
        "transfer",
    ]
    assert all(table.title and table.compares.endswith(".") for table in WANTED.values())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"form": "score"}, r"'score' is unknown \(did you mean scores\?\)"),
        ({"titel": "x"}, r"'titel' is unknown \(did you mean title\?\)"),
        ({"rows": None}, "rows: expected"),
        ({"rows": {"joint": {"against": ""}}}, "joint: key 'published' is missing"),
    ],
)
def test_mistakes_in_tables_yaml_are_named(tmp_path, change, message):
    block = yaml.safe_load((ROOT / "config/tables.yaml").read_text("utf-8"))["main"] | change
    path = tmp_path / "tables.yaml"
    path.write_text(yaml.safe_dump({"main": block}))
    with pytest.raises(StudyError, match=message):
        read_comparisons(path)


def test_every_pair_that_is_marked_is_tested():
    path = ROOT / "config/comparisons.tsv"
    if not path.exists():
        pytest.skip("no config/comparisons.tsv: whether marks can appear was NOT checked")
    tested = pd.read_csv(path, sep="\t")
    pairs = {frozenset(pair) for pair in zip(tested["row"], tested["against"], strict=True)}
    for name in SCORES:
        for row, entry in WANTED[name].rows.items():
            other = entry.oracles if name == "ladder" else entry.against
            assert not other or {row, other} in pairs, f"{name}: {row} against {other}"


def test_all_tables_of_a_whole_matrix_take_seconds(tmp_path):
    lines = [s for row in ROWS for seed in "123" for s in scores(row, 40.0 + int(seed), seed)]
    given = sources(lines)
    begun = time.process_time()
    for name in SCORES:
        written(made(name, given), tmp_path, name)
    assert time.process_time() - begun < 5
    assert len(lines) >= 780


def test_a_page_keeps_the_order_of_its_columns():
    table = made("ladder", sources(scores("joint", 1.0)))
    shown = page(table.frame, "T", "C", table.columns, texts=table.texts)
    assert list(shown.header) == ["row", *table.columns.values()]
    assert to_csv_text(table.frame).startswith("study,data,size,row,title,kind,seeds,decascore,")
