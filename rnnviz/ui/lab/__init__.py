"""The sections of the gradient laboratory, a module each.

A section is a function ``draw(controls)``: the one sentence that says what to look for, its controls, its
pictures and the words that go with them. Which section is shown is part of the link (``lab``).
"""
