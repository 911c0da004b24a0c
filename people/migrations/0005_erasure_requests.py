
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0004_session_with_account'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='erasure_warned_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='varnad om radering'),
        ),
        migrations.CreateModel(
            name='ErasureRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('vantar', 'Väntar på beslut'), ('avslagen', 'Avslagen')], default='vantar', max_length=10, verbose_name='läge')),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='begärd')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='beslutad')),
                ('reason', models.TextField(blank=True, verbose_name='skäl')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='beslutad av')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='erasure_requests', to=settings.AUTH_USER_MODEL, verbose_name='konto')),
            ],
            options={
                'verbose_name': 'begäran om radering',
                'verbose_name_plural': 'begäranden om radering',
                'ordering': ['asked_at', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'vantar')), fields=('user',), name='erasure_request_once'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'avslagen'), _negated=True), models.Q(('decided_at__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='erasure_declined_with_reason')],
            },
        ),
    ]
