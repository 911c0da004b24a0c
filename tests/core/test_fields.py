"""Dates as sources give them."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.core.serializers import deserialize, serialize
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from core.fields import EXAMPLE, PartialDate, PartialDateField, PartialDateFormField
from inventory.models import Project
from tests.factories import save_project

DATES = st.dates(datetime.date(1, 1, 1), datetime.date(9999, 12, 31))


@pytest.mark.parametrize(
    "text", ["2015", "2015-09", "2015-09-01", "2016-02-29", "0001", "9999-12-31"]
)
def test_a_year_a_month_or_a_day_is_a_date(text):
    assert str(PartialDate(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "15", "201", "20150", "2015-9", "2015-13", "2015-00", "2015-02-30", "2015-02-29"),
        *("2015-09-1", "2015-09-", "2015/09", "20150901", "2015-09-01T00:00", " 2015", "2015\n"),
        *("-2015", "0000", "2015-09-00", "hösten 2015", "None"),
    ],
)
def test_anything_else_is_not(text):
    with pytest.raises(ValueError, match=r"Not a partial date|out of range|must be in"):
        PartialDate(text)


@given(DATES, st.sampled_from([4, 7, 10]))
def test_every_day_and_its_month_and_year_can_be_written_and_read(day, precision):
    text = day.isoformat()[:precision]
    date = PartialDate(text)
    assert str(date) == text
    assert date.first_day <= day


@given(DATES, DATES)
def test_days_order_as_dates_do(first, second):
    one, other = PartialDate(str(first)), PartialDate(str(second))
    assert (one < other, one == other, one > other) == (
        first < second,
        first == second,
        first > second,
    )


def test_less_precise_dates_stand_before_what_they_may_hold():
    texts = ["2014-12-31", "2015", "2015-09", "2015-09-01", "2015-10", "2016"]
    assert [str(date) for date in sorted(map(PartialDate, reversed(texts)))] == texts


def test_a_date_is_equal_to_itself_only():
    date = PartialDate("2015")
    assert {date, PartialDate("2015"), PartialDate("2015-01")} == {date, PartialDate("2015-01")}
    assert (date == "2015", date == 2015) == (False, False)


@pytest.mark.parametrize(
    ("text", "spoken"),
    [("2015", "2015"), ("2015-09", "september 2015"), ("2015-09-01", "1 september 2015")],
)
def test_a_date_is_said_in_swedish(text, spoken):
    assert PartialDate(text).spoken == spoken


def test_a_date_is_made_of_what_is_at_hand():
    date = PartialDate("2015-09-01")
    made = [PartialDate.of(value) for value in (date, "2015-09-01", datetime.date(2015, 9, 1))]
    assert made == [date, date, date]
    assert (PartialDate.of(None), PartialDate.of("")) == (None, None)


# --- The form field -----------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["2015-9", "hösten 2015", "2015-02-30", "15"])
def test_the_form_answers_a_mistake_with_an_example(text):
    with pytest.raises(ValidationError) as refused:
        PartialDateFormField().clean(text)
    assert refused.value.messages == [EXAMPLE]


@pytest.mark.parametrize("text", ["1899", "2101-01-01"])
def test_the_form_takes_years_between_1900_and_2100(text):
    with pytest.raises(ValidationError) as refused:
        PartialDateFormField().clean(text)
    assert refused.value.messages == ["Året måste ligga mellan 1900 och 2100."]


def test_the_form_ignores_spaces_around_and_knows_nothing_from_something():
    field = PartialDateFormField(required=False)
    assert (field.clean(" 2015-09 "), field.clean("")) == (PartialDate("2015-09"), None)


@pytest.mark.parametrize(
    ("initial", "typed", "changed"),
    [
        (PartialDate("2015"), "2015", False),
        (PartialDate("2015"), " 2015 ", False),
        (PartialDate("2015"), "2015-01", True),
        (PartialDate("2015"), "", True),
        (None, "", False),
        ("", "2015", True),
    ],
)
def test_the_form_knows_what_was_changed(initial, typed, changed):
    assert PartialDateFormField(required=False).has_changed(initial, typed) is changed


def test_the_model_field_makes_that_form_field_with_its_own_label():
    field = Project._meta.get_field("start_date").formfield()
    assert (type(field), field.label, field.required) == (PartialDateFormField, "Start", False)


# --- The model field ----------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["2015", "2015-09", "2015-09-01"])
def test_a_date_survives_the_database(text):
    project = save_project(start_date=text)
    assert project.start_date == PartialDate(text)
    assert list(Project.objects.filter(start_date=PartialDate(text))) == [project]


@pytest.mark.django_db
def test_no_date_is_an_empty_text_in_the_database_and_none_in_python():
    project = save_project(end_date=None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT end_date FROM inventory_project")
        assert cursor.fetchall() == [("",)]
    assert project.end_date is None


@pytest.mark.django_db
def test_the_database_orders_by_date():
    dates = ["2016", "2014-12-31", "2015", "2015-09-01", "2015-09"]
    for date in dates:
        save_project(start_date=date)
    ordered = Project.objects.order_by("start_date").values_list("start_date", flat=True)
    assert [str(date) for date in ordered] == sorted(dates)


@pytest.mark.django_db
def test_a_text_that_is_no_date_never_reaches_the_database():
    with pytest.raises(ValueError, match="Not a partial date"):
        save_project(start_date="hösten 2015")


@pytest.mark.django_db
def test_a_date_survives_serialisation():
    project = save_project(start_date="2015-09")
    (again,) = deserialize("json", serialize("json", [project]))
    assert again.object.start_date == PartialDate("2015-09")


def test_cleaning_turns_text_into_a_date_and_a_mistake_into_a_message():
    field = PartialDateField("datum")
    assert field.clean("2015-09", None) == PartialDate("2015-09")
    with pytest.raises(ValidationError) as refused:
        field.clean("september", None)
    assert refused.value.messages == [EXAMPLE]


def test_a_date_that_must_be_there_cannot_be_left_out():
    with pytest.raises(ValidationError):
        PartialDateField("datum", blank=False).clean("", None)
