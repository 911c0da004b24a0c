"""Writing to the function that knows a project: a page of its own, and one that says thank you."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from core.errors import NotHere, wrong_method
from core.keeping import do_not_keep
from core.reading import reading
from core.visitors import Limit, address
from inventory import actions
from inventory.emails import relay_of
from inventory.forms import ContactForm
from inventory.models import Message, Project
from inventory.views import visible_project
from people.models import User

FORM = ("GET", "HEAD", "POST")
# Many may sit behind one address, such as all of a library; nobody writes to thirty functions.
sender_limit = Limit("meddelande-adress", times=5, seconds=600)
project_limit = Limit("meddelande-projekt", times=30, seconds=3600)


@never_cache
def contact(request: HttpRequest, public_id: int, slug: str) -> HttpResponse:
    """The form, for whoever may see the project. What was typed stays, whatever goes wrong."""
    if request.method not in FORM:
        return wrong_method(request, ", ".join(FORM))
    project = visible_project(request, public_id)
    if request.method != "POST":
        if slug != project.slug:
            return redirect("inventory:contact", public_id, project.slug, permanent=True)
        return form_page(request, project, ContactForm(initial=known_of(request)))
    form = ContactForm(request.POST)
    if not form.is_valid():
        return form_page(request, project, form, status=422)
    key = form.key(public_id)
    if not Message.objects.filter(key=key).exists():
        if seconds := wait(request, project):
            return too_many_messages(request, project, form, seconds)
        actions.receive_message(
            project=project,
            **{name: form.cleaned_data[name] for name in ("text", "email", "name")},
            key=key,
        )
    thanks = reverse("inventory:contact-thanks", args=[public_id, project.slug])
    return redirect(f"{thanks}?kvitto={key}")


def known_of(request: HttpRequest) -> dict[str, str]:
    """Address and name of those who are signed in."""
    if not isinstance(request.user, User):
        return {}
    return {"email": request.user.email, "name": request.user.name}


def wait(request: HttpRequest, project: Project) -> int:
    """Count one message; the seconds to wait when there have been too many, otherwise 0."""
    return sender_limit.wait(address(request)) or project_limit.wait(str(project.pk))


def too_many_messages(
    request: HttpRequest, project: Project, form: ContactForm, seconds: int
) -> HttpResponse:
    """429: nothing has been sent, and nothing is lost."""
    minutes = -(-seconds // 60)
    form.add_error(
        None,
        "Meddelandet är inte skickat. Det har kommit många härifrån eller till samma funktion på"
        f" kort tid. Vänta {minutes} {'minut' if minutes == 1 else 'minuter'} och tryck på Skicka"
        " igen. Det du skrev står kvar.",
    )
    response = form_page(request, project, form, status=429)
    response["Retry-After"] = str(seconds)
    return response


def form_page(
    request: HttpRequest, project: Project, form: ContactForm, status: int = 200
) -> HttpResponse:
    """The page with its form; it names the function that gets the message, never the mailbox."""
    context = {"project": project, "function": relay_of(project).function, "form": form}
    return render(request, "inventory/contact.html", context, status=status)


@reading
def contact_thanks(request: HttpRequest, public_id: int, slug: str) -> HttpResponse:
    """What happens next, for who has sent a message: without its number nobody is thanked."""
    project = visible_project(request, public_id)
    message = Message.objects.filter(project=project, key=request.GET.get("kvitto", "")).first()
    if message is None:
        form_address = reverse("inventory:contact", args=[public_id, project.slug])
        raise NotHere("Här finns inget skickat meddelande.", (form_address, "Skriv ett meddelande"))
    context = {"project": project, "message": message}
    return do_not_keep(render(request, "inventory/contact_thanks.html", context))
