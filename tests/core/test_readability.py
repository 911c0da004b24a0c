"""LIX and sentence length."""

import pytest

from core.readability import readability


def test_counted_as_bjornsson_did():
    # Ten words in two sentences; "boendestödet" and "kvällarna" have more than six letters.
    found = readability("Boendestödet kommer nu på kvällarna. Då sover jag bra här.")
    assert (found.words, found.sentences, found.long_words) == (10, 2, 2)
    assert (found.lix, found.sentence_length) == (25, 5)
    assert (found.judgement, found.is_easy) == ("mycket lätt att läsa", True)


@pytest.mark.parametrize("text", ["", "  \n ", "Två ord", "!!! ... ???", "1 2 3"])
def test_too_little_says_nothing(text):
    assert readability(text) is None


def test_each_line_of_a_list_ends_a_sentence_and_markdown_is_no_word():
    found = readability(
        "- **Fler** sov bra\n- [Ingen](https://example.org/en-lang-adress) var ute\n- Alla kom"
    )
    assert (found.words, found.sentences) == (8, 3)


def test_numbers_and_abbreviations_with_a_dot_inside_do_not_end_sentences():
    found = readability("Det kostade 12.5 kronor per dag och person i 3.2 år.")
    assert (found.words, found.sentences) == (11, 1)


def test_what_authorities_write_is_called_hard():
    text = "Myndigheternas samverkansöverenskommelser förutsätter kontinuerlig " * 4
    found = readability(text)
    assert found.judgement == "mycket svår att läsa"
    assert found.is_easy is False
