"""The sheet of a class: students x subjects with their final marks; whoever teaches a subject fills it here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from flask import Response, abort, current_app, flash, redirect, request
from flask_admin import expose
from flask_babel import format_decimal, gettext, ngettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from admin_views import formats
from admin_views.base import SAID, SchoolPage, acting, acting_person, explanation
from app import policy, spreadsheet
from app.config import Grading
from app.extensions import db
from app.journal import finals
from app.journal.final_columns import Column, columns_of, terms_of
from app.journal.finals import FIGURES, Wanted
from app.journal.sheet import Cell, Place, Sheet, column_of_today, read_sheet
from app.models import AcademicYear, FinalMark, SchoolClass, StaffNote, Term
from app.models.journal import NUMBERS, FinalMarkKind, FinalMarkValue
from app.people.refusal import Refusal
from app.policy import Action
from app.reports.reach import classes_within

NUMBER = r"[1-9]\d{0,8}"


class SheetView(SchoolPage):
    """Final marks of a class."""

    of = FinalMark

    def __init__(self, category: Any = None) -> None:
        super().__init__(_("Class sheet"), category, endpoint="sheet")

    def is_visible(self) -> bool:
        """In the menu of staff; parents read the marks of their children elsewhere."""
        return policy.may(acting(), StaffNote, Action.SEE)

    @expose("/")
    def index(self) -> Any:
        """Choose a class of a year."""
        years = db.session.scalars(select(AcademicYear).order_by(AcademicYear.starts_on.desc())).all()
        today = acting_person().today
        current = next((year for year in reversed(years) if year.ends_on >= today), years[0] if years else None)
        wanted = request.args.get("year", "")
        year = next((year for year in years if str(year.id) == wanted), None) if wanted else current
        if wanted and year is None:
            abort(404)
        classes = db.session.scalars(
            select(SchoolClass)
            .where(SchoolClass.academic_year_id == (year.id if year else 0))
            .order_by(SchoolClass.grade, SchoolClass.letter)
        ).all()
        return self.render("admin/sheet/choose.html", years=years, year=year, classes=classes)

    @expose("/<int:class_id>/", methods=("GET", "POST"))
    def show(self, class_id: int) -> Any:
        """The sheet, and what is entered on it."""
        school_class, columns, column = self._find(class_id)
        if column is None:
            return self.render("admin/sheet/none.html", school_class=school_class)
        if request.method == "POST":
            return self._enter(school_class, columns, column)
        return self._show(self._read(school_class, columns, column), columns, {})

    @expose("/<int:class_id>/export/")
    def export(self, class_id: int) -> Any:
        """The sheet as a spreadsheet; that of the year with its terms."""
        school_class, columns, column = self._find(class_id)
        if column is None:
            abort(404)
        sheet = self._read(school_class, columns, column)
        title = f"{school_class} {column.name}"
        body = spreadsheet.xlsx(title, list(_head(sheet, columns)), _rows(sheet, columns))
        name = f"sheet_{school_class.id}_{column.key}_{acting_person().today.isoformat()}.xlsx"
        headers = {"Content-Disposition": f"attachment; filename={name}"}
        return Response(body, mimetype=spreadsheet.XLSX, headers=headers)

    def _find(self, class_id: int) -> tuple[SchoolClass, list[Column], Column | None]:
        """The class, its columns, and the one that is asked for; no column where there are no marks."""
        school_class = db.session.scalar(
            select(SchoolClass)
            .where(SchoolClass.id == class_id)
            .options(joinedload(SchoolClass.academic_year), joinedload(SchoolClass.class_teacher))
        )
        if school_class is None:
            abort(404)
        columns = columns_of(school_class, terms_of(db.session(), school_class))
        key = request.args.get("term", "")
        if not key:
            return school_class, columns, column_of_today(columns, acting_person().today)
        return school_class, columns, next((each for each in columns if each.key == key), None) or abort(404)

    def _read(self, school_class: SchoolClass, columns: list[Column], column: Column) -> Sheet:
        grading = Grading.of(current_app.config)
        return read_sheet(db.session(), school_class, columns, column, grading, acting_person().today)

    def _show(self, sheet: Sheet, columns: list[Column], chosen: Mapping[Place, Wanted], refusal: Any = None) -> Any:
        offered = finals.proposed(sheet)
        to_take = {
            subject: number
            for subject in sheet.subjects
            if (number := sum(place[1] == subject.id for place in offered))
        }
        return self.render(
            "admin/sheet/sheet.html",
            sheet=sheet,
            columns=columns,
            chosen=chosen,
            refusal=refusal,
            unexplained=[sheet.cells[place] for place in getattr(refusal, "places", ())],
            to_take=to_take,
            values=list(FinalMarkValue),
            short=short,
            two=two_decimals,
            day=formats.day,
            hint=hint,
            Kind=FinalMarkKind,
            paper=self._paper(sheet),
            may_lock=policy.may(acting(), Term, Action.CHANGE),
        )

    def _paper(self, sheet: Sheet) -> str:
        """Where the same stands as a paper to be signed; empty for who sees a part of the class only."""
        actor, school_class = acting_person(), sheet.school_class
        mine = select(SchoolClass.id).where(SchoolClass.id == school_class.id, classes_within(actor))
        if db.session.scalar(mine) is None:
            return ""
        wanted = {"class": school_class.id, "year": school_class.academic_year_id, "period": sheet.column.key}
        return str(self.get_url("reports.show", key="summary", **wanted))

    def _enter(self, school_class: SchoolClass, columns: list[Column], column: Column) -> Any:
        chosen, take = _chosen(), request.form.get("take", "")
        if take and take != "all" and not re.fullmatch(NUMBER, take, re.ASCII):
            abort(400)
        for is_last in (False, True):
            sheet = self._read(school_class, columns, column)
            # What was chosen by hand stands before what is taken over.
            taken = finals.proposed(sheet, None if take == "all" else int(take)) if take else {}
            wanted = taken | chosen
            try:
                entered = finals.enter(db.session(), sheet, wanted)
                db.session.commit()
                break
            except Refusal as refusal:
                return self._show(sheet, columns, wanted, refusal)
            except SAID as exc:
                db.session.rollback()
                if isinstance(exc, policy.PolicyError):
                    raise
                if isinstance(exc, IntegrityError) and not is_last:  # somebody entered one of them just now
                    continue
                flash(explanation(exc) or "", "error")
                return redirect(self.get_url(".show", class_id=school_class.id, term=column.key))
        _say(entered)
        return redirect(self.get_url(".show", class_id=school_class.id, term=column.key))


def _chosen() -> dict[Place, Wanted]:
    """What was chosen in the cells, with the reasons; 400 for what is no mark."""
    chosen = {}
    for name, word in request.form.items():
        place = re.fullmatch(rf"mark-({NUMBER})-({NUMBER})", name, re.ASCII)
        if place is None or not word:
            continue
        value = next((value for value in FinalMarkValue if value.value == word), None) or abort(400)
        reason = " ".join(request.form.get(f"reason-{place[1]}-{place[2]}", "").split())
        chosen[int(place[1]), int(place[2])] = Wanted(value, reason)
    return chosen


def _say(entered: finals.Entered) -> None:
    for cell in entered.taken:
        flash(
            gettext(
                "%(student)s, %(subject)s: %(mark)s was entered meanwhile and stays.",
                student=cell.student, subject=cell.subject, mark=short(cell.mark.value) if cell.mark else "",
            ),
            "warning",
        )  # fmt: skip
    if entered.count:
        said = ngettext("%(num)d final mark is saved.", "%(num)d final marks are saved.", entered.count)
        flash(said, "success")
    elif not entered.taken:
        flash(gettext("Nothing was chosen, and nothing is proposed for the empty cells."), "warning")


def short(value: FinalMarkValue | int) -> str:
    """«5», «н/а»."""
    return str(FIGURES[value] if isinstance(value, int) else value)


def two_decimals(figure: int | None) -> str:
    """«4,33» of hundredths; nothing of nothing."""
    return str(format_decimal(Decimal(figure) / 100, format="0.00")) if figure is not None else ""


def hint(cell: Cell) -> str:
    """Of what a proposal is made, and why a mark differs from it."""
    parts = [cell.mark.reason] if cell.mark is not None and cell.mark.reason else []
    if cell.average is not None:
        parts.append(gettext("average %(figure)s", figure=two_decimals(cell.average)))
    if cell.count:
        parts.append(ngettext("%(num)d mark", "%(num)d marks", cell.count))
    return "; ".join(parts)


def _head(sheet: Sheet, columns: list[Column]) -> Iterator[str]:
    yield gettext("Student")
    for subject in sheet.subjects:
        yield from (f"{subject}, {each.name}" for each in _before(sheet, columns))
        yield str(subject)
    yield gettext("Average")


def _before(sheet: Sheet, columns: list[Column]) -> list[Column]:
    """The terms that stand before each mark of the year."""
    return [each for each in columns if each.term] if sheet.column.kind is FinalMarkKind.YEAR else []


def _rows(sheet: Sheet, columns: list[Column]) -> Iterator[list[Any]]:
    terms = len(_before(sheet, columns))
    for student in sheet.students:
        row: list[Any] = [student.full_name]
        for cell in sheet.of_student(student):
            earlier = list(cell.earlier) if cell else []
            row += [_figure(mark) for mark in (earlier + [None] * terms)[:terms]]
            row.append(_figure(cell.mark) if cell else None)
        figure = sheet.average_of_student(student)
        yield [*row, figure / 100 if figure is not None else None]


def _figure(mark: FinalMark | None) -> int | str | None:
    return None if mark is None else NUMBERS.get(mark.value, str(mark.value))
