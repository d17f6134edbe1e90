"""Is every model that is not as it was saved refused, with the reason, and nothing run?"""

import io
import json
import os
import pickle
import random
import zipfile

import numpy as np
import pytest
from benchmarks.fuzz_models import FILES, damaged, forged, outcome, signed
from hypothesis import given, settings
from hypothesis import strategies as st

from earlywarning.errors import DataRefusedError, ModelError
from earlywarning.registry import load_model
from earlywarning.registry import loading as loading_module
from earlywarning.registry.manifest import FORMAT
from earlywarning.registry.migrations import MIGRATIONS, migrated
from make_golden import GOLDEN

WHOLE = {name: (GOLDEN / f"format-{FORMAT}" / name).read_bytes() for name in FILES}
RAN = []


class Bomb:
    """What a pickle of it does when it is loaded."""

    def __reduce__(self):
        return RAN.append, ("ran",)


def written(folder, files):
    """Write a model's files into a folder of a test's own."""
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture
def model(tmp_path):
    return written(tmp_path / "model", WHOLE)


def assert_refused(folder, reason):
    with pytest.raises(ModelError, match=reason) as caught:
        load_model(folder)
    assert isinstance(caught.value, DataRefusedError)
    assert str(folder) in str(caught.value)


def said():
    return json.loads(WHOLE["manifest.json"])


def arrays():
    with np.load(io.BytesIO(WHOLE["arrays.npz"])) as opened:
        return dict(opened)


def saying(tmp_path, found, **files):
    """Return a model that says this, its hashes right."""
    text = json.dumps(found).encode()
    return written(tmp_path / "forged", signed({**WHOLE, "manifest.json": text, **files}))


def packed(members, how=zipfile.ZIP_STORED):
    """Return a zip archive of these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return file.getvalue()


def members():
    with zipfile.ZipFile(io.BytesIO(WHOLE["arrays.npz"])) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def with_arrays(tmp_path, data):
    """Return a model whose file of arrays is this, its hashes right."""
    return written(tmp_path / "forged", signed({**WHOLE, "arrays.npz": data}))


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_byte_is_refused_wherever_it_is(tmp_path, name):
    for at in range(0, len(WHOLE[name]), max(1, len(WHOLE[name]) // 50)):
        altered = bytearray(WHOLE[name])
        altered[at] ^= 1
        folder = written(tmp_path / "model", {**WHOLE, name: bytes(altered)})
        assert_refused(folder, "damaged or altered")


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_file_is_refused(model, name):
    (model / name).write_bytes(WHOLE[name][:-1])
    assert_refused(model, "damaged or altered")


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(model, name):
    (model / name).unlink()
    assert_refused(model, f"{name} is missing")


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    assert_refused(tmp_path / "nowhere", "no such folder")


def test_two_arrays_of_a_kind_that_changed_places_are_refused(tmp_path):
    found = arrays()
    one, other = "prior.df", "prior.usual"
    found |= {one: found[other], other: found[one]}
    file = io.BytesIO()
    np.savez(file, **found)
    assert_refused(with_arrays(tmp_path, file.getvalue()), "altered or in another's place")


def test_a_pickle_named_like_arrays_is_refused_and_not_run(tmp_path):
    with_pickle = pickle.dumps(Bomb())
    assert_refused(written(tmp_path / "model", {**WHOLE, "arrays.npz": with_pickle}), "altered")
    assert_refused(with_arrays(tmp_path, with_pickle), "no file of arrays")
    assert RAN == []


def test_arrays_of_objects_are_refused_and_not_run(tmp_path):
    file = io.BytesIO()
    np.savez(file, **(arrays() | {"fit.law": np.array([Bomb()] * 3, dtype=object)}))
    assert_refused(with_arrays(tmp_path, file.getvalue()), r"objects \(a pickle\)")
    assert RAN == []


def test_a_later_format_is_refused_and_says_what_to_do(tmp_path):
    later = said() | {"format": FORMAT + 1, "earlywarning": "9.1", "more": "than we know"}
    assert_refused(saying(tmp_path, later), r"later version \(9\.1\).*update earlywarning")


def test_other_structures_than_todays_are_refused(tmp_path):
    assert_refused(saying(tmp_path, said() | {"bank": "0" * 64}), "fit it again")


def test_an_array_that_says_it_is_huge_is_refused_before_it_is_read(tmp_path):
    header = io.BytesIO()
    shape = {"descr": "<f8", "fortran_order": False, "shape": (2**29,)}
    np.lib.format.write_array_header_1_0(header, shape)
    swollen = [(n, header.getvalue() if n == "fit.law.npy" else d) for n, d in members()]
    assert_refused(with_arrays(tmp_path, packed(swollen)), "not of the kind and size")
    found = said()
    found["arrays"]["fit.law"]["size"] = 2**29
    assert_refused(saying(tmp_path, found, **{"arrays.npz": packed(swollen)}), "damaged, altered")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    bomb = [(name, b"\0" * 10**7) for name, _ in members()]
    data = packed(bomb, zipfile.ZIP_DEFLATED)
    assert len(data) < 10**6
    assert_refused(with_arrays(tmp_path, data), "compressed")


def test_members_that_claim_more_than_the_file_holds_are_refused(tmp_path):
    file = bytearray(WHOLE["arrays.npz"])
    at = file.rindex(b"prior.worth.npy") - 46  # its line in the archive's list
    for size in (at + 20, at + 24):
        file[size : size + 4] = (2**31).to_bytes(4, "little")
    assert_refused(with_arrays(tmp_path, bytes(file)), "larger than the file")


@pytest.mark.parametrize("name", ["../../escaped.npy", "/tmp/escaped.npy", "fit.law", "x.npy"])
def test_a_strange_name_in_the_archive_is_refused_and_nothing_written(tmp_path, name):
    assert_refused(with_arrays(tmp_path, packed([*members(), (name, b"x")])), "does not list")
    assert [path.name for path in tmp_path.iterdir()] == ["forged"]
    assert sorted(path.name for path in (tmp_path / "forged").iterdir()) == sorted(FILES)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_array_that_is_there_twice_or_not_at_all_is_refused(tmp_path):
    every = members()
    assert_refused(with_arrays(tmp_path, packed([*every, every[0]])), "twice")
    assert_refused(with_arrays(tmp_path, packed(every[1:])), "lacks")


@pytest.mark.parametrize("name", FILES)
def test_a_link_is_refused_whatever_it_leads_to(model, tmp_path, name):
    (tmp_path / name).write_bytes(WHOLE[name])
    (model / name).unlink()
    (model / name).symlink_to(tmp_path / name)
    assert_refused(model, f"{name} is a link")


def test_a_link_to_a_folder_is_refused(model, tmp_path):
    (tmp_path / "link").symlink_to(model, target_is_directory=True)
    assert_refused(tmp_path / "link", "is a link")


@pytest.mark.parametrize("make", [os.mkdir, getattr(os, "mkfifo", os.mkdir)])
def test_what_is_no_plain_file_is_refused_and_not_waited_for(model, make):
    (model / "arrays.npz").unlink()
    make(model / "arrays.npz")
    assert_refused(model, r"arrays\.npz (is no plain file|cannot be opened)")


def test_a_file_that_is_too_large_is_not_read(model, monkeypatch):
    monkeypatch.setattr(loading_module, "MOST_TEXT", 1000)
    assert_refused(model, "too large")


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("settings", {"no_such_setting": 1}, "no_such_setting"),
        ("format", 0, "format"),
        ("more", 1, "more"),
        ("metrics", [], "metric that the manifest does not have"),
        ("words", {"authorities": [], "groups": [], "periods": []}, "words"),
        ("tables", {"catalogue": {"columns": {}}}, "tables"),
        ("arrays", {}, "does not list"),
    ],
)
def test_a_manifest_that_breaks_the_rules_is_refused_with_the_place(tmp_path, key, value, reason):
    assert_refused(saying(tmp_path, said() | {key: value}), reason)


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b'{"format": NaN}', b"[" * 10**6, b"\xff"])
def test_a_manifest_that_is_no_object_is_refused(tmp_path, text):
    folder = written(tmp_path / "forged", signed({**WHOLE, "manifest.json": text}))
    assert_refused(folder, r"manifest\.json")


@pytest.mark.parametrize(
    ("name", "at", "value", "reason"),
    [
        ("authority.group", 0, 99, "group is none"),
        ("authority.word", 0, 10**6, "words"),
        ("authority.word", 1, 0, "named twice"),
        ("fit.n_authorities", 0, 10**15, "shorter"),
        ("fit.n_groups", 0, -1, "shorter"),
        ("fit.metric", 0, 7, "metric"),
        ("fit.season", 0, 0, "rhythm"),
        ("fit.law", 0, np.nan, "t law"),
        ("period.time", 1, -5.0, "times"),
        ("prior.weight", 0, 2.0, "add up"),
        ("prior.weight", 0, -1.0, "below nothing"),
        ("prior.usual", 0, np.nan, "below nothing"),
        ("group.error", 0, np.inf, "infinite"),
        ("authority.average", 0, np.inf, "infinite"),
        ("authority.tail", 0, -0.1, "p-value"),
        ("authority.residual", 0, np.inf, "infinite"),
    ],
)
def test_numbers_that_fit_cannot_have_learnt_are_refused(tmp_path, name, at, value, reason):
    changed = arrays()[name].copy()
    changed[at] = value
    file = io.BytesIO()
    np.savez(file, **(arrays() | {name: changed}))
    found = said()
    found["arrays"][name]["sha256"] = loading_module.hashlib.sha256(changed.tobytes()).hexdigest()
    assert_refused(saying(tmp_path, found, **{"arrays.npz": file.getvalue()}), reason)


def test_an_earlier_format_is_brought_to_todays_step_by_step(tmp_path, monkeypatch):
    """As if today's had said `day` for `as_of`, and another were two formats on."""
    steps = {
        FORMAT: lambda found, kept: ({**found, "date": found["day"]}, kept),
        FORMAT + 1: lambda found, kept: (
            {name: value for name, value in found.items() if name not in ("day", "date")}
            | {"as_of": found["date"]},
            kept,
        ),
    }
    monkeypatch.setattr(loading_module, "FORMAT", FORMAT + 2)
    for number, step in steps.items():
        monkeypatch.setitem(MIGRATIONS, number, step)
    old = said()
    old["day"] = old.pop("as_of")
    model = load_model(saying(tmp_path, old))
    assert f"{model.learnt_.as_of:%Y-%m-%d}" == old["day"]


def test_a_format_without_a_way_to_todays_is_refused():
    with pytest.raises(ModelError, match=f"no way from format {FORMAT} to {FORMAT + 1}"):
        migrated({"format": FORMAT}, {}, FORMAT + 1)


@given(seed=st.integers(0, 2**64))
@settings(max_examples=1500)
def test_no_damaged_byte_gets_past_the_hashes(seed, tmp_path_factory):
    files = damaged(WHOLE, random.Random(seed))
    found = outcome(files, tmp_path_factory.getbasetemp())
    assert found == ("loaded" if files == WHOLE else "refused")


@given(seed=st.integers(0, 2**64))
@settings(max_examples=500)
def test_a_forged_model_is_refused_in_words_or_loads(seed, tmp_path_factory):
    outcome(forged(WHOLE, random.Random(seed)), tmp_path_factory.getbasetemp())
