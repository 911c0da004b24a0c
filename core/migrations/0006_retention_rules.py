
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0005_mail_reply_to'),
    ]

    operations = [
        migrations.CreateModel(
            name='RetentionRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(editable=False, max_length=40, unique=True, verbose_name='nyckel')),
                ('label', models.CharField(editable=False, max_length=120, verbose_name='uppgifter')),
                ('days', models.PositiveIntegerField(verbose_name='gallras efter (dagar)')),
                ('decision', models.CharField(blank=True, help_text='Beslutets namn, datum och diarienummer. Står på sidan om personuppgifter.', max_length=200, verbose_name='gallringsbeslut')),
            ],
            options={
                'verbose_name': 'gallringsfrist',
                'verbose_name_plural': 'gallringsfrister',
                'ordering': ['label'],
            },
        ),
    ]
