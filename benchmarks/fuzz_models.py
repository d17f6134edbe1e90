"""Does damage to a saved model ever get past the loader, or crash it?

Damages copies of the golden model at random, in two ways: bytes of its files, as a bad disk or a
torn copy would; and what it says, its hashes written anew, as a hand that means harm would. Each
must be refused as a `ModelError`; of the second kind some say nothing wrong, and load.

    python benchmarks/fuzz_models.py --inputs 100000
"""

import argparse
import hashlib
import io
import json
import random
import resource
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from earlywarning.errors import ModelError
from earlywarning.registry import load_model
from earlywarning.registry.manifest import FORMAT

GOLDEN = Path(__file__).resolve().parents[1] / "tests" / "golden" / f"format-{FORMAT}"
FILES = ("arrays.npz", "manifest.json", "SHA256SUMS")
STRANGE = (
    None, True, -1, 0, 10**30, 1e308, "", "\ud800", "../../x", [], {}, [[]], {"": None}, "nan",
)  # fmt: skip
NUMBERS = (np.nan, np.inf, -np.inf, -1.0, 0.0, 1e308)
WHOLES = (-1, 0, 1, 2**31, 2**62, -(2**63))


def with_damaged_bytes(data: bytes, chance: random.Random) -> bytes:
    """Return a file's bytes, one to eight of them altered, or some cut, moved, doubled or gone."""
    at, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    kind = chance.choice(("flip", "flip", "flip", "cut", "gone", "double", "zero", "junk"))
    if kind == "flip":
        altered = bytearray(data)
        for _ in range(chance.randint(1, 8)):
            altered[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        return bytes(altered)
    return {
        "cut": data[:at],
        "gone": data[:at] + data[end:],
        "double": data[:end] + data[at:],
        "zero": data[:at] + bytes(end - at) + data[end:],
        "junk": data[:at] + chance.randbytes(chance.randint(1, 64)) + data[at:],
    }[kind]


def with_strange_word(found: Any, chance: random.Random) -> Any:
    """Return JSON with something in it replaced, left out or added."""
    if isinstance(found, dict | list) and found and chance.random() < 0.9:
        keys = list(found) if isinstance(found, dict) else range(len(found))
        key = chance.choice(list(keys))
        altered = found.copy()
        roll = chance.random()
        if roll < 0.05:
            del altered[key]
        elif roll < 0.1 and isinstance(altered, dict):
            altered["strange"] = chance.choice(STRANGE)
        else:
            altered[key] = with_strange_word(found[key], chance)
        return altered
    return chance.choice(STRANGE)


def with_strange_number(arrays: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Return arrays of which one has a number altered, is cut, or is of another kind."""
    name = chance.choice(list(arrays))
    array = arrays[name].copy()
    at = chance.randrange(array.size)
    roll = chance.random()
    if roll < 0.1:
        array = array[:at]
    elif roll < 0.2:
        with np.errstate(invalid="ignore"):
            array = array.astype(chance.choice(("<f4", "<i8", "<f8", "U3", "|b1")))
    elif array.dtype.kind == "f":
        array[at] = chance.choice(NUMBERS)
    elif array.dtype.kind == "i":
        array[at] = chance.choice(WHOLES)
    else:
        array[at] = not array[at]
    return arrays | {name: array}


def forged(files: dict[str, bytes], chance: random.Random) -> dict[str, bytes]:
    """Return a model that says something else, its hashes those of what it says."""
    found = json.loads(files["manifest.json"])
    with np.load(io.BytesIO(files["arrays.npz"])) as opened:
        arrays = dict(opened)
    packed = files["arrays.npz"]
    kind = chance.choice(("words", "numbers", "bytes of arrays", "bytes of words"))
    if kind == "numbers":
        arrays = with_strange_number(arrays, chance)
        with io.BytesIO() as file:
            np.savez(file, **arrays)
            packed = file.getvalue()
        for name, array in arrays.items():
            sha256 = hashlib.sha256(array.tobytes()).hexdigest()
            found["arrays"][name] = {"kind": array.dtype.str, "size": array.size, "sha256": sha256}
    elif kind == "bytes of arrays":
        packed = with_damaged_bytes(packed, chance)
    elif kind == "words":
        found = with_strange_word(found, chance)
    text = json.dumps(found).encode()
    if kind == "bytes of words":
        text = with_damaged_bytes(text, chance)
    return signed({"arrays.npz": packed, "manifest.json": text})


def signed(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return files with the list of their hashes."""
    sums = "".join(
        f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n"
        for name in ("arrays.npz", "manifest.json")
    )
    return files | {"SHA256SUMS": sums.encode()}


def damaged(files: dict[str, bytes], chance: random.Random) -> dict[str, bytes]:
    """Return a model of which one file's bytes are not as they were; maybe by chance the same."""
    name = chance.choice(FILES)
    return files | {name: with_damaged_bytes(files[name], chance)}


def outcome(files: dict[str, bytes], folder: Path) -> str:
    """Say what comes of loading these files; anything but a refusal or a model is a crash."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    try:
        load_model(folder)
    except ModelError:
        return "refused"
    return "loaded"


def main() -> None:
    """Count what comes of so many damaged models."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    whole = {name: (GOLDEN / name).read_bytes() for name in FILES}
    count: Counter[str] = Counter()
    begun = time.monotonic()
    above = Path(tempfile.mkdtemp())
    folder = above / "models" / "model"
    folder.mkdir(parents=True)
    try:
        for number in range(asked.inputs):
            chance = random.Random(f"{asked.seed} {number}")
            kind, damage = (("bytes", damaged), ("forged", forged))[number % 2]
            files = damage(whole, chance)
            try:
                found = outcome(files, folder)
            except Exception:
                print(f"input {number} ({kind}) was not refused in words:")
                raise
            if kind == "bytes" and found == "loaded":
                assert files == whole, f"input {number} got past the hashes"
                found = "by chance as it was"
            count[f"{kind}: {found}"] += 1
        left = {path.name for path in above.rglob("*") if path.is_file()}
    finally:
        shutil.rmtree(above)
    assert left == set(FILES), f"a file was left: {left}"
    for name, n in sorted(count.items()):
        print(f"{name:28} {n:8,}")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'all':28} {count.total():8,}  no crash, {time.monotonic() - begun:.0f} s")
    print(f"most memory at once: {most:.0f} MB")


if __name__ == "__main__":
    main()
