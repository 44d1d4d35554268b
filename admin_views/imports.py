"""The class list from a spreadsheet: upload, look at what would happen, confirm, correct what was left out."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import PurePath
from typing import Any

from flask import Response, abort, flash, redirect, request, session
from flask_admin import expose
from flask_admin.form import BaseForm
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import FileField

from admin_views.base import SAID, SchoolPage, acting_person, explanation
from app import spreadsheet
from app.extensions import db
from app.imports import ApplyingError, ReadingError, corrections, plan, read, uploads
from app.imports.files import MAX_BYTES
from app.models import StudentImport
from app.policy import Action

FILE_NAME = 200
COUNTS = "class list"  # in the signed session: what the last import of this browser wrote


class UploadForm(BaseForm):
    """One file."""

    file = FileField(_("Class list (xlsx or csv)"))


class ImportView(SchoolPage):
    """The class list from a spreadsheet."""

    of = StudentImport
    needs = Action.CREATE
    in_menu = Action.CREATE

    def __init__(self, category: Any = None) -> None:
        super().__init__(_("Class list import"), category, endpoint="imports", url="/admin/imports/students")

    @expose("/", methods=("GET", "POST"))
    def index(self) -> Any:
        """Take a file, keep it and show what it would change."""
        form = UploadForm(request.files if request.method == "POST" else None)
        if request.method == "POST":
            upload = self._keep(form)
            if upload is not None:
                return redirect(self.get_url(".preview", number=upload.id))
        return self.render("admin/imports/upload.html", form=form, max_mb=MAX_BYTES >> 20)

    def _keep(self, form: UploadForm) -> StudentImport | None:
        """The upload; None with a message at the field when the file is no class list."""
        file = form.file.data
        if not file or not file.filename:
            form.file.errors = [gettext("Choose a file.")]
            return None
        name = _file_name(file.filename)
        content = file.stream.read(MAX_BYTES + 1)
        try:
            read(content, name)
        except ReadingError as problem:
            form.file.errors = [str(problem)]
            return None
        upload = uploads.keep(db.session(), acting_person(), name, content)
        db.session.commit()
        return upload

    def _find(self, number: int, *, to_apply: bool = False) -> StudentImport:
        upload = uploads.find(db.session(), acting_person(), number, to_apply=to_apply)
        return upload if upload is not None else abort(404)

    @expose("/<int:number>/")
    def preview(self, number: int) -> Any:
        """What the list would change, as the journal stands now; nothing is written."""
        upload = self._find(number)
        if upload.applied_at is not None:
            return redirect(self.get_url(".result", number=number))
        if upload.content is None:
            flash(
                gettext("This upload was not confirmed within a day and is forgotten. Upload the file again."), "error"
            )
            return redirect(self.get_url(".index"))
        table = read(upload.content, upload.file_name)
        outcome = plan(db.session(), table, acting_person().today)
        return self.render("admin/imports/preview.html", upload=upload, plan=outcome, fixes=any(outcome.to_correct()))

    @expose("/<int:number>/confirm/", methods=("POST",))
    def confirm(self, number: int) -> Any:
        """Write it, in one transaction; a second time nothing happens."""
        upload = self._find(number, to_apply=True)
        if upload.applied_at is None and upload.content is not None:
            try:
                written = uploads.confirm(db.session(), acting_person(), upload)
                db.session.commit()
            except (ApplyingError, *SAID) as problem:
                db.session.rollback()
                flash(explanation(problem) or str(problem), "error")
                return redirect(self.get_url(".preview", number=number))
            session[COUNTS] = [number, asdict(written.plan.counts)]
        return redirect(self.get_url(".result", number=number))

    @expose("/<int:number>/result/")
    def result(self, number: int) -> Any:
        """What was written, and the rows to correct."""
        upload = self._find(number)
        if upload.applied_at is None:
            return redirect(self.get_url(".preview", number=number))
        of, counts = session.get(COUNTS) or [None, None]
        return self.render("admin/imports/result.html", upload=upload, counts=counts if of == number else None)

    @expose("/<int:number>/corrections/")
    def corrections(self, number: int) -> Any:
        """The rows that were (or would be) left out, as a spreadsheet."""
        upload = self._find(number)
        if upload.content is None:
            abort(404)
        body = upload.content
        if upload.applied_at is None:
            table = read(upload.content, upload.file_name)
            body = corrections(table, plan(db.session(), table, acting_person().today))
        headers = {"Content-Disposition": "attachment; filename=corrections.xlsx"}
        return Response(body, mimetype=spreadsheet.XLSX, headers=headers)


def _file_name(given: str) -> str:
    """The file's name as it is shown, without folders and signs nobody typed."""
    name = PurePath(given.replace("\\", "/")).name
    return "".join(letter for letter in name if letter.isprintable())[:FILE_NAME] or "list"
