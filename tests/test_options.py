"""What options hold: counts as people write them, and what is refused with advice."""

import pytest
import typer

from simulator.cli.options import count, memory, seed_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        ("1e6", 1_000_000),
        ("1.5e6", 1_500_000),
        ("1E+3", 1000),
        ("1_000_000", 1_000_000),
        ("1,000", 1000),
        ("12,345,678", 12_345_678),
        (10_000, 10_000),
    ],
)
def test_counts_are_read_as_people_write_them(text, number):
    assert count(text) == number


@pytest.mark.parametrize("text", ["1,5e6", "1,5", "1,50", "1000,000", "1,000,00", ",500", "1,,000", "1,000e3"])
def test_a_comma_that_divides_no_thousands_is_refused_with_advice(text):
    with pytest.raises(
        typer.BadParameter, match="has a comma that does not separate thousands; write 1.5e6 with a point"
    ):
        count(text)


@pytest.mark.parametrize("text", ["many", "1.5", "-5", "1e", "", "1e-3", "nan", "inf", "1e999999", "1e19"])
def test_what_is_no_count_is_refused(text):
    with pytest.raises(typer.BadParameter, match="is not a count such as 1_000_000 or 1e6"):
        count(text)


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("1_000", 1000), (7, 7), (str(2**63 - 1), 2**63 - 1)])
def test_a_seed_is_a_whole_number(text, number):
    assert seed_number(text) == number


@pytest.mark.parametrize("text", ["-1", "1.5", "x", str(2**63)])
def test_what_is_no_seed_is_refused(text):
    with pytest.raises(typer.BadParameter, match=r"is not a whole number from 0 to 2\*\*63 - 1"):
        seed_number(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [("4GB", 4e9), ("4 GB", 4e9), ("512M", 5.12e8), ("2.5TB", 2.5e12), ("4GiB", 2**32), ("9000", 9e3)],
)
def test_memory_is_read_with_its_unit(text, size):
    assert memory(text) == size


@pytest.mark.parametrize("text", ["much", "-4GB", "4,5GB", "4.5.6GB", "4GB!", "4 G B", "4XB", ""])
def test_what_is_no_amount_of_memory_is_refused(text):
    with pytest.raises(typer.BadParameter, match="is not an amount of memory such as 4GB"):
        memory(text)
