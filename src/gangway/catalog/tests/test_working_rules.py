"""What a working copy makes of a folder: pure, for any folder."""

from hypothesis import given
from hypothesis import strategies as st

from gangway.catalog.rules import NOT_THERE, differing, folder_faults, on_both_sides, overlaid, unneeded

PATHS = st.sampled_from(["a.md", "b.md", "c.md", "pictures/d.png"])
DIGESTS = st.sampled_from(["1", "2", "3"])
FOLDERS = st.dictionaries(PATHS, DIGESTS)
CHANGES = st.dictionaries(PATHS, DIGESTS | st.just(NOT_THERE))


@given(base=FOLDERS, changes=CHANGES)
def test_a_folder_is_its_base_but_for_what_was_changed(base: dict[str, str], changes: dict[str, str]) -> None:
    made = overlaid(base, changes)
    assert differing(base, made) <= changes.keys()
    assert all(made.get(path, NOT_THERE) == digest for path, digest in changes.items())
    assert all(made[path] == base[path] for path in base.keys() - changes.keys())


@given(base=FOLDERS, changes=CHANGES)
def test_what_is_not_needed_can_go_and_nothing_else_can(base: dict[str, str], changes: dict[str, str]) -> None:
    idle = set(unneeded(base, changes))
    kept = {path: digest for path, digest in changes.items() if path not in idle}
    assert overlaid(base, kept) == overlaid(base, changes)
    assert all(overlaid(base, {p: d for p, d in kept.items() if p != gone}) != overlaid(base, kept) for gone in kept)


@given(base=FOLDERS, newest=FOLDERS, changes=CHANGES)
def test_both_sides_clash_where_both_changed_a_file_and_not_to_the_same(
    base: dict[str, str], newest: dict[str, str], changes: dict[str, str]
) -> None:
    clashes = on_both_sides(base, newest, changes)
    assert list(clashes) == sorted(clashes)
    for path in base.keys() | newest.keys() | changes.keys():
        theirs, ours = newest.get(path, NOT_THERE), changes.get(path)
        expected = ours is not None and theirs not in (base.get(path, NOT_THERE), ours)
        assert (path in clashes) == expected


@given(base=FOLDERS)
def test_nothing_clashes_while_there_is_no_newer_version(base: dict[str, str]) -> None:
    assert on_both_sides(base, base, {"a.md": "mine"}) == ()


def test_a_folder_is_judged_by_paths_and_sizes() -> None:
    assert folder_faults([("a.md", 10), ("pictures/a.png", 10)]) == []
    assert "The path “../a.md” leads outside, or cannot be a file's name." in folder_faults([("../a.md", 1)])
    assert folder_faults([(".git/config", 1)]) == ["“.git/config” is hidden."]
    assert folder_faults([("a.mp4", 49 * 1024 * 1024)]) == ["“a.mp4” is larger than 48 MB."]
    assert folder_faults([("a.mp4", 40 * 1024 * 1024), ("b.mp4", 40 * 1024 * 1024)]) == [
        "All files together are larger than 64 MB."
    ]
    assert len(folder_faults([("a.md", 1), ("A.md", 1)])) == 1
    assert folder_faults([(f"{n}.md", 1) for n in range(5001)]) == ["There are more than 5000 files."]
