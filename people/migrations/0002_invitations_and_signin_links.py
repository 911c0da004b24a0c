import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254, verbose_name='e-post')),
                ('token_hash', models.CharField(editable=False, max_length=64, unique=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='inbjuden')),
                ('expires_at', models.DateTimeField(editable=False, verbose_name='gäller till')),
                ('used_at', models.DateTimeField(editable=False, null=True, verbose_name='använd')),
                ('invited_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='inbjuden av')),
            ],
            options={
                'verbose_name': 'inbjudan',
                'verbose_name_plural': 'inbjudningar',
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at'))), name='invitation_lasts_a_while')],
            },
        ),
        migrations.CreateModel(
            name='SigninToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='gjord')),
                ('expires_at', models.DateTimeField(verbose_name='gäller till')),
                ('used_at', models.DateTimeField(null=True, verbose_name='använd')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='signin_tokens', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'engångslänk',
                'verbose_name_plural': 'engångslänkar',
                'ordering': ['-pk'],
            },
        ),
    ]
