from rnnviz.tasks.properties import PROPERTIES


def of(name, text):
    return "".join(f"{number:.0f}" for number in PROPERTIES[name](text))


def test_where_the_line_and_the_word_began():
    assert of("characters since the line began", "ab\nc d\n") == "1201230"
    assert of("letters since the word began", "ab cd!e") == "1201201"


def test_inside_quotation_marks_and_brackets():
    assert of("inside quotation marks", 'a "b" c “d” e') == "00" + "110" + "000" + "110" + "00"
    assert of("inside brackets", "a [b] (c d] e) f") == "00" + "110" + "0" + "1111111" + "000"
    assert of("inside quotation marks", 'a "b\nc\n\nd') == "0011111" + "00"


def test_capitals():
    assert of("only capitals so far in the line", "A B\nAb C\n1A.") == "1110" + "10000" + "011"
    assert of("a capital letter", "aB É") == "0101"


def test_single_letters():
    text = "aé, O\n"
    assert of("a vowel", text) == "110010"
    assert of("a space", text) == "000100"
    assert of("a line break", text) == "000001"
    assert of("a punctuation mark", text) == "001000"


def test_every_property_has_a_number_for_every_character():
    for text in ("", "x", "a\n\nb 👩\u200d🔬\u0301"):
        for name, row in PROPERTIES.items():
            assert len(row(text)) == len(text), name
