"""Reading original checkpoints: both file formats of torch, and files that attack the reader."""

import io
import pickle
import struct
import sys
import types
import zipfile
from collections import OrderedDict, defaultdict
from pathlib import Path

import pytest
import torch
from torch.serialization import MAGIC_NUMBER, PROTOCOL_VERSION

from mqan.example import DataError
from mqan.interop.decanlp import convert, load

FORMATS = pytest.mark.parametrize("is_zip", [True, False], ids=["zip", "plain"])


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def save(content: object, path: Path, is_zip: bool) -> Path:
    torch.save(content, path, _use_new_zipfile_serialization=is_zip)
    return path


@FORMATS
def test_tensors_come_back_with_type_shape_and_sharing(tmp_path: Path, is_zip: bool) -> None:
    torch.manual_seed(0)
    base = torch.randn(6, 4)
    state = OrderedDict(
        float=torch.randn(3, 5),
        half=torch.randn(7).half(),
        bfloat=torch.randn(7).bfloat16(),
        double=torch.randn(2, 2).double(),
        long=torch.tensor([-(2**62), 2**62]),
        bool=torch.tensor([True, False]),
        transposed=base.t(),
        strided=base[1::2, ::3],
        expanded=torch.randn(1, 4).expand(3, 4),
        base=base,
        scalar=torch.tensor(3.5),
        empty=torch.zeros(0, 4),
        none_of_it=base[2:2],
        parameter=torch.nn.Parameter(torch.randn(2)),
    )
    state._metadata = {"": {"version": 1}}  # pyright: ignore[reportAttributeAccessIssue]
    path = save({"model_state_dict": state, "other": base}, tmp_path / "a.pth", is_zip)
    weights, words = load(path)
    assert words is None
    assert list(weights) == list(state)
    for name, tensor in state.items():
        assert weights[name].dtype == tensor.dtype
        assert weights[name].stride() == tensor.stride(), name
        assert torch.equal(weights[name], tensor), name
    weights["base"].zero_()
    assert not weights["transposed"].any() and not weights["strided"].any()
    assert weights["expanded"].any()


class _Of2018:
    """Pickles a tensor as torch 0.3 did."""

    def __init__(self, tensor: torch.Tensor) -> None:
        self.tensor = tensor

    def __reduce__(self):
        t = self.tensor
        parts = (t.storage(), t.storage_offset(), tuple(t.size()), t.stride())
        return torch._utils._rebuild_tensor, parts


@pytest.mark.filterwarnings("ignore:TypedStorage is deprecated")
def test_tensors_as_torch_0_3_wrote_them(tmp_path: Path) -> None:
    tensor = torch.arange(12.0).view(3, 4)[1:]
    path = save({"model_state_dict": {"w": _Of2018(tensor)}}, tmp_path / "a.pth", is_zip=False)
    assert torch.equal(load(path)[0]["w"], tensor)


def field_of(itos: object) -> object:
    """A field and vocabulary of classes, and a function, that no later import finds."""
    module = types.ModuleType("text_of_2018")
    for name, base in {"Field": object, "Vocab": object, "Many": list}.items():
        setattr(module, name, type(name, (base,), {"__module__": module.__name__}))

    def zero() -> int:
        return 0

    zero.__module__, zero.__qualname__ = module.__name__, "zero"
    module.zero = zero
    sys.modules[module.__name__] = module
    field, field.vocab = module.Field(), module.Vocab()
    field.many, field.dtype, field.kind = module.Many("ab"), torch.long, torch.LongTensor
    field.vocab.itos = itos
    field.vocab.stoi = defaultdict(module.zero, {"a": 1})
    field.vocab.vectors = torch.ones(5, 2)
    return field


@FORMATS
@pytest.mark.parametrize("protocol", [2, 4])
def test_words_of_classes_that_are_gone(tmp_path: Path, is_zip: bool, protocol: int) -> None:
    words = ["<unk>", "<pad>", "straße", "中"]
    path = tmp_path / "a.pth"
    try:
        content = {"field": field_of(words), "model_state_dict": {"w": torch.ones(2)}}
        torch.save(content, path, pickle_protocol=protocol, _use_new_zipfile_serialization=is_zip)
    finally:
        sys.modules.pop("text_of_2018", None)
    weights, found = load(path)
    assert found == words
    assert weights["w"].tolist() == [1, 1]
    assert "text_of_2018" not in sys.modules


@FORMATS
def test_words_that_are_no_words(tmp_path: Path, is_zip: bool) -> None:
    try:
        content = {"field": field_of(["a", 1]), "model_state_dict": {"w": torch.ones(2)}}
        path = save(content, tmp_path / "a.pth", is_zip)
    finally:
        sys.modules.pop("text_of_2018", None)
    with pytest.raises(DataError, match=r"a\.pth.*itos is no list of words"):
        load(path)


@FORMATS
@pytest.mark.parametrize(
    "content",
    [
        [1],
        {},
        {"model_state_dict": {}},
        {"model_state_dict": [torch.ones(1)]},
        {"model_state_dict": None},
        {"model_state_dict": {"w": 1.0}},
        {"model_state_dict": {"w": [torch.ones(1)]}},
        {"model_state_dict": {1: torch.ones(1)}},
        {"model_state_dict": {"w": torch.ones(2, 2).to_sparse()}},
    ],
)
def test_no_dictionary_of_tensors(tmp_path: Path, content: object, is_zip: bool) -> None:
    path = save(content, tmp_path / "a.pth", is_zip)
    with pytest.raises(DataError, match=r"a\.pth: cannot be read as a checkpoint of decaNLP"):
        load(path)


@FORMATS
def test_damaged_files(tmp_path: Path, is_zip: bool) -> None:
    path = save({"model_state_dict": {"w": torch.ones(200)}}, tmp_path / "a.pth", is_zip)
    whole = path.read_bytes()
    for size in (0, 3, 40, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(DataError, match=r"a\.pth"):
            load(path)
    path.write_bytes(b"garbage")
    with pytest.raises(DataError, match=r"a\.pth"):
        load(path)
    with pytest.raises(DataError, match=r"absent\.pth"):
        load(tmp_path / "absent.pth")


@pytest.mark.parametrize("state", [{}, [], None])
def test_convert_refuses_what_is_no_model(state: object) -> None:
    with pytest.raises(DataError, match="non-empty dictionary"):
        convert(state)  # pyright: ignore[reportArgumentType]


def test_convert_refuses_half_a_model() -> None:
    with pytest.raises(DataError, match=r"decoder\.projection\.linear\.weight"):
        convert({"out.weight": torch.ones(3, 2)})
    with pytest.raises(DataError, match=r"out\.weight"):
        convert({"decoder_embeddings.projection.linear.weight": torch.ones(2, 3)})


def text(value: str) -> bytes:
    return pickle.BINUNICODE + struct.pack("<I", len(value.encode())) + value.encode()


def glob(module: str, name: str) -> bytes:
    return pickle.GLOBAL + f"{module}\n{name}\n".encode()


def setting(target: bytes, **values: bytes) -> bytes:
    """Change attributes of a global by BUILD, by way of setattr."""
    items = b"".join(text(name) + value for name, value in values.items())
    slots = pickle.EMPTY_DICT + pickle.MARK + items + pickle.SETITEMS
    return target + pickle.NONE + slots + pickle.TUPLE2 + pickle.BUILD + pickle.POP


def craft(program: bytes, path: Path, is_zip: bool) -> Path:
    """A file whose pickle runs `program` before it gives a harmless-looking checkpoint."""
    harmless = io.BytesIO()
    torch.save({"model_state_dict": {"w": torch.ones(1)}}, harmless)
    with zipfile.ZipFile(harmless) as old:
        entries = {name: old.read(name) for name in old.namelist()}
    whole = next(data for name, data in entries.items() if name.endswith("data.pkl"))
    crafted = pickle.PROTO + b"\x02" + program + whole[2:]
    if is_zip:
        with zipfile.ZipFile(path, "w") as new:
            for name, data in entries.items():
                new.writestr(name, crafted if name.endswith("data.pkl") else data)
    else:
        # The plain format's reference to a storage has one field more.
        kind = glob("torch", "FloatStorage")
        five = text("storage") + kind + text("0") + text("cpu") + pickle.BININT1 + b"\x01"
        storage = pickle.MARK + five + pickle.NONE + pickle.TUPLE + pickle.BINPERSID
        one = pickle.BININT1 + b"\x01"
        view = pickle.MARK + storage + pickle.BININT1 + b"\x00"
        view += one + pickle.TUPLE1 + one + pickle.TUPLE1 + pickle.NEWFALSE + pickle.NONE
        tensor = glob("torch._utils", "_rebuild_tensor_v2") + view + pickle.TUPLE + pickle.REDUCE
        state = pickle.EMPTY_DICT + text("w") + tensor + pickle.SETITEM
        content = pickle.EMPTY_DICT + text("model_state_dict") + state + pickle.SETITEM
        heads = (MAGIC_NUMBER, PROTOCOL_VERSION, {"little_endian": True})
        parts = [pickle.dumps(part, protocol=2) for part in heads]
        parts += [pickle.PROTO + b"\x02" + program + content + pickle.STOP]
        parts += [pickle.dumps(["0"], protocol=2), struct.pack("<qf", 1, 1.0)]
        path.write_bytes(b"".join(parts))
    return path


STORAGE = glob("torch.storage", "TypedStorage")
REBUILD = glob("torch._utils", "_rebuild_tensor_v2")
ORDERED = glob("collections", "OrderedDict")
MODULE = pickle.MARK + text("module") + STORAGE + text("x.py") + text("rm -rf everything\n")
BIG = pickle.BININT + struct.pack("<i", 10**6)
REFERENCE = text("storage") + glob("torch", "FloatStorage") + text("0") + text("cpu")
REFERENCE = pickle.MARK + REFERENCE + pickle.BININT1 + b"\x01" + pickle.TUPLE + pickle.BINPERSID
ATTACKS = {
    "defaults": setting(REBUILD, __defaults__=pickle.NONE),
    "method": setting(STORAGE, tolist=REBUILD),
    "class_name": setting(STORAGE, dump_patches=pickle.NEWTRUE, __name__=text("evil")),
    "ordered_dict": setting(ORDERED, update=REBUILD),
    "float_storage": setting(glob("torch", "FloatStorage"), dtype=pickle.NONE),
    "stored": setting(REFERENCE, count=BIG),
    "patch_file": MODULE + pickle.TUPLE + pickle.BINPERSID + pickle.POP,
    "beyond_the_end": REBUILD
    + pickle.MARK
    + REFERENCE
    + pickle.BININT1
    + b"\x00"
    + (BIG + pickle.TUPLE1 + pickle.BININT1 + b"\x01" + pickle.TUPLE1 + pickle.NEWFALSE)
    + (pickle.NONE + pickle.TUPLE + pickle.REDUCE + pickle.POP),
}


@FORMATS
def test_crafted_file_without_an_attack_is_read(tmp_path: Path, is_zip: bool) -> None:
    path = craft(b"", tmp_path / "a.pth", is_zip)
    assert load(path)[0]["w"].tolist() == [1]


@FORMATS
@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_do_nothing(tmp_path: Path, monkeypatch, attack: str, is_zip: bool) -> None:
    monkeypatch.chdir(tmp_path)
    path = craft(ATTACKS[attack], tmp_path / "a.pth", is_zip)
    typed, rebuild = torch.storage.TypedStorage, torch._utils._rebuild_tensor_v2
    before = (dict(vars(typed)), rebuild.__defaults__, typed.__name__, OrderedDict.update)
    with pytest.raises(DataError, match=r"a\.pth"):
        load(path)
    assert (dict(vars(typed)), rebuild.__defaults__, typed.__name__, OrderedDict.update) == before
    assert files(tmp_path) == ["a.pth"]
    assert load(craft(b"", tmp_path / "b.pth", is_zip))[0]["w"].tolist() == [1]  # nothing stays


def _call(module: str, name: str, argument: str) -> bytes:
    return glob(module, name) + text(argument) + pickle.TUPLE1 + pickle.REDUCE + pickle.POP


@FORMATS
@pytest.mark.parametrize("name", ["os system", "builtins exec", "torch.storage os.system"])
def test_calls_reach_shells_only(tmp_path: Path, monkeypatch, name: str, is_zip: bool) -> None:
    monkeypatch.chdir(tmp_path)
    program = _call(*name.split(), "open('evil', 'w')" if "exec" in name else "touch evil")
    weights, _ = load(craft(program, tmp_path / "a.pth", is_zip))
    assert weights["w"].tolist() == [1]
    assert files(tmp_path) == ["a.pth"]


class _Program(torch.nn.Module):
    """Writes a file when torch.jit.load reads it."""

    def __init__(self) -> None:
        super().__init__()
        self.x = torch.ones(3)

    @torch.jit.export
    def __getstate__(self):
        return (self.x, self.training)

    @torch.jit.export
    def __setstate__(self, state: tuple[torch.Tensor, bool]) -> None:
        self.training = state[1]
        mark = torch.from_file("evil", True, 16, dtype=torch.uint8)
        mark.fill_(65)
        self.x = state[0] + mark.sum()

    def forward(self, x):
        return x


@pytest.mark.filterwarnings("ignore")  # torch.jit announces its end
def test_torchscript_program_does_not_run(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.jit.script(_Program()).save("a.pth")
    assert files(tmp_path) == ["a.pth"]
    with pytest.raises(DataError, match=r"a\.pth.*TorchScript"):
        load("a.pth")
    assert files(tmp_path) == ["a.pth"]
    torch.jit.load("a.pth")
    assert Path("evil").exists()  # it does attack who runs it
