import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("library", "0003_reading_lists"),
        ("people", "0008_mergers"),
        ("people", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Gap",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "received_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="mottagen"
                    ),
                ),
                ("key", models.CharField(editable=False, max_length=64, unique=True)),
                (
                    "decided_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="beslutad"
                    ),
                ),
                (
                    "decided_reason",
                    models.TextField(blank=True, editable=False, verbose_name="skäl"),
                ),
                (
                    "erased_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="gallrad"
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=200, verbose_name="frågan")),
                (
                    "text",
                    models.TextField(
                        blank=True, verbose_name="vad vi inte vet, och varför det spelar roll"
                    ),
                ),
                (
                    "received",
                    models.TextField(
                        blank=True, editable=False, verbose_name="som det lämnades in"
                    ),
                ),
                (
                    "source_section",
                    models.CharField(blank=True, max_length=200, verbose_name="avsnitt i källan"),
                ),
                ("loaded_as", models.SlugField(blank=True, editable=False, max_length=80)),
                (
                    "generated",
                    models.BooleanField(
                        default=False, editable=False, verbose_name="påhittat exempel"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("foreslagen", "Föreslagen"),
                            ("oppen", "Obesvarad"),
                            ("besvarad", "Besvarad"),
                            ("avbojd", "Avböjd"),
                            ("sammanford", "Sammanförd med en annan"),
                        ],
                        default="oppen",
                        editable=False,
                        max_length=12,
                        verbose_name="läge",
                    ),
                ),
                (
                    "answer_text",
                    models.TextField(blank=True, editable=False, verbose_name="vad svaret är"),
                ),
                (
                    "answer_url",
                    models.URLField(
                        blank=True, max_length=500, verbose_name="svaret någon annanstans"
                    ),
                ),
                (
                    "answered_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="besvarad"
                    ),
                ),
                (
                    "answer_item",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answered_gaps",
                        to="library.item",
                        verbose_name="svaret i biblioteket",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="beslutad av",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="library.gap",
                        verbose_name="sammanförd med",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gaps",
                        to="library.source",
                        verbose_name="källa",
                    ),
                ),
                (
                    "themes",
                    models.ManyToManyField(
                        blank=True, related_name="gaps", to="library.theme", verbose_name="tema"
                    ),
                ),
            ],
            options={
                "verbose_name": "kunskapslucka",
                "verbose_name_plural": "kunskapsluckor",
                "ordering": ["-received_at", "-pk"],
                "indexes": [models.Index(fields=["state", "received_at"], name="gap_waiting")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("loaded_as", ""), _negated=True),
                        fields=("loaded_as",),
                        name="gap_loaded_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("title", ""), _negated=True),
                            models.Q(("erased_at__isnull", False), ("state", "avbojd")),
                            _connector="OR",
                        ),
                        name="gap_has_title",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "avbojd"), _negated=True),
                            ("decided_at__isnull", False),
                            _connector="OR",
                        ),
                        name="gap_declined_some_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answered_at__isnull", False),
                                ("state", "besvarad"),
                                models.Q(
                                    models.Q(("answer_url", ""), _negated=True),
                                    ("answer_item__isnull", False),
                                    _connector="OR",
                                ),
                            ),
                            models.Q(("state", "besvarad"), _negated=True),
                            _connector="OR",
                        ),
                        name="gap_answered_by_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("merged_into__isnull", False), ("state", "sammanford")),
                            models.Q(
                                models.Q(("state", "sammanford"), _negated=True),
                                ("merged_into", None),
                            ),
                            _connector="OR",
                        ),
                        name="gap_merged_into_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("erased_at", None),
                            models.Q(("decided_reason", ""), ("received", "")),
                            _connector="OR",
                        ),
                        name="gap_erased_wholly",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GapSupport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("visitor", models.CharField(blank=True, max_length=64)),
                (
                    "supported_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="stödde"),
                ),
                (
                    "gap",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="supports",
                        to="library.gap",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="konto",
                    ),
                ),
            ],
            options={
                "verbose_name": "stöd för en kunskapslucka",
                "verbose_name_plural": "stöd för kunskapsluckor",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("gap", "user"), name="gap_supported_once_by_account"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("visitor", ""), _negated=True),
                        fields=("gap", "visitor"),
                        name="gap_supported_once_by_visitor",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StoryOffer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "received_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="mottagen"
                    ),
                ),
                ("key", models.CharField(editable=False, max_length=64, unique=True)),
                (
                    "decided_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="beslutad"
                    ),
                ),
                (
                    "decided_reason",
                    models.TextField(blank=True, editable=False, verbose_name="skäl"),
                ),
                (
                    "erased_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="gallrad"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("gott-exempel", "Gott exempel"), ("erfarenhet", "Erfarenhet")],
                        max_length=20,
                        verbose_name="vad det är",
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=150, verbose_name="rubrik")),
                ("text", models.TextField(blank=True, verbose_name="berättelsen")),
                ("learning", models.TextField(blank=True, verbose_name="vad andra kan lära")),
                (
                    "signature",
                    models.CharField(blank=True, max_length=80, verbose_name="undertecknad"),
                ),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-post")),
                (
                    "consented_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="godkände publicering"
                    ),
                ),
                ("token_hash", models.CharField(editable=False, max_length=64, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("vantar", "Väntar"),
                            ("godtagen", "Godtagen"),
                            ("avbojd", "Avböjd"),
                            ("atertagen", "Återtagen"),
                        ],
                        default="vantar",
                        max_length=10,
                        verbose_name="läge",
                    ),
                ),
                (
                    "published_told_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="publicering meddelad"
                    ),
                ),
                (
                    "taken_back_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="återtagen"),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="beslutad av",
                    ),
                ),
                (
                    "draft",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="offer",
                        to="library.draft",
                        verbose_name="utkast",
                    ),
                ),
                (
                    "theme",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="library.theme",
                        verbose_name="tema",
                    ),
                ),
            ],
            options={
                "verbose_name": "erbjuden berättelse",
                "verbose_name_plural": "erbjudna berättelser",
                "ordering": ["-received_at", "-pk"],
                "indexes": [models.Index(fields=["state", "received_at"], name="story_waiting")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at", None), ("state", "vantar"), ("taken_back_at", None)
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("state__in", ["godtagen", "avbojd"]),
                                ("taken_back_at", None),
                            ),
                            models.Q(
                                ("email", ""),
                                ("state", "atertagen"),
                                ("taken_back_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="story_decided_some_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("erased_at", None), models.Q(("text", ""), _negated=True)),
                            models.Q(
                                ("decided_reason", ""),
                                ("erased_at__isnull", False),
                                ("learning", ""),
                                ("signature", ""),
                                ("text", ""),
                                ("title", ""),
                            ),
                            _connector="OR",
                        ),
                        name="story_whole_or_erased_wholly",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StoryQuestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(blank=True, verbose_name="fråga")),
                (
                    "asked_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="ställd"),
                ),
                ("answer", models.TextField(blank=True, verbose_name="svar")),
                (
                    "answered_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="besvarad"),
                ),
                ("key", models.CharField(editable=False, max_length=64, unique=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ställd av",
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="library.storyoffer",
                    ),
                ),
            ],
            options={
                "verbose_name": "fråga om en berättelse",
                "verbose_name_plural": "frågor om berättelser",
                "ordering": ["asked_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Voice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "received_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="mottagen"
                    ),
                ),
                ("key", models.CharField(editable=False, max_length=64, unique=True)),
                (
                    "decided_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="beslutad"
                    ),
                ),
                (
                    "decided_reason",
                    models.TextField(blank=True, editable=False, verbose_name="skäl"),
                ),
                (
                    "erased_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="gallrad"
                    ),
                ),
                (
                    "answer",
                    models.CharField(
                        choices=[
                            ("stammer", "Stämmer"),
                            ("delvis", "Stämmer delvis"),
                            ("inte", "Stämmer inte"),
                        ],
                        max_length=10,
                        verbose_name="svar",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("arbetar", "Arbetar med det här"),
                            ("leder", "Leder arbetet"),
                            ("erfarenhet", "Har egen erfarenhet"),
                            ("narstaende", "Är närstående"),
                        ],
                        max_length=12,
                        verbose_name="roll",
                    ),
                ),
                ("text", models.TextField(blank=True, verbose_name="några ord")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("vantar", "Väntar"),
                            ("godtagen", "Godtagen"),
                            ("avbojd", "Avböjd"),
                        ],
                        default="vantar",
                        max_length=10,
                        verbose_name="läge",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="beslutad av",
                    ),
                ),
                (
                    "district",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.organisation",
                        verbose_name="stadsdelsområde",
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="voices",
                        to="library.instrument",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="voices",
                        to="library.item",
                    ),
                ),
                (
                    "method",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="voices",
                        to="library.method",
                    ),
                ),
            ],
            options={
                "verbose_name": "röst",
                "verbose_name_plural": "röster",
                "ordering": ["-received_at", "-pk"],
                "indexes": [models.Index(fields=["state", "received_at"], name="voice_waiting")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("instrument", None), ("item__isnull", False), ("method", None)
                            ),
                            models.Q(
                                ("instrument", None), ("item", None), ("method__isnull", False)
                            ),
                            models.Q(
                                ("instrument__isnull", False), ("item", None), ("method", None)
                            ),
                            _connector="OR",
                        ),
                        name="voice_about_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("state", "vantar")),
                            models.Q(
                                ("decided_at__isnull", False), ("state__in", ["godtagen", "avbojd"])
                            ),
                            _connector="OR",
                        ),
                        name="voice_decided_some_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("erased_at", None),
                            models.Q(("decided_reason", ""), ("text", "")),
                            _connector="OR",
                        ),
                        name="voice_erased_wholly",
                    ),
                ],
            },
        ),
    ]
