"""How forms are written: each field by one template."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """`{{ field.as_field_group }}` is templates/_parts/field.html."""

    field_template_name = "_parts/field.html"
