"""How much is read and modelled: sizes are bounded, so that no file can take the server down. Imports nothing."""

UPLOADED = 25 * 1024**2
"""Bytes of a file as it is uploaded."""

UNPACKED = 50 * 1024**2
"""Bytes of the text in a compressed file."""

ROWS = 1_000_000
"""Rows of a table."""

COLUMNS = 2_000
"""Columns of a table."""

CELLS = 20_000_000
"""Cells of a table: more than 25 MB of text can hold, fewer than a packed file can."""

LONGEST = 1_000_000
"""Bytes of a line."""

LOOKED_AT = 40
"""Columns whose values are read: the first that look useful."""

MODELLED = 20_000
"""Rows that a forecast is made from: the last ones."""

LEFT_OUT = 1_000
"""Rows that were left out and are kept, to be looked at: the first ones. All of them are counted."""
