import pytest

from loyalty.operations.program_file.reading import MOST_BYTES, Fault, read


def faults(text: str | bytes) -> list[Fault]:
    return read(text.encode() if isinstance(text, str) else text).faults


def test_words_and_times_that_yaml_1_1_changes_stay_text() -> None:
    data = read(b"a: NO\nb: 12:30\nc: yes\nd: on\ne: 2026-01-01\nf: 2026-01-01T08:00:00+08:00\ng: 0o17\n").data
    assert isinstance(data, dict)
    assert (data["a"], data["b"], data["c"], data["d"], data["e"]) == ("NO", "12:30", "yes", "on", "2026-01-01")
    assert data["f"] == "2026-01-01T08:00:00+08:00"


def test_a_key_is_its_text_whatever_it_looks_like() -> None:
    assert read(b"no: 1\n12: 2\ntrue: 3\n").data == {"no": 1, "12": 2, "true": 3}


def test_every_value_has_its_line() -> None:
    source = read(b"program:\n  code: x\nmarkets:\n  - {code: SG}\n  - code: ID\n    name: >\n      long\n      text\n")
    assert source.lines["program"] == 1
    assert source.lines["program.code"] == 2
    assert source.lines["markets[0].code"] == 4
    assert source.lines["markets[1].name"] == 6
    assert source.line("markets[1].colour.of.what[3]") == 5


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("", 1, "empty"),
        ("# only a comment\n", 1, "empty"),
        ("- a\n- b\n", 1, "must be a mapping"),
        ("just text\n", 1, "must be a mapping"),
        ("a: 1\nb: [1, 2\nc: 3\n", 3, "not valid YAML"),
        ("a: 1\n  b: 2\n", 2, "not valid YAML"),
        ("a: 1\n---\nb: 2\n", 2, "not valid YAML"),
        ("a: *nobody\n", 1, "not valid YAML"),
        ("a: \x07\n", 1, "not valid YAML"),
        ("%YAML 1.1\n---\na: NO\n", 1, "YAML 1.2"),
        ("a: 1\nb: 2\na: 3\n", 3, "a is given twice, first in line 1"),
        ("a: &x {c: 1}\nb:\n  <<: *x\n", 3, "merge keys"),
        ("a: 1\nb: !python/object:os.system x\n", 2, "tags such as !python/object:os.system"),
        ("a: 1\nb: !!binary aGk=\n", 2, "tags such as !!binary"),
        ("a: 1\n[1, 2]: 3\n", 2, "a key must be a word"),
        ("a: 1\nb: .inf\n", 2, "not a plain number"),
        ("a: 1\nb: 1_000\n", 2, "not a plain number"),
        ("a: 1\nb: 99999999999999999999999\n", 2, "not a plain number"),
    ],
)
def test_a_form_that_means_nothing_or_two_things_is_refused_with_its_line(text: str, line: int, part: str) -> None:
    (fault,) = faults(text)
    assert fault.line == line
    assert part in fault.message


def test_a_file_that_is_not_utf_8_names_the_line() -> None:
    (fault,) = faults(b"a: 1\nb: caf\xe9\n")
    assert (fault.line, fault.message) == (2, "byte 11 is not UTF-8; save the file as UTF-8")


def test_a_file_with_a_byte_order_mark_is_read() -> None:
    assert read(b"\xef\xbb\xbfa: 1\n").data == {"a": 1}


def test_a_file_of_more_than_ten_megabytes_is_not_parsed() -> None:
    (fault,) = faults(b"a" * (MOST_BYTES + 1))
    assert "more than the" in fault.message


def test_aliases_may_repeat_a_little_but_never_explode() -> None:
    assert read(b"a: &x {c: 1}\nb: *x\n").data == {"a": {"c": 1}, "b": {"c": 1}}
    levels = ["a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    (fault,) = faults("\n".join(levels))
    assert "aliases repeat more than" in fault.message


@pytest.mark.parametrize(
    "text", ["a: &x [*x]\n", "a: &x {b: *x}\n", "a: " + "[" * 200 + "]" * 200, "a: " + "{a: " * 2000]
)
def test_nesting_without_end_is_refused(text: str) -> None:
    (fault,) = faults(text)
    assert "levels deep" in fault.message
