"""How files come in: small ones in memory, large ones on disk, too large ones not at all."""

import tempfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from core import uploads
from core.uploads import receiving

MB = 1024**2


def sent(*sizes: int, **typed: str) -> WSGIRequest:
    """A request with files of those sizes, and what was typed below them."""
    parts = {
        f"fil{number}": SimpleUploadedFile(f"{number}.mp3", b"x" * size)
        for number, size in enumerate(sizes)
    }
    return RequestFactory().post("/", parts | typed)


@pytest.fixture
def room_for_a_megabyte(settings):
    settings.UPLOAD_MAX_BYTES = {"document": MB // 2, "image": MB // 2, "audio": MB}


@pytest.mark.parametrize("size", [0, 1, 300_000, 3 * MB])
def test_a_file_comes_in_as_it_was_sent(size):
    request = sent(size, rubrik="Åsö")
    file = request.FILES["fil0"]
    assert (file.name, file.size, file.left_out) == ("0.mp3", size, False)
    assert b"".join(file.chunks()) == b"x" * size
    assert request.POST["rubrik"] == "Åsö"
    request.close()


def test_a_file_that_is_too_large_is_told_with_its_size_and_the_rest_is_kept(room_for_a_megabyte):
    request = sent(3 * MB, 10, rubrik="Åsö")
    large, small = request.FILES["fil0"], request.FILES["fil1"]
    assert (large.size, large.left_out, large.file.read()) == (3 * MB, True, b"")
    assert (small.left_out, small.read()) == (False, b"x" * 10)
    assert request.POST["rubrik"] == "Åsö"
    with pytest.raises(uploads.Refused) as refused:
        uploads.examine(large)
    assert refused.value.sentence == (
        "Filen är 3 MB. En MP3-fil får vara högst 1 MB. Dela upp den eller spara den mindre."
    )
    request.close()


def test_many_files_share_the_room(room_for_a_megabyte):
    request = sent(600_000, 600_000, 400_000)
    assert [file.left_out for file in request.FILES.values()] == [False, True, False]
    with pytest.raises(uploads.Refused) as refused:
        uploads.examine(request.FILES["fil1"])
    assert refused.value.sentence == ("Filerna är för stora tillsammans. Ladda upp dem en i taget.")
    request.close()


def test_210_megabytes_through_the_real_thing_are_read_and_not_kept(tmp_path):
    """A sparse file takes the place of the browser."""
    path = tmp_path / "sent"
    head = b'--b\r\nContent-Disposition: form-data; name="fil"; filename="a.pdf"\r\n\r\n'
    tail = b'\r\n--b\r\nContent-Disposition: form-data; name="rubrik"\r\n\r\nRapport\r\n--b--\r\n'
    with path.open("wb") as file:
        file.write(head)
        file.seek(210 * MB, 1)
        file.write(tail)
    with path.open("rb") as stream:
        request = WSGIRequest(
            {
                "REQUEST_METHOD": "POST",
                "CONTENT_TYPE": "multipart/form-data; boundary=b",
                "CONTENT_LENGTH": str(path.stat().st_size),
                "wsgi.input": stream,
            }
        )
        file = request.FILES["fil"]
        assert (file.size, file.left_out, file.file.read()) == (210 * MB, True, b"")
        assert request.POST["rubrik"] == "Rapport"
        with pytest.raises(uploads.Refused) as refused:
            uploads.examine(file)
        assert refused.value.sentence == (
            "Filen är 210 MB. En PDF får vara högst 50 MB. Dela upp den eller spara den mindre."
        )
        request.close()


def test_what_is_sent_has_no_name_on_the_disk(monkeypatch, tmp_path):
    """Nothing can be left behind, also when the process is killed."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    request = sent(3 * MB)
    assert isinstance(request.FILES["fil0"].fileno(), int)  # on the disk
    assert list(Path(tmp_path).iterdir()) == []
    request.close()


@pytest.mark.django_db
def test_what_is_beyond_measure_is_answered_with_413_before_it_is_read(monkeypatch):
    monkeypatch.setattr(receiving, "MOST_READ", 1000)
    sent = {"fil": SimpleUploadedFile("a.pdf", b"x" * 2000)}
    response = Client().post(reverse("account_login"), sent)
    assert response.status_code == 413
    assert "<h1>Det du skickade är för stort</h1>" in response.content.decode()
