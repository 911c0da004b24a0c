"""What the database refuses, and what one row can tell about itself."""

import datetime
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from core.fields import PartialDate
from inventory.models import (
    Measure,
    MeasurePoint,
    Partner,
    Project,
    PublicNumber,
    years_active,
)
from library.models import Source
from tests.factories import (
    ended_fields,
    make_measure,
    make_organisation,
    make_partner,
    make_project,
    make_source,
    save_project,
)

REQUIRED = [
    *("plain_summary", "contact_function", "status", "start_date", "need"),
    *("user_involvement", "activities", "evaluation"),
]
REQUIRED_WHEN_ENDED = ["end_date", "continuation", "results", "what_failed", "advice"]


def refused(constraint: str):
    """The database refuses the block because of that constraint."""
    return pytest.raises(IntegrityError, match=constraint)


def test_the_tests_know_what_is_required():
    assert (list(Project.REQUIRED), list(Project.REQUIRED_WHEN_ENDED)) == (
        REQUIRED,
        REQUIRED_WHEN_ENDED,
    )


# --- Constraints, one by one --------------------------------------------------------------------


@pytest.mark.django_db
class TestConstraints:
    def test_a_project_has_a_title(self):
        with refused("project_has_title"):
            save_project(title="")

    @pytest.mark.parametrize("field", REQUIRED)
    def test_a_project_without_a_source_has_every_required_field(self, field):
        with refused("project_is_complete"):
            save_project(**{field: ""})

    @pytest.mark.parametrize("field", REQUIRED)
    def test_a_source_may_lack_a_required_field(self, field):
        save_project(**{field: "", "source": make_source()})
        assert Project.objects.count() == 1

    @pytest.mark.parametrize("status", ["avslutades", "lades-ned"])
    @pytest.mark.parametrize("field", REQUIRED_WHEN_ENDED)
    def test_what_has_ended_tells_what_came_of_it(self, field, status):
        with refused("project_ended_is_complete"):
            save_project(**ended_fields() | {"status": status, field: ""})

    def test_what_has_ended_tells_how_many_it_reached_and_nought_is_a_number(self):
        save_project(**ended_fields() | {"reach_actual": 0})
        with refused("project_ended_is_complete"):
            save_project(**ended_fields() | {"reach_actual": None})

    def test_a_source_may_tell_of_an_end_without_results(self):
        save_project(status=Project.Status.ENDED, source=make_source())
        assert Project.objects.count() == 1

    @pytest.mark.parametrize(
        ("start", "end"),
        [
            ("2014", "2013"),
            ("2014-05", "2014-04"),
            ("2014-05-02", "2014-05-01"),
            ("2014-05", "2013"),
        ],
    )
    def test_a_project_does_not_end_before_it_starts(self, start, end):
        with refused("project_ends_after_start"):
            save_project(start_date=start, end_date=end)

    @pytest.mark.parametrize(
        ("start", "end"),
        [
            *(
                ("2014", "2014"),
                ("2014-05", "2014"),
                ("2014-05-02", "2014-05"),
                ("2014", "2014-05"),
            ),
            *(("2014-05-02", "2014-05-02"), ("2014-05", "2015"), ("2014", "")),
        ],
    )
    def test_a_year_or_month_alone_may_hold_the_other_date(self, start, end):
        save_project(start_date=start, end_date=end)
        assert Project.objects.count() == 1

    def test_a_source_may_tell_of_an_end_without_a_start(self):
        save_project(start_date="", end_date="2015", source=make_source())
        assert Project.objects.count() == 1

    def test_a_withdrawal_has_a_reason(self):
        with refused("project_withdrawn_with_reason"):
            save_project(withdrawn_at=timezone.now())

    def test_a_number_is_given_once(self):
        project = save_project()
        with pytest.raises(IntegrityError):
            save_project(public_id=project.public_id)

    @pytest.mark.parametrize(
        "field", ["reach_planned", "reach_actual", "cost_total", "running_cost"]
    )
    def test_amounts_are_never_negative(self, field):
        with pytest.raises(IntegrityError):
            save_project(**{field: -1})

    def test_somebody_takes_part_once(self):
        project, organisation = save_project(), make_organisation("RSMH")
        make_partner(project, organisation)
        with refused("partner_once" if connection.vendor == "postgresql" else "UNIQUE"):
            make_partner(project, organisation)

    def test_a_date_before_has_a_value(self):
        with refused("measure_baseline_date_has_value"):
            make_measure(save_project(), baseline_date="2013")

    @pytest.mark.parametrize("field", ["baseline_value", "target_value"])
    @pytest.mark.parametrize("value", [-1, 101])
    def test_a_share_is_between_nought_and_a_hundred(self, field, value):
        with refused("measure_percent_in_range"):
            make_measure(save_project(), **{field: value})

    def test_a_count_may_be_any_number(self):
        measure = make_measure(save_project(), unit="personer", baseline_value=500, target_value=-1)
        assert Measure.objects.get() == measure

    def test_a_point_has_a_date(self):
        with refused("point_has_date"):
            make_measure(save_project(), ("", 50, None))

    def test_a_point_has_somebody_who_answered(self):
        with pytest.raises(IntegrityError):
            make_measure(save_project(), ("2015", 50, 0))

    def test_there_is_one_counter_of_numbers(self):
        with refused("public_number_is_one_row"):
            PublicNumber.objects.create(pk=2)

    def test_an_organisation_with_projects_is_not_deleted(self):
        project = save_project()
        with pytest.raises(IntegrityError):
            project.lead.delete()


# --- Numbers ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_number_is_never_used_again():
    numbers = [save_project().public_id for _ in range(2)]
    Project.objects.all().delete()
    numbers.append(save_project().public_id)
    assert numbers == [1, 2, 3]


@pytest.mark.django_db
def test_a_number_that_a_source_gave_is_passed():
    PublicNumber.passed(40)
    PublicNumber.passed(7)
    assert PublicNumber.take() == 41


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_at_once_get_different_numbers():
    PublicNumber.passed(0)

    def take(_: int) -> int:
        try:
            with transaction.atomic():
                return PublicNumber.take()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(take, range(12)))

    assert sorted(taken) == list(range(1, 13))


# --- Who may see what ---------------------------------------------------------------------------


@pytest.mark.django_db
def test_published_is_what_is_neither_withdrawn_nor_still_to_come():
    today = timezone.localdate()
    made = {
        "öppet": save_project(),
        "i dag": save_project(embargo_until=today),
        "i morgon": save_project(embargo_until=today + datetime.timedelta(days=1)),
        "avpublicerat": save_project(withdrawn_at=timezone.now(), withdrawn_reason="Dubblett."),
        "personal": save_project(visibility="personal"),
    }
    published = Project.objects.published()
    seen = Project.objects.visible_to(frozenset({"alla"}))
    assert {name for name, row in made.items() if row in published} == {
        "öppet",
        "i dag",
        "personal",
    }
    assert {name for name, row in made.items() if row in seen} == {"öppet", "i dag"}


# --- Dates --------------------------------------------------------------------------------------


def project(**fields) -> Project:
    """A project that is in no database."""
    dates = {name: PartialDate.of(fields.pop(name, "")) for name in ("start_date", "end_date")}
    moment = datetime.datetime(2024, 3, 1, tzinfo=datetime.UTC)
    return Project(**{"title": "Stöd", "published_at": moment} | dates | fields)


@pytest.mark.parametrize(
    ("start", "end", "period"),
    [
        ("2014", "2015", "2014–2015"),
        ("2014-09", "2015-06-30", "september 2014–30 juni 2015"),
        ("2014", "2014", "2014"),
        ("2014-09", "", "från september 2014"),
        ("", "2015", "till 2015"),
        ("", "", ""),
    ],
)
def test_a_period_is_told_as_one_says_it(start, end, period):
    assert project(start_date=start, end_date=end).period == period


@pytest.mark.parametrize(
    ("fields", "years", "runs_on"),
    [
        # Goes on: until this year.
        ({"status": "pagar", "start_date": "2024"}, [2024, 2025, 2026], True),
        ({"status": "ordinarie", "start_date": "2025-06"}, [2025, 2026], True),
        # Has an end, whatever its status.
        (
            {"status": "avslutades", "start_date": "2013-05", "end_date": "2015"},
            [2013, 2014, 2015],
            False,
        ),
        ({"status": "pagar", "start_date": "2025", "end_date": "2027"}, [2025, 2026, 2027], False),
        # Over, but when is not told.
        ({"status": "avslutades", "start_date": "2014", "source": True}, [2014], False),
        ({"status": "avslutades", "source": True}, [2016], False),
        # Without a start: the last year that is known.
        ({"status": "lades-ned", "end_date": "2015", "source": True}, [2015], False),
        # A source told of it: up to the source's year.
        ({"status": "pagar", "start_date": "2014", "source": True}, [2014, 2015, 2016], False),
        ({"status": "pagar", "source": True}, [2016], False),
        ({"source": True}, [2016], False),
        # Somebody has confirmed it since: it goes on.
        (
            {"status": "pagar", "start_date": "2024", "source": True, "confirmed": 2025},
            [2024, 2025, 2026],
            True,
        ),
        ({"status": "avslutades", "source": True, "confirmed": 2025}, [2025], False),
        # Planned: has not run yet, and does not run on.
        ({"status": "planeras", "start_date": "2028"}, [2026], False),
        ({"status": "planeras", "start_date": "2028", "end_date": "2029"}, [2028, 2029], False),
        # Told of by a source before it began.
        ({"status": "planeras", "start_date": "2018", "source": True}, [2016], False),
    ],
)
def test_years_are_those_in_which_it_is_known_to_have_run(fields, years, runs_on):
    fields = dict(fields)
    if fields.pop("source", None):
        fields["source"] = Source(title="Tjänsteutlåtande", year=2016)
    if year := fields.pop("confirmed", None):
        fields["last_confirmed_at"] = datetime.date(year, 1, 15)
    assert years_active(project(**fields), 2026) == (years, runs_on)


@pytest.mark.parametrize(
    ("fields", "year"),
    [({}, 2024), ({"last_confirmed_at": datetime.date(2025, 1, 1)}, 2025)],
)
def test_an_entry_is_as_old_as_the_last_word_about_it(fields, year):
    assert project(**fields).last_known == year


# --- Measures -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_measures_points_stand_in_the_order_of_their_dates():
    measure = make_measure(
        save_project(), ("2016", 3, None), ("2015-09", 2, None), ("2015", 1, None)
    )
    assert [point.value for point in measure.points.all()] == [1, 2, 3]
    assert measure.latest.value == 3


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("baseline", "target", "value", "change", "reached"),
    [
        (40, 60, 62, 22, True),
        (40, 60, 50, 10, False),
        (40, 60, 60, 20, True),
        (20, 10, 12, -8, False),
        (20, 10, 10, -10, True),
        (None, 60, 62, None, True),
        (40, None, 40, 0, None),
    ],
)
def test_a_measure_knows_its_change_and_whether_it_reached_its_goal(
    baseline, target, value, change, reached
):
    measure = make_measure(
        save_project(), ("2015", value, None), baseline_value=baseline, target_value=target
    )
    assert (measure.change, measure.target_reached) == (change, reached)


@pytest.mark.django_db
def test_a_measure_without_points_has_nothing_to_compare():
    measure = make_measure(save_project(), baseline_value=40, target_value=60)
    assert (measure.latest, measure.change, measure.target_reached) == (None, None, None)


@pytest.mark.django_db
def test_bars_are_drawn_to_one_scale_and_stay_in_the_drawing():
    counts = make_measure(
        save_project(), ("2015", 30, None), ("2016", -5, None), unit="personer", baseline_value=40
    )
    assert [bar.width for bar in counts.bars] == ["100%", "75%", "0%"]
    share = make_measure(save_project(), ("2015", 120, None), target_value=50)
    assert ([bar.width for bar in share.bars], share.target_place) == (["100%"], "50%")


@pytest.mark.django_db
def test_deleting_a_project_takes_what_is_its_own_with_it():
    made = make_project()
    make_measure(made, ("2015", 1, None))
    make_partner(made, make_organisation("RSMH"))
    made.delete()
    left = [model.objects.count() for model in (Measure, MeasurePoint, Partner)]
    assert left == [0, 0, 0]
