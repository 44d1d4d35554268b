"""Uploaded files that wait for a person to confirm what they would change."""

from __future__ import annotations

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Model
from app.models.columns import Created, Key, Moment, reference
from app.models.people import User


class StudentImport(Model):
    """A class list that was uploaded; its file is forgotten once it is applied."""

    __tablename__ = "student_import"
    id: Mapped[Key]
    author_id: Mapped[int] = reference("user")
    file_name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[Created]
    applied_at: Mapped[Moment | None]
    author: Mapped[User] = relationship()
