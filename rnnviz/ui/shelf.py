"""A shelf: the last values that were made, by key, for all who look at the same."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class Shelf(Generic[Value]):
    """The last ``kept`` values by key; who asks for one that is being made waits for it."""

    def __init__(self, kept: int) -> None:
        self.kept = kept
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of that key, made now if it is not there."""
        with self._lock:
            if key not in self._values:
                self._values[key] = make()
                while len(self._values) > self.kept:
                    self._values.popitem(last=False)
            self._values.move_to_end(key)
            return self._values[key]

    def drop(self, gone: Callable[[Any], bool]) -> None:
        """Keep no value any more whose key is ``gone``."""
        with self._lock:
            for key in [key for key in self._values if gone(key)]:
                del self._values[key]
