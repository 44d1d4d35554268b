"""The lists and the form, with related rows fetched together and no count of a large table."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.utils.functional import cached_property
from django.utils.html import format_html_join

from app.collation import search_key
from bench.references.django_admin.models import Enrollment, Guardianship, Mark, Student, StudentDetails


class DetailsInline(admin.StackedInline):
    model = StudentDetails
    can_delete = False


@admin.register(Student)
class StudentAdmin(admin.ModelAdmin):
    list_display = ("full_name", "school_class", "birth_date", "phone", "guardians")
    list_select_related = ("details",)
    list_per_page = 50
    search_fields = ("search_name",)
    show_full_result_count = False
    inlines = (DetailsInline,)

    def get_queryset(self, request: Any) -> QuerySet[Student]:
        """The students with what the columns show."""
        now = Enrollment.objects.filter(ends_on=None).select_related("school_class")
        parents = Guardianship.objects.select_related("user__account")
        rows = super().get_queryset(request)
        if request.resolver_match.url_name.endswith("changelist"):
            rows = rows.prefetch_related(
                Prefetch("enrollments", now, to_attr="open_enrollments"), Prefetch("guardianships", parents)
            )
        return rows

    def get_search_results(self, request: Any, queryset: Any, search_term: str) -> Any:
        """Names are searched by their key, in which capitals do not count."""
        return super().get_search_results(request, queryset, search_key(search_term))

    @admin.display(ordering="sort_name")
    def full_name(self, student: Student) -> str:
        return str(student)

    def school_class(self, student: Any) -> str:
        return str(student.open_enrollments[0].school_class) if student.open_enrollments else ""

    @admin.display(ordering="details__birth_date")
    def birth_date(self, student: Student) -> Any:
        return student.details.birth_date

    def phone(self, student: Student) -> str:
        return student.details.phone or ""

    def guardians(self, student: Student) -> str:
        people = [each.user for each in student.guardianships.all()]
        return format_html_join("", "{} {}<br>", ((str(p), p.account.phone or p.account.email or "") for p in people))


class Uncounted(Paginator):
    """Pages of a table that is not counted for each of them: the highest number stands for it."""

    @cached_property
    def count(self) -> int:
        if self.object_list.query.where:
            return int(super().count)
        newest = self.object_list.model.objects.order_by("-id").values_list("id", flat=True).first()
        return newest or 0


class OrderedByNumber(ChangeList):
    """The newest first by the primary key alone, which is an order already."""

    def get_ordering(self, request: Any, queryset: Any) -> list[str]:
        return ["-id"]


@admin.register(Mark)
class MarkAdmin(admin.ModelAdmin):
    list_display = ("student", "value", "work", "comment", "entered_at", "entered_by")
    list_select_related = (
        "student", "entered_by", "work__lesson__teaching_assignment__subject",
        "work__lesson__teaching_assignment__study_group__school_class",
    )  # fmt: skip
    list_per_page = 50
    paginator = Uncounted
    show_full_result_count = False
    raw_id_fields = ("work", "student", "entered_by")

    def get_changelist(self, request: Any, **options: Any) -> type[ChangeList]:
        return OrderedByNumber
