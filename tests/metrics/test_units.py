"""Units: resampled statistics give the score of the resampled corpus; the file keeps them."""

import hashlib

import numpy as np
import pyarrow as pa
import pytest
from sacrebleu.metrics.bleu import BLEU

from mqan.example import DataError
from mqan.metrics.scorers import SCORERS
from mqan.metrics.unit_files import read_units, write_units
from mqan.metrics.units import WIDTHS, Units, units, value

WORDS = [
    "the",
    "cat",
    "sat",
    "on",
    "a",
    "red",
    "mat",
    "and",
    "it",
    "was",
    "unanswerable",
    ".",
    "Zürich",
    "x-ray",
    "3.5",
    "dog",
]


def sentences(rng, count, length):
    return [" ".join(rng.choice(WORDS, rng.integers(1, length))) for _ in range(count)]


def corpus(metric, count=60, seed=1):
    """Predictions that share words with their references, some equal to them."""
    rng = np.random.default_rng(seed)
    gold = sentences(rng, count, 14)
    predictions = sentences(rng, count, 14)
    for place in range(0, count, 2):
        cut = rng.integers(1, 9)
        predictions[place] = " ".join(gold[place].split()[:cut])
    if metric == "cf1":
        gold = ["unanswerable" if rng.random() < 0.4 else text for text in gold]
        predictions = [
            g if rng.random() < 0.3 else p for g, p in zip(gold, predictions, strict=True)
        ]
    if metric == "dsem":
        slots = ["food: thai;", "food: thai, area: north; phone", "None", "area: south;"]
        gold, predictions = rng.choice(slots, count).tolist(), rng.choice(slots, count).tolist()
        return predictions, [[f"en_{n // 4}_{n % 4}", text] for n, text in enumerate(gold)]
    if metric == "lfem":
        sql = {"sel": 0, "agg": 0, "conds": []}
        reference = {"sql": sql, "header": ["name"], "answer": "SELECT name FROM table"}
        right = rng.random(count) < 0.6
        return [("select name from table" if hit else "name") for hit in right], [reference] * count
    return predictions, [[text] for text in gold]


def ids_of(predictions):
    return [str(number) for number in range(len(predictions))]


@pytest.mark.parametrize("metric", WIDTHS)
def test_a_resample_scores_as_its_examples_do(metric):
    """Draw examples (dialogues) with repetition, score the texts drawn; compare with the sums."""
    predictions, references = corpus(metric)
    found = units(metric, ids_of(predictions), predictions, references)
    rng = np.random.default_rng(2)
    seen = set()
    for _ in range(5):
        drawn = rng.integers(0, len(found.ids), len(found.ids))
        texts, gold = [], []
        for copy, unit in enumerate(drawn):
            name = found.ids[unit]
            if metric == "dsem":  # a dialogue drawn twice is two dialogues
                places = [n for n, r in enumerate(references) if r[0].startswith(name + "_")]
                turns = [(f"x{copy}_{references[n][0]}", references[n][1]) for n in places]
                gold += [list(turn) for turn in turns]
            else:
                places = [int(name)]
                gold.append(references[places[0]])
            texts += [predictions[n] for n in places]
        expected = SCORERS[metric](texts, gold)[metric]
        assert value(metric, found.stats[drawn].sum(axis=0)) == pytest.approx(expected, abs=1e-9)
        seen.add(round(expected, 6))
    assert len(seen) > 1, "a score that never changes shows nothing"


@pytest.mark.parametrize("longest", [2, 6, 14])  # no four-word match is possible; few; many
def test_bleu_of_many_resamples_is_sacrebleus(longest):
    rng = np.random.default_rng(longest)
    gold, found = sentences(rng, 40, longest + 2), sentences(rng, 40, longest)
    counts = units("bleu", ids_of(gold), found, [[text] for text in gold]).stats
    sums = counts[rng.integers(0, 40, (400, 6))].sum(axis=1)  # six sentences: zeros of every kind
    expected = [
        BLEU.compute_bleu(
            correct=list(map(int, line[2:6])),
            total=list(map(int, line[6:])),
            sys_len=int(line[0]),
            ref_len=int(line[1]),
            smooth_method="exp",
        ).score
        for line in sums
    ]
    np.testing.assert_allclose(value("bleu", sums), expected, rtol=0, atol=1e-9)
    assert value("bleu", sums.reshape(4, 100, 10)).shape == (4, 100)
    if longest > 2:
        assert len(set(expected)) > 100
        assert (sums[:, 2:6] == 0).any() and max(expected) > 0


def test_bleu_of_nothing_is_zero():
    for texts in (["", ""], ["dog", "dog"]):
        assert units("bleu", ["0", "1"], texts, [["cat"], ["mat"]]).score == 0


def test_bleu_with_two_gold_answers():
    predictions, gold = ["a red cat sat on it", "the dog"], [["a red cat sat", "it"], ["dog", "it"]]
    expected = SCORERS["bleu"](predictions, gold)["bleu"]
    assert units("bleu", ["0", "1"], predictions, gold).score == pytest.approx(expected, abs=1e-9)
    with pytest.raises(DataError, match="reference 1: expected 2 gold answers"):
        units("bleu", ["0", "1"], predictions, [gold[0], ["dog"]])


def test_units_of_dialogues_are_dialogues():
    turns = [["en_1_1", "food: thai;"], ["en_2_1", "None"], ["en_1_2", "None"]]
    found = units("dsem", ["7", "8", "9"], ["food: thai;", "food: thai;", "area: north;"], turns)
    assert found.ids == ("en_1", "en_2")
    assert found.stats.tolist() == [[1, 2], [0, 1]]


def test_units_that_cannot_be():
    with pytest.raises(ValueError, match="'nem' is no decaScore metric; known are nf1"):
        units("nem", ["1"], ["a"], [["a"]])
    with pytest.raises(ValueError, match="1 ids but 2 units of em"):
        units("em", ["1"], ["a", "b"], [["a"], ["b"]])
    with pytest.raises(ValueError, match="nothing to score"):
        units("em", [], [], [])


# files


def every():
    found = {}
    for metric in WIDTHS:
        predictions, references = corpus(metric, 12)
        found[f"task-{metric}"] = units(metric, ids_of(predictions), predictions, references)
    return found


def test_units_come_back_as_they_were(tmp_path):
    written = every()
    write_units(tmp_path / "a.arrow", written)
    back = read_units(tmp_path / "a.arrow")
    assert list(back) == list(written)
    for task, found in back.items():
        assert (found.metric, found.ids) == (written[task].metric, written[task].ids)
        np.testing.assert_array_equal(found.stats, written[task].stats)
    write_units(tmp_path / "b.arrow", every())
    first, second = (tmp_path / name for name in ("a.arrow", "b.arrow"))
    assert (
        hashlib.sha256(first.read_bytes()).digest() == hashlib.sha256(second.read_bytes()).digest()
    )


def em(*ids, stats=None):
    values = np.ones((len(ids), 2)) if stats is None else np.array(stats, dtype=float)
    return Units("em", ids, values)


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (
            {"sst": em("1", "2", "1")},
            r"u\.arrow, sst: unit '1' is there twice; score the run again",
        ),
        ({"sst": em("1", stats=[[1, 1, 1]])}, "sst: unit '1': expected 2 numbers of em, found"),
        ({"sst": em("1", stats=[[np.nan, 1]])}, "sst: unit '1': expected 2 numbers of em, found"),
        ({"sst": Units("chess", ("1",), np.ones((1, 2)))}, "sst: expected one metric of nf1, em"),
    ],
)
def test_units_that_mean_nothing_are_refused(tmp_path, found, message):
    write_units(tmp_path / "u.arrow", found)
    with pytest.raises(DataError, match=message):
        read_units(tmp_path / "u.arrow")


def test_files_that_hold_no_units_are_named(tmp_path):
    path = tmp_path / "u.arrow"
    with pytest.raises(DataError, match=r"u\.arrow: there is no file of units; score the run"):
        read_units(path)
    write_units(path, every())
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DataError, match=r"u\.arrow: no complete file of units"):
        read_units(path)
    with pa.OSFile(str(path), "wb") as sink:
        table = pa.table({"word": ["a"]})
        with pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
    with pytest.raises(DataError, match=r"u\.arrow: expected units \(task, metric, id, stats\)"):
        read_units(path)


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "u.arrow"
    write_units(path, {"sst": em("1")})
    before = path.read_bytes()
    with pytest.raises(pa.ArrowException):
        write_units(path, {"sst": em("1"), "woz": Units("em", (b"\xff",), np.ones((1, 2)))})
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
