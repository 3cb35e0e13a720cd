"""Files that are written whole or not at all."""

from pathlib import Path

import pytest

from embedlab.files import draft, write_whole


def test_a_file_is_written_and_its_folder_made(tmp_path):
    path = tmp_path / "new" / "page.md"
    write_whole(path, b"one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("stop", [OSError, KeyboardInterrupt])
def test_a_draft_that_stops_half_way_leaves_nothing(tmp_path, monkeypatch, stop):
    path = tmp_path / "page.md"
    path.write_bytes(b"one")
    write = Path.write_bytes

    def half(self, content):
        write(self, content[:1])
        raise stop

    monkeypatch.setattr(Path, "write_bytes", half)
    for act in (draft, write_whole):
        with pytest.raises(stop):
            act(path, b"two")
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]
