"""The page that looks inside a cell."""
