"""Which number is the day, where every number could be: the file is in order in one reading alone."""

from rnnviz.forecast import read_table

DAYS = [(year, month, day) for year in range(2001, 2006) for month in range(1, 13) for day in (3, 6, 9, 12)]


def test_a_file_in_order_is_read_in_the_order_that_it_has() -> None:
    for turned in (False, True):
        rows = [f"{d:02}/{m:02}/{y},{50 + n % 7}" for n, (y, m, d) in enumerate(DAYS)]
        table = read_table(
            "\n".join(["Date,Close", *(rows[::-1] if turned else rows)]).encode(), name="d.csv"
        )
        assert table.guesses["dates"].value == "dmy"
        assert table.guesses["dates"].sure
        assert [(day.year, day.month, day.day) for day in table.prices.index] == DAYS
        american = [f"{m:02}/{d:02}/{y},{50 + n % 7}" for n, (y, m, d) in enumerate(DAYS)]
        table = read_table("\n".join(["Date,Close", *american]).encode(), name="d.csv")
        assert table.guesses["dates"].value == "mdy"
        assert table.guesses["dates"].sure
