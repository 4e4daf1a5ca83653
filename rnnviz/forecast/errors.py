"""What the forecaster says where it cannot go on. Imports nothing."""


class TableError(ValueError):
    """A file that cannot be read, or prices that cannot be forecast: what was expected, what came, what to do."""
