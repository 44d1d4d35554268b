"""Giving access: choose people, see what will be sent, confirm, watch how it arrives; slips; taking access back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from flask import abort, current_app, flash, jsonify, make_response, redirect, request, url_for
from flask_admin import expose
from flask_admin.actions import action
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from sqlalchemy import or_, select

from admin_views import formats
from admin_views.base import SAID, SchoolPage, acting, acting_person, explanation
from admin_views.forms import phone_text
from app import policy
from app.auth.asked_again import asks_again
from app.credentials import batch as batches
from app.credentials import recipients, slips
from app.credentials.issue import CHANNELS, Preview, issue, prepare, revoke
from app.credentials.standing import Stage, standings
from app.delivery import reasons
from app.extensions import db
from app.models import Credential, User
from app.models.access import DeliveryChannel
from app.people import student_access
from app.policy import Action

MOST = 2500
"""People at once: more cannot be looked through before sending."""

TONES = {
    Stage.ACTIVATED: "success", Stage.OPENED: "success", Stage.DELIVERED: "success",
    Stage.SENT: "", Stage.SENDING: "", Stage.QUEUED: "", Stage.SLIP: "",
    Stage.UNKNOWN: "warning", Stage.FAILED: "danger", Stage.EXPIRED: "warning",
    Stage.NO_CONTACT: "warning", Stage.NOT_SENT: "muted", Stage.CANCELLED: "warning",
    Stage.REVOKED: "muted",
}  # fmt: skip


class GivesAccess:
    """A list from which access is given to the chosen people, or to the people of the chosen rows."""

    endpoint: str

    @action("give_access", _("Give access"))
    def give_access(self, _ids: list[str]) -> Any:
        """On to what will be sent; the form goes along."""
        return redirect(url_for("access.preview", of=self.endpoint), 307)

    def is_action_allowed(self, name: str) -> bool:
        """Whoever may create credentials gives access."""
        if name == "give_access":
            return policy.may(acting(), Credential, Action.CREATE)
        return bool(super().is_action_allowed(name))  # type: ignore[misc]


@dataclass(frozen=True)
class Choice:
    """What stands in the form: people on the page, those with a tick, and the channel forced for all.

    ``batch`` is given to the page once, so that a button pressed twice sends once.
    """

    listed: list[int]
    ticked: set[int]
    channel: DeliveryChannel | None
    batch: str


class AccessView(SchoolPage):
    """From the choice of people to the progress of what was sent to them."""

    of = Credential
    needs = Action.CREATE

    def __init__(self, category: Any = None) -> None:
        super().__init__(name=_("Give access"), category=category, endpoint="access")

    @expose("/")
    def index(self) -> Any:
        """Choose a class, staff, or all parents, and people among them."""
        actor = acting_person()
        groups = recipients.groups(db.session(), actor.today)
        keys = [group.key for group in groups]
        only = [key for key in keys if recipients.class_of(key) is None]
        key = request.args.get("who") or (only[0] if len(only) == 1 else "")
        if key and key not in keys:
            abort(404)
        ids = recipients.people_in(db.session(), key, actor.today) if key else []
        people = standings(db.session(), ids, actor.now, actor.today) if len(ids) <= MOST else []
        class_id = recipients.class_of(key)
        without = [
            student.id
            for student in (student_access.students_of_class(db.session(), class_id, actor.today) if class_id else ())
            if student.user_id is None
        ]
        return self._page(
            "choose", groups=groups, key=key, people=people, number=len(ids), most=MOST, without=without
        )  # fmt: skip

    @expose("/students", methods=("POST",))
    def students(self) -> Any:
        """The chosen students get a person to sign in as; on to what will be sent to them. Nothing is sent yet."""
        ids, session = _numbers(request.form.getlist("rowid")), db.session()
        if not ids or len(ids) > MOST:
            flash(_too_many() if ids else _nobody(), "error")
            return redirect(self.get_url(".index"))
        those = student_access.students(session, ids)
        if len(those) != len(ids):
            abort(403)
        people = [user.id for user in student_access.people_of(session, those)]
        session.commit()
        return self._show(Choice(people, set(people), None, _batch()), is_first=True)

    @expose("/preview", methods=("POST",))
    def preview(self) -> Any:
        """What will be sent to whom; nothing is written."""
        ids = _chosen_people()
        listed = _numbers(request.form.get("listed", "").split(",")) if "listed" in request.form else None
        if not ids and not listed:
            flash(_nobody(), "error")
            return redirect(self.get_url(".index"))
        if len(listed or ids) > MOST:
            flash(_too_many(), "error")
            return redirect(self.get_url(".index"))
        return self._show(Choice(listed or ids, set(ids), _channel("channel"), _batch()), is_first=listed is None)

    @expose("/confirm", methods=("POST",))
    @asks_again(lambda: _are_staff(request.form.getlist("rowid")))
    def confirm(self) -> Any:
        """Give access to those with a tick, in one transaction, and go on to the progress."""
        ids, channel = _numbers(request.form.getlist("rowid")), _channel("channel")
        choice = Choice(_numbers(request.form.get("listed", "").split(",")) or ids, set(ids), channel, _batch())
        if len(ids) > MOST:
            flash(_too_many(), "error")
            return redirect(self.get_url(".index"))
        if not ids:
            flash(_nobody(), "error")
            return self._show(choice) if choice.listed else redirect(self.get_url(".index"))
        if channel is not _channel("shown_channel"):
            flash(gettext("The channel was changed: look at what will be sent, then confirm."), "")
            return self._show(choice)
        users = _receivers(ids)
        if not any(user.is_active for user in users):
            flash(gettext("These people are switched off and cannot sign in. Nothing was sent."), "error")
            return self._show(choice)
        actor = acting_person()
        try:
            batch = issue(
                db.session(), users, db.session.get_one(User, actor.user_id), actor.now, channel, choice.batch
            )
            db.session.commit()
        except SAID as exc:
            _refuse(exc)
            return redirect(self.get_url(".index"))
        return redirect(self.get_url(".batch", batch=batch))

    @expose("/batch/<uuid:batch>")
    def batch(self, batch: UUID) -> Any:
        """How far the people of a batch have come."""
        page, only_trouble = _page_number(), request.args.get("show") == "trouble"
        found = self._look(batch, page, only_trouble=only_trouble)
        owners = [line.user_id for line in found.lines]
        changeable = policy.allowed(db.session(), User, Action.CHANGE, owners)

        def page_url(number: int) -> str:
            show = "trouble" if only_trouble else None
            return str(self.get_url(".batch", batch=batch, page=number or None, show=show))

        def correct_url(user_id: int) -> str:
            return url_for("user.edit_view", id=user_id, url=page_url(page))

        return self._page(
            "batch", batch=str(batch), found=found, page=page, only_trouble=only_trouble, changeable=changeable,
            page_url=page_url, correct_url=correct_url,
        )  # fmt: skip

    @expose("/batch/<uuid:batch>/state")
    def batch_state(self, batch: UUID) -> Any:
        """The same as JSON, for the page to follow without reloading."""
        found = self._look(batch, _page_number())
        return jsonify(
            under_way=found.is_under_way,
            total=found.total,
            settled=found.settled,
            summary=_summary(found),
            slips=_slips_to_print(found.slips),
            counts={stage.value: number for stage, number in found.counts.items()},
            people=[
                {
                    "id": line.delivery_id, "state": line.stage.value, "word": str(line.stage),
                    "tone": TONES[line.stage], "reason": reasons.words(line.error),
                    "needs_help": line.needs_help, "can_print": line.can_print,
                }
                for line in found.lines
            ],
        )  # fmt: skip

    @expose("/slips")
    def slips(self) -> Any:
        """Slips to print, of a batch or of chosen people; printing them notes nothing."""
        actor, people = acting_person(), _numbers(request.args.getlist("person"))
        if people:
            wanted = batches.unused_of([user.id for user in _receivers(people)])
        else:
            try:
                batch = str(UUID(request.args.get("batch", "")))
            except ValueError:
                abort(404)
            self._look(UUID(batch), 0)
            wanted = batches.to_print(batch)
        credentials = db.session.scalars(wanted).all()
        key = str(current_app.config["SECRET_KEY"])
        page = make_response(slips.page(slips.slips_of(db.session(), credentials, key, actor.today, actor.now)))
        page.headers["Cache-Control"] = "no-store"
        return page

    @expose("/revoke", methods=("POST",))
    def revoke(self) -> Any:
        """Whose access will be taken back, and what that means."""
        people = _receivers(_chosen_people())
        if not people:
            flash(_nobody(), "error")
            return redirect(url_for("credential.index_view"))
        names = [(user.id, user.full_name) for user in people]
        return self._page("revoke", people=names, own=acting_person().user_id)

    @expose("/revoke/confirm", methods=("POST",))
    @asks_again(lambda: _are_staff(request.form.getlist("rowid")))
    def confirm_revoke(self) -> Any:
        """Take it back."""
        people = _receivers(_numbers(request.form.getlist("rowid")))
        try:
            revoke(db.session(), people, acting_person().now)
            db.session.commit()
        except SAID as exc:
            _refuse(exc)
        else:
            number = len(people)
            flash(ngettext("Access of %(num)d person is taken back.", "Access of %(num)d people is taken back.",
                           number), "success")  # fmt: skip
        return redirect(url_for("credential.index_view"))

    def _show(self, choice: Choice, *, is_first: bool = False) -> Any:
        """The preview. ``is_first``: the ticks are not the person's own yet, and activated people get none."""
        actor, session = acting_person(), db.session()
        people = standings(session, choice.listed, actor.now, actor.today)
        if len(people) != len(choice.listed):
            abort(403)
        own = [person.user_id for person in people if person.may_receive]
        users = session.scalars(select(User).where(User.id.in_(own))).all()
        whole = prepare(session, users, actor.now, choice.channel)
        session.rollback()  # nothing was written; on SQLite this lets others write while the page is drawn
        standing = {person.user_id: person for person in people}
        place = {number: order for order, number in enumerate(choice.listed)}
        rows = sorted(whole.recipients, key=lambda recipient: place[recipient.user_id])
        ticked = {row.user_id for row in rows if row.user_id in choice.ticked and not (is_first and row.is_activated)}
        sent = Preview([row for row in rows if row.user_id in ticked], whole.inactive)
        left_out = [person for person in people if not person.may_receive]
        return self._page(
            "preview", choice=choice, rows=rows, standing=standing, ticked=ticked, sent=sent, left_out=left_out,
            channels=CHANNELS,
        )  # fmt: skip

    def _look(self, batch: UUID, page: int, *, only_trouble: bool = False) -> batches.Batch:
        found = batches.look(db.session(), str(batch), acting_person().now, page, only_trouble=only_trouble)
        return found if found is not None else abort(404)

    def _page(self, name: str, **words: Any) -> Any:
        return self.render(
            f"admin/access/{name}.html", tones=TONES, moment=formats.moment, address=address_text,
            reason=reasons.words, summary=_summary, slips_to_print=_slips_to_print, Channel=DeliveryChannel,
            Stage=Stage, **words,
        )  # fmt: skip


def address_text(channel: DeliveryChannel, address: str) -> str:
    """An address or a number as people read it."""
    return phone_text(address) if channel is DeliveryChannel.SMS else address


def _summary(found: batches.Batch) -> str:
    """«120 of 1,800 messages are on their way or arrived»."""
    if found.open:
        return gettext("%(settled)s of %(total)s done", settled=found.settled, total=found.total)
    if found.trouble:
        return ngettext(
            "Done. %(num)d person needs your attention.", "Done. %(num)d people need your attention.", found.trouble
        )
    return gettext("Done. Everything is sent.")


def _slips_to_print(number: int) -> str:
    """What stands on the button; empty without any."""
    return ngettext("Print %(num)d slip", "Print %(num)d slips", number) if number else ""


def _page_number() -> int:
    return max(0, min(request.args.get("page", 0, type=int), 10_000))


def _numbers(values: list[str]) -> list[int]:
    """Ids as posted, each once; 400 for what is none."""
    values = [value for value in values if value]
    if not all(re.fullmatch(r"[1-9]\d{0,8}", value, re.ASCII) for value in values):
        abort(400)
    return list(dict.fromkeys(int(value) for value in values))


def _chosen_people() -> list[int]:
    """People chosen here, or meant by the rows chosen in a list; 403 for rows that are not seen."""
    kind = request.args.get("of", "user")
    if kind not in recipients.KINDS:
        abort(404)
    rows = _numbers(request.form.getlist("rowid"))
    if kind == "user":
        return rows
    try:
        return recipients.people_behind(db.session(), kind, rows)
    except policy.PolicyError as exc:
        return _refuse(exc)


def _receivers(ids: list[int]) -> list[User]:
    """The people, to all of whom the person may give access; 403 otherwise."""
    if recipients.receivers(db.session(), ids) != set(ids):
        abort(403)
    return list(db.session.scalars(select(User).where(User.id.in_(ids)).order_by(User.sort_name, User.id)))


def _are_staff(numbers: list[str]) -> bool:
    """Whether somebody of them works here."""
    works = or_(User.is_staff, User.is_deputy_director)
    return db.session.scalars(select(User.id).where(User.id.in_(_numbers(numbers)), works).limit(1)).first() is not None


def _channel(field: str) -> DeliveryChannel | None:
    """The channel forced for all; None: each person's own."""
    word = request.form.get(field, "")
    if not word:
        return None
    return next((channel for channel in CHANNELS if channel.value == word), None) or abort(400)


def _batch() -> str:
    """The id that the page carries, or a new one."""
    try:
        return str(UUID(request.form.get("batch", "")))
    except ValueError:
        return str(uuid4())


def _nobody() -> str:
    """Why there is nobody to go on with: no row was chosen, or there is nobody behind the chosen rows."""
    if request.form.getlist("rowid"):
        return str(gettext("The chosen students have no parents in the journal yet. Add them first."))
    return str(gettext("Choose at least one person."))


def _too_many() -> str:
    return str(gettext("These are more than %(most)s people at once. Choose a class.", most=MOST))


def _refuse(exc: Exception) -> Any:
    """Undo everything; 403 where a right is missing, otherwise say what was wrong."""
    db.session.rollback()
    if isinstance(exc, policy.PolicyError):
        abort(403)
    flash(explanation(exc) or "", "error")
    return None
