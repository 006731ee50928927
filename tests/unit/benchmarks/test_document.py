"""docs/benchmarks.md is wrapped, and keeps what was written by hand."""

from benchmarks.document import BY_HAND, WIDTH, by_hand, wrapped


def test_no_line_is_too_long_and_no_word_is_lost() -> None:
    text = "word " * 100 + "`a long-flag`"
    lines = wrapped(text).splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert " ".join(lines).split() == text.split()


def test_paragraphs_and_points_stay_apart() -> None:
    point = "* " + "word " * 40
    lines = wrapped(f"First.\n\nSecond.\n\n{point}\n{point}").splitlines()
    assert lines[:4] == ["First.", "", "Second.", ""]
    assert [line[:2] for line in lines[4:]] == ["* ", "  ", "* ", "  "]


def test_the_section_written_by_hand_is_kept_whole() -> None:
    section = f"{BY_HAND}\n\nFigures.\n\n## And more\n"
    assert by_hand(f"# Benchmarks\n\nOld.\n\n{section}") == section
    assert by_hand("# Benchmarks\n\nOld.\n") == ""
