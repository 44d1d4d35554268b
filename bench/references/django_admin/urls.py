"""Addresses of the reference."""

from __future__ import annotations

from django.contrib import admin
from django.urls import path

from bench.references.django_admin import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("grid/<int:assignment_id>/<int:term_id>", views.grid),
    path("edits/<int:teacher_id>", views.edits),
    path("week/<int:student_id>/<monday>", views.week),
]
