import gzip
import hashlib
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from mqan.example import DataError
from mqan.text.vectors import CharNgram, GloVe, HashedNgrams, table


def write(path: Path, *lines: str | bytes) -> Path:
    path.write_bytes(b"".join((s if isinstance(s, bytes) else s.encode()) + b"\n" for s in lines))
    return path


def similarity(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def test_glove_keeps_the_wanted_words(tmp_path: Path) -> None:
    path = write(tmp_path / "glove.txt", "the 1 2 3", "of -0.5 1e-3 0", "cat 7 8 9")
    vectors, found = GloVe(path).vectors(["cat", "dog", "the", "cat"])
    assert vectors.dtype == np.float32
    assert vectors.tolist() == [[7, 8, 9], [0, 0, 0], [1, 2, 3], [7, 8, 9]]
    assert found.tolist() == [True, False, True, True]


def test_glove_words_with_blanks_other_alphabets_and_bytes_that_are_no_text(tmp_path: Path) -> None:
    lines = ["the 1 2", ". . . 3 4", "at name@domain.com 5 6", "straße 7 8", "\xa0 9 10"]
    path = write(tmp_path / "glove.txt", *lines, b"\xff\xfe 0 0", "\u2028 11 12")
    words = [". . .", "at name@domain.com", "straße", "\xa0", "\u2028", "", "."]
    vectors, found = GloVe(path).vectors(words)
    assert vectors[:5].tolist() == [[3, 4], [5, 6], [7, 8], [9, 10], [11, 12]]
    assert found.tolist() == [True] * 5 + [False] * 2


def test_glove_last_line_of_a_word_counts_and_a_header_does_not(tmp_path: Path) -> None:
    path = write(tmp_path / "glove.txt", "3 2", "a 1 1", "a 2 2", "3 4 5")
    glove = GloVe(path)
    assert glove.dim == 2
    assert glove.vectors(["a", "3"])[0].tolist() == [[2, 2], [4, 5]]


def test_shortest_decimals_of_float32_and_float16_values_give_them_back(tmp_path: Path) -> None:
    random = np.random.Generator(np.random.PCG64(0))
    for dtype in (np.float32, np.float16):
        values = random.standard_normal((50, 40)).astype(dtype)
        lines = [
            f"w{row} " + " ".join(np.format_float_positional(v) for v in line)
            for row, line in enumerate(values)
        ]
        path = write(tmp_path / f"{dtype.__name__}.txt", *lines)
        vectors, _ = GloVe(path).vectors([f"w{row}" for row in range(50)])
        assert np.array_equal(vectors.astype(dtype), values)


def test_gzipped_equals_plain(tmp_path: Path) -> None:
    plain = write(tmp_path / "glove.txt", "the 1 2", "of 3 4")
    packed = tmp_path / "glove.txt.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert np.array_equal(GloVe(plain).vectors(["of"])[0], GloVe(packed).vectors(["of"])[0])


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["the 1 2 3", "of 1 2"], "line 2: expected a word and 3 numbers, found 2"),
        (["the 1 2 3", "of 1 x 3"], "line 2: expected numbers after the word"),
        (["the 1 2 3", "of 1 nan 3"], "line 2: a number of the vector is not finite"),
        (["the 1 2 3", ""], "line 2: expected a word"),
        (["PK\x03\x04"], "line 1: expected a word and its numbers, found"),
        (["the 1 two"], "line 1: expected numbers"),
        ([], "the file is empty"),
    ],
)
def test_malformed_files(tmp_path: Path, lines: list[str], message: str) -> None:
    path = write(tmp_path / "glove.txt", *lines)
    with pytest.raises(DataError, match=message) as raised:
        GloVe(path).vectors(["of"])
    assert str(path) in str(raised.value)


def test_missing_and_truncated_files(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no\.txt: there is no such file"):
        GloVe(tmp_path / "no.txt")
    packed = tmp_path / "glove.txt.gz"
    random = np.random.Generator(np.random.PCG64(0)).standard_normal((2000, 2))
    lines = "".join(f"w{n} {a} {b}\n" for n, (a, b) in enumerate(random)).encode()
    packed.write_bytes(gzip.compress(lines)[:-1000])
    with pytest.raises(DataError, match="cannot be read to its end"):
        GloVe(packed).vectors(["of"])
    damaged = bytearray(gzip.compress(lines))
    damaged[len(damaged) // 2 :] = b"\xff" * (len(damaged) - len(damaged) // 2)
    packed.write_bytes(damaged)
    with pytest.raises(DataError, match="cannot be read to its end"):
        GloVe(packed).vectors(["of"])


def test_char_ngrams_are_averaged_as_in_the_released_code(tmp_path: Path) -> None:
    lines = ["1gram-a 9 9", "2gram-#BEGIN#a 1 0", "2gram-aa 2 0", "3gram-aaa 0 4", "4gram-aab 8 8"]
    path = write(tmp_path / "charNgram.txt", *lines)
    words = ["aaa", "ab", "b", ""]
    vectors, found = CharNgram(path).vectors(words)
    # aaa: #BEGIN#a, aa twice, aaa; the key 4gram-aab is none of its n-grams
    assert vectors.tolist() == [[1.25, 1.0], [1.0, 0.0], [0.0, 0.0], [0.0, 0.0]]
    assert found.tolist() == [True, True, False, False]


def test_table_puts_sources_side_by_side(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    small = GloVe(write(tmp_path / "a.txt", "the 1 2", "n't 3 4"))
    large = GloVe(write(tmp_path / "b.txt", "the 5 6 7"))
    missing: dict[str, int] = {}
    with caplog.at_level("INFO"):
        vectors = table([" the ", " n't", "the ", "\n"], [small, large], missing)
    assert vectors.dtype == np.float32
    assert vectors.shape == (8, 5)
    assert vectors[4:].tolist() == [[1, 2, 5, 6, 7], [3, 4, 0, 0, 0], [1, 2, 5, 6, 7], [0] * 5]
    assert not vectors[:2].any()  # <unk>, <pad>
    assert vectors[2].all() and vectors[3].all() and not np.array_equal(vectors[2], vectors[3])
    assert missing == {"glove:a.txt": 1, "glove:b.txt": 2}
    assert "glove:b.txt: 2 of 4 words have no vector" in caplog.text


def test_ends_are_looked_up_like_words(tmp_path: Path) -> None:
    glove = GloVe(write(tmp_path / "glove.txt", "the 1 2", "<eos> 3 4"))
    grams = CharNgram(write(tmp_path / "grams.txt", "2gram-in 8 0", "3gram-#BEGIN#<e 5 6"))
    hashed = HashedNgrams(6, seed=7)
    missing: dict[str, int] = {}
    vectors = table(["the"], [glove, grams, hashed], missing)
    assert vectors[2, :4].tolist() == [0, 0, 8, 0]
    assert vectors[3, :4].tolist() == [3, 4, 5, 6]
    expected = hashed.vectors(["<init>", "<eos>"])[0]
    assert np.array_equal(vectors[2:4, 4:], expected)
    assert not vectors[:2].any()  # <unk>, <pad>
    assert missing == {"glove:glove.txt": 0, "char_ngram:grams.txt": 1, hashed.name: 0}


def test_ends_that_no_source_knows_differ_all_the_same(tmp_path: Path) -> None:
    glove = GloVe(write(tmp_path / "glove.txt", "the 1 2", "of 3 4"))
    vectors = table([], [glove])
    assert np.array_equal(vectors[2:], HashedNgrams(2).vectors(["<init>", "<eos>"])[0])
    assert not np.array_equal(vectors[2], vectors[3])
    known = GloVe(write(tmp_path / "known.txt", "<init> 1 2"))
    assert table([], [known])[2:].tolist() == [[1, 2], [0, 0]]


def test_identity_says_what_determines_the_vectors(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "the 1 2")
    sha256 = hashlib.sha256(b"the 1 2\n").hexdigest()
    expected = {"source": "glove", "file": "a.txt", "sha256": sha256, "dim": 2}
    assert GloVe(path).identity() == expected
    assert HashedNgrams(64, seed=3).identity() == {"source": "hashed", "dim": 64, "seed": 3}


WORDS = ["play", "plays", "played", "house", "a", "", "中文", "\ud800", "a" * 1000, "aa", "aaa"]


def test_hashed_vectors_never_change() -> None:
    vectors, found = HashedNgrams(100, seed=1).vectors(WORDS)
    assert found.all()
    digest = hashlib.sha256(vectors.astype("<f4").tobytes()).hexdigest()
    assert digest == "663b0a8e1a3fe25eda2239b26b98de2c5f70699c70215f85c12581cc3f3dd6de"


def test_hashed_vectors_depend_on_word_seed_and_width_only() -> None:
    alone = [HashedNgrams(70, seed=1).vectors([word])[0][0] for word in WORDS]
    assert np.array_equal(np.stack(alone), HashedNgrams(70, seed=1).vectors(WORDS)[0])
    assert not np.array_equal(alone[0], HashedNgrams(70, seed=2).vectors(["play"])[0][0])
    assert HashedNgrams(1).vectors(["play"])[0].shape == (1, 1)
    assert HashedNgrams(5).vectors([])[0].shape == (0, 5)
    with pytest.raises(ValueError, match="dim is 0"):
        HashedNgrams(0)


def test_hashed_vectors_do_not_depend_on_the_process() -> None:
    program = (
        "import sys; from mqan.text.vectors import HashedNgrams;"
        "sys.stdout.write(HashedNgrams(64).vectors(['play', 'house'])[0].tobytes().hex())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_words_that_share_ngrams_are_similar_and_all_differ() -> None:
    play, plays, played, house, *_ = HashedNgrams(300).vectors(WORDS)[0]
    assert similarity(play, plays) > 0.35
    assert similarity(play, played) > 0.35
    assert abs(similarity(play, house)) < 0.2
    same_ngrams = HashedNgrams(300).vectors(["aaaaaa", "aaaaaaa"])[
        0
    ]  # the same n-grams, more often
    assert similarity(*same_ngrams) < 0.95


def test_hashed_vectors_have_the_size_of_glove_vectors_and_come_fast() -> None:
    random = np.random.Generator(np.random.PCG64(0))
    letters = random.integers(97, 123, (50_000, 9)).astype("<u4")
    words = [bytes(row).decode("utf-32-le") for row in letters]
    start = time.process_time()
    vectors, _ = HashedNgrams(100).vectors(words)
    assert time.process_time() - start < 4  # measured: 0.6 s
    assert 0.3 < vectors.std() < 0.5
    assert abs(vectors.mean()) < 0.02


@pytest.mark.real
def test_real_glove(shared: Path) -> None:
    glove = GloVe(shared / "data/real/glove/glove.6B.50d.top10000.txt")
    vectors = table([" the ", " n't", "zzzzqqqq"], [glove])
    assert glove.dim == 50
    assert vectors[4, :2].tolist() == [np.float32(0.418), np.float32(0.24968)]
    assert vectors[5].any() and not vectors[6].any()
