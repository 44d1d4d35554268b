"""Pictures as they are kept: small, upright, and without what a camera wrote into them."""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.news import pictures
from app.news.pictures import NO_PICTURE, TOO_LARGE, PictureError

ORIENTATION, MAKER, GPS = 0x0112, 0x010F, 0x8825


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def reason(content: bytes) -> object:
    with pytest.raises(PictureError) as refused:
        pictures.read(content)
    return refused.value.message


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_a_camera_wrote_is_gone_and_the_picture_stands_upright(kind: str) -> None:
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, "Камера учителя"
    exif.get_ifd(GPS)[1] = "N"
    image = Image.new("RGB", (60, 20), "white")
    image.paste("red", (0, 0, 30, 20))
    kept = pictures.read(
        saved(image, kind, exif=exif, comment=b"at home") if kind == "JPEG" else saved(image, kind, exif=exif)
    )
    with Image.open(BytesIO(kept.content)) as shown:
        assert shown.format == kind
        assert shown.size == (20, 60)
        assert not shown.getexif()
        assert not {"exif", "comment", "icc_profile", "xmp"} & shown.info.keys()
        red, _green, blue = shown.convert("RGB").getpixel((10, 5))  # type: ignore[misc]
    assert red > 200 > blue


@pytest.mark.parametrize(
    ("size", "kept"), [((4000, 1000), (1600, 400)), ((900, 3200), (450, 1600)), ((30, 20), (30, 20))]
)
def test_a_large_picture_is_made_smaller(size: tuple[int, int], kept: tuple[int, int]) -> None:
    for kind in ("JPEG", "PNG"):
        with Image.open(BytesIO(pictures.read(saved(Image.new("RGB", size), kind)).content)) as shown:
            assert shown.size == kept


def test_what_is_transparent_stays_so() -> None:
    with Image.open(BytesIO(pictures.read(saved(Image.new("RGBA", (9, 9), (0, 0, 0, 0)), "PNG")).content)) as shown:
        assert shown.getpixel((4, 4)) == (0, 0, 0, 0)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "CMYK"])
def test_pictures_of_every_kind_of_colour_are_taken(mode: str) -> None:
    pictures.read(saved(Image.new(mode, (20, 20)), "JPEG" if mode == "CMYK" else "PNG"))


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


@pytest.mark.parametrize("side", [8_000, 30_000, 2_000_000_000])
def test_a_small_file_that_is_huge_when_unpacked_is_refused_before_that(side: int) -> None:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    assert reason(bomb) in {TOO_LARGE, NO_PICTURE}


def test_a_text_bomb_in_a_picture_is_refused() -> None:
    whole = saved(Image.new("RGB", (9, 9)), "PNG")
    bomb = whole[:33] + chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(80_000_000))) + whole[33:]
    assert reason(bomb) == NO_PICTURE


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 200), st.sampled_from(["JPEG", "PNG", "WEBP"]))
def test_broken_files_are_pictures_or_refused_and_nothing_else(noise: bytes, place: int, kind: str) -> None:
    whole = saved(Image.new("RGB", (16, 16), "teal"), kind)
    for content in (noise, whole[:place] + noise, whole[:place] + noise + whole[place:]):
        with suppress(PictureError):
            assert pictures.read(content).content
