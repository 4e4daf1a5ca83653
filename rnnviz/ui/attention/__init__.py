"""The page of attention."""
