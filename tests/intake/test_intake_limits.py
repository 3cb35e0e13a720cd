"""Intake: archives and files made to do harm, too large, too many, or no submissions at all."""

import gc
import inspect
import io
import os
import re
import socket
import stat
import struct
import sys
import tracemalloc
import warnings
import zipfile

import pytest
from handed_in import (
    FM,
    JANE_MOODLE,
    OTHER,
    PLAIN,
    SLIM,
    WORK,
    as_folder,
    as_zip,
    by_id,
    notebook,
    only,
    read,
    zipped,
)

from autograder.intake import IntakeError, archive, entries, folder, lecture, read_submissions
from autograder.records import ABSENT, REFUSED, UNREADABLE

# What a student's file may do


def test_too_large(pack):
    noise = os.urandom(entries.FILE_LIMIT + entries.MEGABYTE)
    path = pack(
        {f"{JANE_MOODLE}/03_slim.ipynb": noise, "Max_2_assignsubmission_file_/x.ipynb": WORK}
    )
    found = by_id(path)
    large = found["Jane_Doe"]
    assert (large.status, large.notebook, large.lecture) == (UNREADABLE, None, SLIM)
    for text in ("21.0 MB", "20 MB", "Clear Outputs of All Cells"):
        assert text in large.sentence
    assert found["Max"].notebook == WORK


def test_the_largest_that_is_read(pack, monkeypatch):
    monkeypatch.setattr(entries, "FILE_LIMIT", len(WORK))
    assert only(pack({f"{JANE_MOODLE}/03_slim.ipynb": WORK})).notebook == WORK


def test_a_header_that_lies_about_the_size(tmp_path, monkeypatch):
    """Neither a smaller nor a larger number gets more bytes into memory than the limit."""
    monkeypatch.setattr(entries, "FILE_LIMIT", 10_000)
    data = zipped({f"{JANE_MOODLE}/03_slim.ipynb": os.urandom(20_000)})
    position = data.index(b"PK\x01\x02")
    for stated in (50, 9_000):
        lying = bytearray(data)
        lying[22:26] = lying[position + 24 : position + 28] = struct.pack("<I", stated)
        path = tmp_path / "x.zip"
        path.write_bytes(lying)
        found = only(path)
        assert (found.status, found.notebook) == (UNREADABLE, None)


def test_bytes_are_counted_not_believed(monkeypatch):
    monkeypatch.setattr(entries, "FILE_LIMIT", 10_000)
    with pytest.raises(entries.Unusable, match="at most"):
        entries.read_capped(io.BytesIO(bytes(10_001)), "x.ipynb", size=10)


def test_a_bomb_costs_its_student_only(tmp_path):
    zeros = bytes(entries.FILE_LIMIT - 1)
    files = {"ann/03_slim.ipynb": zeros, "bob/03_slim.ipynb": WORK}
    found = by_id(as_zip(tmp_path / "x", files))
    assert (found["ann"].status, found["ann"].notebook) == (REFUSED, None)
    assert found["bob"].notebook == WORK


HOSTILE_NAMES = {
    "../../ann/03_slim.ipynb": "ann",
    "/ann/03_slim.ipynb": "ann",
    "ann/../../03_slim.ipynb": "ann",
    "C:/ann/03_slim.ipynb": "ann",
    "C:ann/03_slim.ipynb": "ann",
    "ann\\03_slim.ipynb": "ann",
    "..\\ann\\03_slim.ipynb": "ann",
    "\\\\server\\ann\\03_slim.ipynb": "server",
    "../doejane_1_678_03_slim.ipynb": "doejane_1",
    "../ann.ipynb": "ann",
}


@pytest.mark.parametrize("wrapper", ["", "our course/"])
@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_paths_that_lead_elsewhere(tmp_path, name, wrapper):
    files = {name: OTHER, f"{wrapper}bob/03_slim.ipynb": WORK, f"{wrapper}eve/03_slim.ipynb": WORK}
    before = sorted(tmp_path.rglob("*"))
    path = as_zip(tmp_path / "x", files)
    found = by_id(path)
    refused = found.pop(HOSTILE_NAMES[name])
    assert (refused.status, refused.notebook, refused.lecture) == (REFUSED, None, SLIM)
    assert "not an archive" in refused.sentence
    assert [one.notebook for one in found.values()] == [WORK, WORK]
    assert sorted(tmp_path.rglob("*")) == [*before, path]


def test_a_name_with_a_null(tmp_path):
    """Python's zipfile would cut the name there: the file would pass for another."""
    data = zipped({"ann/03_slim_x.ipynb": OTHER, "bob/03_slim.ipynb": WORK})
    path = tmp_path / "x.zip"
    path.write_bytes(data.replace(b"03_slim_x", b"03_slim\0x"))
    found = by_id(path)
    assert (found["ann"].status, found["ann"].notebook) == (REFUSED, None)
    assert found["bob"].notebook == WORK


def test_a_hostile_entry_beside_a_good_notebook_is_set_aside(tmp_path):
    files = {"ann/03_slim.ipynb": WORK, "ann/../03_slim.ipynb": OTHER, "bob/03_slim.ipynb": WORK}
    found = by_id(as_zip(tmp_path / "x", files))["ann"]
    assert found.notebook == WORK
    assert "Not graded" in found.sentence
    assert found.others == ()


def link_in_zip(name):
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize("name", ["ann/03_slim.ipynb", "ann"])
def test_a_link_in_a_zip(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as target:
        target.writestr(link_in_zip(name), "/etc/passwd")
        target.writestr("bob/03_slim.ipynb", WORK)
    found = by_id(tmp_path / "x.zip")
    assert (found["ann"].status, found["ann"].notebook) == (REFUSED, None)
    assert "link" in found["ann"].sentence
    assert found["bob"].notebook == WORK


def test_links_in_a_folder(tmp_path):
    secret = as_folder(tmp_path / "secret", {"03_slim.ipynb": OTHER})
    path = as_folder(
        tmp_path / "in", {"ann": None, "bob/03_slim.ipynb": WORK, "sam": None, "tom": None}
    )
    (path / "ann" / "03_slim.ipynb").symlink_to(secret / "03_slim.ipynb")
    (path / "bob" / "data").symlink_to(secret)
    (path / "eve").symlink_to(secret)
    (path / "sam" / "03_slim.ipynb").symlink_to(path / "bob" / "03_slim.ipynb")
    (path / "tom" / "loop").symlink_to(path)
    found = by_id(path)
    assert {key: one.status for key, one in found.items()} == {
        "ann": REFUSED,
        "bob": "",
        "eve": REFUSED,
        "sam": REFUSED,  # somebody else's work
        "tom": REFUSED,
    }
    assert {one.notebook for one in found.values()} == {WORK, None}


def test_a_link_put_there_after_the_listing_is_not_followed(tmp_path):
    path = as_folder(tmp_path / "in", {"ann/03_slim.ipynb": WORK, "secret": None})
    submissions = read_submissions(path, [SLIM])
    (tmp_path / "secret.ipynb").write_bytes(OTHER)
    (path / "ann" / "03_slim.ipynb").unlink()
    (path / "ann" / "03_slim.ipynb").symlink_to(tmp_path / "secret.ipynb")
    found = next(submissions)
    assert (found.status, found.notebook) == (UNREADABLE, None)


def encrypted(data):
    position = data.index(b"PK\x01\x02")
    data = bytearray(data)
    data[6] |= 1
    data[position + 8] |= 1
    return bytes(data)


def odd_method(data):
    position = data.index(b"PK\x01\x02")
    data = bytearray(data)
    data[8:10] = data[position + 10 : position + 12] = struct.pack("<H", 99)
    return bytes(data)


def damaged(data):
    position = data.index(b"03_slim.ipynb") + len("03_slim.ipynb") + 5
    return data[:position] + bytes([data[position] ^ 0xFF]) + data[position + 1 :]


def cut_header(data):
    return b"XX" + data[2:]


@pytest.mark.parametrize("spoil", [encrypted, odd_method, damaged, cut_header])
def test_an_entry_that_cannot_be_read_costs_itself_only(tmp_path, spoil):
    data = zipped({"ann/03_slim.ipynb": OTHER, "bob/03_slim.ipynb": WORK})
    path = tmp_path / "x.zip"
    path.write_bytes(spoil(data))
    found = by_id(path)
    assert (found["ann"].status, found["ann"].notebook) == (UNREADABLE, None)
    assert "03_slim.ipynb" in found["ann"].sentence
    assert found["bob"].notebook == WORK


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_method_that_reserves_memory_is_not_tried(tmp_path, method):
    with zipfile.ZipFile(tmp_path / "x.zip", "w", method) as target:
        target.writestr("ann/03_slim.ipynb", WORK)
    found = only(tmp_path / "x.zip")
    assert (found.status, found.notebook) == (UNREADABLE, None)
    assert "not supported" in found.sentence


def test_a_stored_entry_with_a_wrong_checksum(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("ann/03_slim.ipynb", WORK)
    path.write_bytes(path.read_bytes().replace(b'"work"', b'"hack"'))
    found = only(path)
    assert (found.status, found.notebook) == (UNREADABLE, None)
    assert "CRC" in found.sentence


@pytest.mark.parametrize("name", ["03_slim.ipynb", "pipe"])
def test_what_is_no_file_does_not_hang(tmp_path, monkeypatch, name):
    path = as_folder(tmp_path / "in", {"ann": None, "bob/03_slim.ipynb": WORK, "eve": None})
    os.mkfifo(path / "ann" / name)
    monkeypatch.chdir(path / "eve")  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("03_slim.ipynb")
        found = by_id(path)
    assert found["ann"].status == (ABSENT if name == "pipe" else UNREADABLE)
    assert found["eve"].status == UNREADABLE
    assert "is not a file" in found["eve"].sentence
    assert found["bob"].notebook == WORK


def test_a_fifo_put_there_after_the_listing_does_not_hang(tmp_path):
    path = as_folder(tmp_path / "in", {"ann/03_slim.ipynb": WORK})
    submissions = read_submissions(path, [SLIM])
    (path / "ann" / "03_slim.ipynb").unlink()
    os.mkfifo(path / "ann" / "03_slim.ipynb")
    assert next(submissions).status == UNREADABLE


def test_files_and_folders_without_permission(tmp_path, monkeypatch):
    path = as_folder(
        tmp_path / "in",
        {
            "ann/03_slim.ipynb": OTHER,
            "bob/03_slim.ipynb": WORK,
            "eve/03_slim.ipynb": OTHER,
        },
    )
    forbidden = {str(path / "ann" / "03_slim.ipynb"), str(path / "eve")}

    def guard(function):
        def guarded(name, *arguments):
            if str(name) in forbidden:  # chmod does not stop root, who runs these tests in CI
                raise PermissionError(13, "Permission denied")
            return function(name, *arguments)

        return guarded

    monkeypatch.setattr(os, "open", guard(os.open))
    monkeypatch.setattr(os, "scandir", guard(os.scandir))
    found = by_id(path)
    for name in ("ann", "eve"):
        assert (found[name].status, found[name].lecture) == (UNREADABLE, SLIM)
        assert "Permission denied" in found[name].sentence
    assert found["bob"].notebook == WORK


def test_a_file_that_vanishes(tmp_path):
    path = as_folder(tmp_path / "in", {"ann/03_slim.ipynb": WORK})
    submissions = read_submissions(path, [SLIM])
    (path / "ann" / "03_slim.ipynb").unlink()
    assert next(submissions).status == UNREADABLE


def test_folders_deeper_than_python_recurses(tmp_path):
    files = {"bob/03_slim.ipynb": WORK, f"ann/{'d/' * 150}03_slim.ipynb": OTHER}
    path = as_folder(tmp_path / "in", files)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 100)
    try:
        found = by_id(path)
    finally:
        sys.setrecursionlimit(limit)
    assert [one.notebook for one in found.values()] == [OTHER, WORK]


def test_names_that_are_no_text(tmp_path):
    path = as_folder(tmp_path / "in", {"bob/03_slim.ipynb": WORK})
    for name in (b"M\xfcller", b"M\xf6ller", b"\x1b[31mred\n"):
        folder = os.path.join(os.fsencode(path), name)
        os.mkdir(folder)
        with open(os.path.join(folder, b"03_slim\xff.ipynb"), "wb") as target:
            target.write(WORK)
    found = by_id(path)
    assert [one.notebook for one in found.values()] == [WORK] * 4
    for one in found.values():
        text = f"{one.origin}{one.student}{one.notes}{one.sentence}"
        text.encode("utf-8")
        assert not re.search(r"[\x00-\x1f]", text)


# Archives that students hand in


def test_a_students_archive_is_opened_once(pack):
    inner = zipped({"hw/whatever.ipynb": PLAIN, "hw/numpy.py": b"", "__MACOSX/hw/._a.ipynb": b""})
    path = pack({f"{JANE_MOODLE}/hw.zip": inner})
    found = only(path)
    assert (found.notebook, found.status) == (PLAIN, "")
    assert found.origin.endswith("hw.zip!hw/whatever.ipynb")


def test_the_lecture_picks_from_a_students_archive(pack):
    inner = zipped({"03_slim.ipynb": WORK, "scratch.ipynb": PLAIN, "04_fm.ipynb": notebook(FM)})
    path = pack({"doejane_1_678_hw.zip": inner})
    assert only(path).notebook == WORK
    assert [one.notebook for one in read(path, SLIM, FM)] == [WORK, notebook(FM)]


def test_a_notebook_beside_the_archive_is_preferred(pack):
    inner = zipped({"03_slim.ipynb": OTHER})
    path = pack({f"{JANE_MOODLE}/hw.zip": inner, f"{JANE_MOODLE}/03_slim-Copy1.ipynb": WORK})
    found = only(path)
    assert found.notebook == WORK
    assert "Not graded: hw.zip/03_slim.ipynb" in found.sentence


UNUSABLE_ARCHIVES = {
    "two notebooks": (zipped({"a.ipynb": PLAIN, "b.ipynb": PLAIN}), UNREADABLE, "2 notebooks"),
    "the lecture twice": (
        zipped({"a/03_slim.ipynb": WORK, "b/03_slim.ipynb": WORK}),
        UNREADABLE,
        "2 notebooks",
    ),
    "no notebook": (zipped({"a.txt": b""}), ABSENT, "no notebook"),
    "an archive again": (zipped({"a.zip": zipped({"a.ipynb": WORK})}), ABSENT, "no notebook"),
    "no archive": (b"Rar!", UNREADABLE, "not a zip archive"),
    "a path outside": (zipped({"../a.ipynb": WORK}), REFUSED, "lead out"),
    "a bomb": (zipped({"a.ipynb": bytes(5 * entries.MEGABYTE)}), REFUSED, "200 times"),
    "encrypted": (encrypted(zipped({"a.ipynb": WORK})), UNREADABLE, "without a password"),
}


@pytest.mark.parametrize("case", UNUSABLE_ARCHIVES)
@pytest.mark.parametrize("lectures", [[SLIM], [SLIM, FM]])
def test_a_students_archive_that_cannot_be_used(pack, case, lectures):
    inner, status, words = UNUSABLE_ARCHIVES[case]
    path = pack(
        {f"{JANE_MOODLE}/hw.zip": inner, "Max_2_assignsubmission_file_/03_slim.ipynb": WORK}
    )
    found = by_id(path, *lectures)
    assert (found["Jane_Doe"].status, found["Jane_Doe"].notebook) == (status, None)
    assert words in found["Jane_Doe"].sentence
    assert found["Jane_Doe"].lecture == (SLIM if len(lectures) == 1 else None)
    assert found["Max"].notebook == WORK


def test_a_students_archive_with_too_many_entries(pack, monkeypatch):
    monkeypatch.setattr(archive, "ENTRY_LIMIT", 30)
    inner = zipped({f"{number}.txt": b"" for number in range(31)} | {"03_slim.ipynb": WORK})
    found = only(pack({f"{JANE_MOODLE}/hw.zip": inner}))
    assert (found.status, found.notebook) == (REFUSED, None)


# Paths that are no submissions


def test_one_notebook_is_nobodys(tmp_path):
    path = as_folder(tmp_path, {"03_slim.ipynb": WORK}) / "03_slim.ipynb"
    with pytest.raises(IntakeError, match="nothing says whose"):
        read_submissions(path, [SLIM])


def test_paths_that_hold_no_submissions(tmp_path):
    (tmp_path / "empty").mkdir()
    as_folder(tmp_path / "notes", {"a/b.txt": b"", "README.md": b""})
    (tmp_path / "work.tar.gz").write_bytes(b"\x1f\x8b\x08")
    (tmp_path / "03_slim.ipynb").write_bytes(WORK)
    (tmp_path / "empty.zip").write_bytes(zipped({}))
    (tmp_path / "cut.zip").write_bytes(zipped({"ann.ipynb": WORK})[:-30])
    as_folder(tmp_path / "other", {"submitted/ann/04_fm/04_fm.ipynb": notebook(FM)})
    os.mkfifo(tmp_path / "pipe")
    names = ["empty", "notes", "work.tar.gz", "03_slim.ipynb", "empty.zip", "cut.zip", "other"]
    for name in [*names, "pipe", "nowhere", "nul\0"]:
        with pytest.raises(IntakeError, match=re.escape(str(tmp_path / name))) as caught:
            read_submissions(tmp_path / name, [SLIM])  # at once, not at the first next()
        assert re.search("Name|Check", str(caught.value))


def test_an_archive_with_too_many_entries(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "ENTRY_LIMIT", 2)
    path = as_zip(tmp_path / "x", {f"{name}.ipynb": WORK for name in "abc"})
    with pytest.raises(IntakeError, match="more than 2 entries"):
        read_submissions(path, [SLIM])


def test_a_folder_of_something_else(tmp_path, monkeypatch):
    monkeypatch.setattr(folder, "FILES_LIMIT", 5)
    path = as_folder(tmp_path / "in", {f"release/{name}.csv": b"" for name in "abcdef"})
    with pytest.raises(IntakeError, match="more than 5 files"):
        read_submissions(path, [SLIM])
    as_folder(path, {"submitted/ann/03_slim/03_slim.ipynb": WORK, "gradebook.db": b""})
    assert only(path).notebook == WORK  # beside a course's submitted/ nothing is listed


# Many


def test_memory_stays_flat(tmp_path):
    """Listing 300 submissions of 1 MB each and reading them holds a few of them at a time."""
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as target:
        padding = os.urandom(2**19).hex()
        for number in range(300):
            contents = notebook(SLIM, [f"{number}{padding}"])
            target.writestr(f"doe_{number}_{1000 + number}_03_slim.ipynb", contents)
        contents = padding = None
    lecture.released()
    tracemalloc.start()
    try:
        count = sum(one.status == "" for one in read_submissions(tmp_path / "x.zip", [SLIM]))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 300
    assert peak < 20 * entries.MEGABYTE


def test_too_large_ones_are_not_kept_either(tmp_path, monkeypatch):
    """A caught exception keeps the bytes of its frames alive: none may be stored."""
    monkeypatch.setattr(entries, "FILE_LIMIT", entries.MEGABYTE)
    path = as_folder(tmp_path / "in", {f"s{n}/03_slim.ipynb": WORK for n in range(40)})
    submissions = read_submissions(path, [SLIM])
    monkeypatch.setattr(os, "fstat", lambda _: os.stat_result((stat.S_IFREG, *[0] * 9)))
    for student in path.iterdir():
        (student / "03_slim.ipynb").write_bytes(bytes(2 * entries.MEGABYTE))
    gc.disable()
    tracemalloc.start()
    try:
        assert {one.status for one in submissions} == {UNREADABLE}
        assert tracemalloc.get_traced_memory()[1] < 10 * entries.MEGABYTE
    finally:
        tracemalloc.stop()
        gc.enable()


def test_the_archive_is_closed(tmp_path):
    path = as_zip(tmp_path / "x", {"ann.ipynb": WORK})
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        assert only(path).notebook == WORK
        gc.collect()
