"""What must hold for each parser, whatever bytes come: it takes them or says why not, and what it takes is harmless."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from email.utils import parseaddr
from html import unescape
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

import nh3
from icalendar import Calendar

from app import attachments, contacts
from app.auth import names
from app.auth.next_page import local_path
from app.delivery import vapid
from app.diary import calendar_feed
from app.imports import values
from app.imports.files import ReadingError
from app.imports.plans import read_plan
from app.imports.reading import read as read_list
from app.imports.rows import RowReader
from app.journal.agenda.lessons import LessonLine
from app.journal.child.days import ChildLesson
from app.journal.grid import incoming, works
from app.messages.quiet import quiet_until
from app.news import pictures, text
from app.notifications import devices
from app.notifications.rules import UsualHours
from app.people.refusal import Refusal

Target = Callable[[bytes], None]
TODAY = date(2026, 10, 12)
ZONES = tuple(ZoneInfo(name) for name in ("Europe/Moscow", "Asia/Kamchatka", "Europe/Kaliningrad", "Europe/Berlin"))
E164 = re.compile(r"\+[1-9]\d{3,16}", re.ASCII)
LIMIT = 1 << 20


def phone(data: bytes) -> None:
    """A number is E.164, and stays the same when it is read again; so in forms, in lists, at the sign-in."""
    typed = _text(data)
    number = contacts.phone_number(typed)
    if number is not None:
        assert E164.fullmatch(number)
        assert contacts.phone_number(contacts.shown_phone(number)) == number
        contacts.is_mobile(number)
    assert names.normal(names.normal(typed)) == names.normal(typed)
    listed = _value(values.phone, typed)
    assert listed is None or contacts.phone_number(listed) == listed


def email(data: bytes) -> None:
    """An address is one address, in small letters, and stays the same when it is read again."""
    typed = _text(data)
    for address in (contacts.email_address(typed), _value(values.email, typed)):
        if address is not None:
            assert contacts.email_address(address) == address
            assert not re.search(r"[\r\n\0]", address)
            assert parseaddr(address)[1] == address


def cells(data: bytes) -> None:
    """Names, classes and dates of a list, and a list's whole row."""
    typed = _text(data)
    for read in (values.name_part, values.full_name, values.class_name):
        found = _value(read, typed)
        if found is not None and read is not values.full_name:
            assert _value(read, str(found)) == found
    day = _value(lambda cell: values.birth_date(cell, TODAY), typed)
    assert day is None or 2001 <= day.year <= 2022


def csv_list(data: bytes) -> None:
    """A class list: read, or refused with a reason; every row can be told what is wrong with it."""
    _list(data)


def xlsx_list(data: bytes) -> None:
    """The same as a spreadsheet whose sheet is what comes."""
    _list(_workbook(data))
    _plan(_workbook(data))


def plan(data: bytes) -> None:
    """A lesson plan."""
    _plan(data)


def edits(data: bytes) -> None:
    """What a browser sends to the journal means something, or is refused."""
    sent = _json(data)
    for raw in sent if isinstance(sent, list) else [sent]:
        key = incoming.key_of(raw)
        assert len(key) <= incoming.LONGEST_KEY
        try:
            edit = incoming.read(raw)
        except Refusal as refusal:
            assert str(refusal)
        else:
            assert edit.key == key
            assert hash(edit.cell) is not None
        try:
            described = works.described(raw)
        except Refusal:
            continue
        json.dumps([described.title, described.weight]).encode()


def push(data: bytes) -> None:
    """What a browser subscribes with is on the list of push services, or is refused."""
    try:
        browser = devices.read(_json(data), "push.example fcm.googleapis.com")
    except Refusal:
        browser = None
    typed = browser["endpoint"] if browser else _text(data)
    if vapid.is_allowed(typed, "push.example"):
        assert re.fullmatch(r"([^/]+\.)?push\.example", (urlsplit(typed).hostname or ""))


def markdown(data: bytes) -> None:
    """News is what a sanitizer leaves as it is, and leads nowhere but to the web, mail and telephone."""
    html = str(text.render(_text(data)[:2000]))
    assert nh3.clean(html, tags=text.TAGS, attributes=text.ATTRIBUTES, url_schemes=text.SCHEMES,
                     link_rel="noopener nofollow") == html  # fmt: skip
    assert not re.search(
        r"<(script|img|iframe|svg|style)|\son\w+\s*=[^>]*>", re.sub(r'"[^"]*"', '""', html), re.IGNORECASE
    )
    as_browsers_read = re.sub(r"[\t\r\n]", "", unescape(html))
    assert not re.search(r'href="[\0- ]*(javascript|data|vbscript):', as_browsers_read, re.IGNORECASE)
    text.excerpt(_text(data)[:2000])


def attachment(data: bytes) -> None:
    """A file is kept under an end that its content has earned and a name that a disk takes; or it is refused."""
    name, _, content = data.partition(b"\n")
    try:
        upload = attachments.read(_text(name), content, LIMIT)
    except attachments.FileError as error:
        assert str(error.message)
        return
    assert (
        upload.name.endswith(upload.suffix)
        or upload.suffix in (".jpg", ".txt")
        or upload.name.lower().endswith(upload.suffix)
    )
    assert 0 < len(upload.name) <= attachments.NAME
    assert not set('/\\<>:"|?*\0\r\n') & set(upload.name)
    assert not upload.content.lstrip()[:9].lower().startswith((b"<html", b"<script", b"<svg", b"<!doctype"))
    assert attachments.media_type("x" + upload.suffix)


def picture(data: bytes) -> None:
    """A picture is made anew, or refused; made anew it is taken again."""
    try:
        taken = pictures.read(data, 64)
    except pictures.PictureError:
        return
    assert pictures.read(taken.content, 64).suffix == taken.suffix


def address(data: bytes) -> None:
    """Where one may be led after signing in is on this site, whatever a browser makes of it."""
    path = local_path(_text(data))
    if path is not None:
        as_browsers_read = re.sub(r"[\t\r\n]", "", path).replace("\\", "/")
        assert urlsplit(urljoin("https://school.example/login", as_browsers_read)).netloc == "school.example"


def calendar(data: bytes) -> None:
    """What teachers write stands in a family's calendar word for word, and adds nothing to it; quiet hours end."""
    typed = _text(data)[:300].replace("\0", "")
    zone = ZONES[len(data) % len(ZONES)]
    day = date.fromordinal(date(2020, 1, 1).toordinal() + int.from_bytes(data[:2]) % 5000)
    line = LessonLine(**(_LINE | {"date": day, "topic": typed, "room": typed[:20]}))
    made = calendar_feed.calendar(typed, [ChildLesson(line, (), (), None)], 1, zone, "school.example")
    events = Calendar.from_ical(made).walk("VEVENT")
    assert len(events) == 1
    assert set(map(str.upper, events[0])) <= _MEMBERS
    hours = UsualHours(time(data[0] % 24 if data else 0), time(data[-1] % 24 if data else 0), bool(len(data) % 2))
    moment = datetime.combine(day, time(int.from_bytes(data[2:4]) % 24, 30), zone)
    until = quiet_until(hours, moment, zone)
    assert until is None or (until > moment and quiet_until(hours, until, zone) is None)


TARGETS: dict[str, Target] = {
    target.__name__: target
    for target in (
        phone, email, cells, csv_list, xlsx_list, plan, edits, push, markdown, attachment, picture, address, calendar,
    )
}  # fmt: skip

_LINE: dict[str, Any] = {
    "id": 1, "assignment_id": 1, "number": 1, "starts_at": time(9), "ends_at": time(9, 45), "subject_id": 1,
    "subject": "Алгебра", "class_id": 1, "group": "5А", "homework": "", "wants_homework": True, "is_cancelled": False,
    "version": 1, "cancel_reason": "", "moved_to": None, "teacher": "Орлова В. И.", "substitute": "",
}  # fmt: skip
_MEMBERS = {
    "UID", "DTSTAMP", "LAST-MODIFIED", "SUMMARY", "STATUS", "DTSTART", "DTEND", "LOCATION", "DESCRIPTION", "TRANSP",
}  # fmt: skip


def _text(data: bytes) -> str:
    """As a form brings it."""
    return data.decode("utf-8", "replace")


def _json(data: bytes) -> Any:
    """As Flask reads it, half characters included; the text itself where it is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return _text(data)


def _value(read: Callable[[Any], Any], typed: str) -> Any:
    try:
        return read(typed)
    except values.ValueProblem as problem:
        assert str(problem.reason)
        return None


def _list(content: bytes) -> None:
    try:
        table = read_list(content, "list")
    except ReadingError as error:
        assert str(error)
        return
    reader = RowReader(table, TODAY)
    for row in table.rows[:20]:
        reader.read(row)


def _plan(content: bytes) -> None:
    try:
        found = read_plan(content)
    except ReadingError as error:
        assert str(error)
        return
    assert all(isinstance(topic, str) for topic, _homework in found.topics)


def _workbook(sheet: bytes) -> bytes:
    """A spreadsheet with ``sheet`` as the XML of its only sheet; where that is a zip by itself, that."""
    if sheet.startswith(b"PK"):
        return sheet
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        for name, part in _PARTS.items():
            package.writestr(name, part)
        package.writestr("xl/worksheets/sheet1.xml", _SHEET % sheet)
    return made.getvalue()


_SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_TYPES}"><Override PartName="/xl/workbook.xml" '
    f'ContentType="{_KIND}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" '
    f'ContentType="{_KIND}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" Type="{_OFFICE}/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" '
    f'Type="{_OFFICE}/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    f'xmlns:r="{_OFFICE}"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>',
}
