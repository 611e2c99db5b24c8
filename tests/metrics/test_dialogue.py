import pytest

from mqan.example import DataError
from mqan.metrics.dialogue import Change, dialogue, parse_change


@pytest.mark.parametrize(
    ("answer", "change"),
    [
        ("food: thai, area: north; phone", Change({"food": "thai", "area": "north"}, ("phone",))),
        ("food: thai;", Change({"food": "thai"}, ("",))),
        ("food: thai, food: indian;", Change({"food": "indian"}, ("",))),
        ("; address, phone", Change({}, ("address", "phone"))),
        ("None", Change({}, None)),
        (";", Change({}, None)),
        ("food: thai", Change({}, None)),
        ("a: b; c; d", Change({}, None)),
        ("a: b: c;", Change({}, ("",))),
    ],
)
def test_parse_change(answer: str, change: Change) -> None:
    assert parse_change(answer) == change


def test_perfect() -> None:
    scores = dialogue(["food: thai;", "None"], [["en_0_0", "food: thai;"], ["en_0_1", "None"]])
    assert set(scores.values()) == {100}


def test_disjoint() -> None:
    scores = dialogue(["area: north; phone"], [["en_0_0", "food: thai; address"]])
    assert set(scores.values()) == {0}


def test_an_error_stays_until_the_dialogue_ends() -> None:
    references = [["en_0_0", "food: thai;"], ["en_0_1", "None"], ["en_1_0", "None"]]
    scores = dialogue(["food: indian;", "None", "None"], references)
    assert scores["dsem"] == pytest.approx(100 / 3)
    assert scores["turn_goal_em"] == pytest.approx(200 / 3)


def test_an_error_can_be_made_good() -> None:
    references = [["en_0_0", "food: thai;"], ["en_0_1", "food: thai;"]]
    assert dialogue(["food: indian;", "food: thai;"], references)["dsem"] == 50


def test_turn_ten_comes_before_turn_two_in_the_released_order_only() -> None:
    references = [["en_0_2", "food: thai;"], ["en_0_3", "None"], ["en_0_10", "food: thai;"]]
    scores = dialogue(["food: thai;", "None", "None"], references)
    assert scores["dsem"] == pytest.approx(200 / 3)  # at "10", then first, nothing is known yet
    assert scores["dsem_by_turn_number"] == 100


def test_dialogues_are_told_apart_by_the_identifier_without_the_turn() -> None:
    references = [["en_1_0", "food: thai;"], ["en_10_0", "None"], ["de_1_1", "None"]]
    scores = dialogue(["food: indian;", "None", "None"], references)
    assert scores["dsem"] == scores["dsem_by_turn_number"] == pytest.approx(200 / 3)


def test_requests_are_no_part_of_the_state() -> None:
    scores = dialogue(["food: thai; phone, address"], [["en_0_0", "food: thai; address, phone"]])
    assert scores["dsem"] == 100
    assert scores["turn_request_em"] == 0  # the released match minds the order
    assert scores["request_set_em"] == 100
    assert scores["avg_dialogue"] == 50


def test_no_request_and_none_differ_in_the_released_match_only() -> None:
    scores = dialogue(["none"], [["en_0_0", "food: thai;"]])
    assert scores["turn_request_em"] == 0
    assert scores["request_set_em"] == 100


def test_lower_cased_none_is_none() -> None:
    assert dialogue(["none"], [["en_0_0", "None"]])["dsem"] == 100


@pytest.mark.parametrize("reference", [["en_0_0"], "en_0_0", ["en_0_0", None], None, {"id": 1}])
def test_malformed_reference(reference: object) -> None:
    with pytest.raises(DataError, match=r"reference 1: expected \[turn id, answer\]"):
        dialogue(["None", "None"], [["en_0_0", "None"], reference])
