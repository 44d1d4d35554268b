"""Conversations and support requests of the demo school."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.demo.load import Writer
from app.models import (
    Message,
    SupportReply,
    SupportRequest,
    Thread,
    ThreadMember,
    ThreadReport,
)
from app.models.communication import SupportState, ThreadKind


def write_thread(
    writer: Writer,
    now: datetime,
    subject: str,
    says: list[tuple[int, str]],
    with_id: int | None,
    student_id: int | None = None,
) -> int:
    """A conversation; the first who ``says`` something began it, with somebody or with the administration."""
    started = now - timedelta(3)
    thread_id = writer.add(
        Thread,
        subject=subject,
        is_to_administration=with_id is None,
        started_by_id=says[0][0],
        student_id=student_id,
        created_at=started,
    )
    members = dict.fromkeys([author for author, _text in says] + ([with_id] if with_id else []))
    for member in members:
        spoke = [
            started + timedelta(hours=5 * number) for number, (author, _text) in enumerate(says) if author == member
        ]
        writer.add(ThreadMember, thread_id=thread_id, user_id=member, read_at=spoke[-1] if spoke else None)
    for number, (author, text) in enumerate(says):
        writer.add(
            Message, thread_id=thread_id, author_id=author, body=text, created_at=started + timedelta(hours=5 * number)
        )
    return thread_id


def write_announcement(
    writer: Writer, now: datetime, author: int, class_id: int, parents: list[int], subject: str, body: str
) -> None:
    """An announcement to the parents of a class, of whom the first has not read it, and of the others each third."""
    said = now - timedelta(hours=7)
    thread_id = writer.add(
        Thread, kind=ThreadKind.ANNOUNCEMENT, subject=subject, started_by_id=author, school_class_id=class_id,
        created_at=said,
    )  # fmt: skip
    writer.add(ThreadMember, thread_id=thread_id, user_id=author, read_at=said)
    for number, parent in enumerate(parents):
        read_at = said + timedelta(minutes=11 * number) if number % 3 else None
        writer.add(ThreadMember, thread_id=thread_id, user_id=parent, read_at=read_at)
    writer.add(Message, thread_id=thread_id, author_id=author, body=body, created_at=said)


@dataclass(frozen=True)
class Speakers:
    """Who has written: people who can sign in, ``parents`` of the led class (the guardian first), one of whom has
    quarrelled with ``teacher``."""

    guardian: int
    child: int
    class_teacher: int
    teacher: int
    deputy: int
    class_id: int
    parents: list[int]


def write_talk(writer: Writer, now: datetime, who: Speakers) -> None:
    """What the people who can sign in have written."""
    write_thread(
        writer, now, "Пропуск в пятницу",
        [
            (who.guardian, "Здравствуйте! В пятницу мы идём к врачу, на первых двух уроках нас не будет."),
            (who.class_teacher, "Здравствуйте! Спасибо, что предупредили. Справку передайте, пожалуйста, через "
                                "ребёнка."),
            (who.guardian, "Хорошо, передадим."),
            (who.class_teacher, "Справку получили, пропуск отмечен как уважительный. Задание на понедельник: "
                                "https://school.example/zadanie"),
        ],
        who.class_teacher, who.child,
    )  # fmt: skip
    write_thread(
        writer, now, "Справка об обучении",
        [
            (who.guardian, "Здравствуйте! Нужна справка о том, что ребёнок учится в школе. Как её получить?"),
            (who.deputy, "Здравствуйте! Справка будет готова в канцелярии завтра после 12:00, возьмите паспорт."),
        ],
        None,
    )  # fmt: skip
    write_announcement(
        writer, now, who.class_teacher, who.class_id, who.parents, "Родительское собрание",
        "Уважаемые родители! В четверг в 18:30 в кабинете класса — собрание: итоги четверти и поездка в музей. "
        "Если не сможете прийти, ответьте на это сообщение, пожалуйста.",
    )  # fmt: skip
    write_thread(
        writer, now, "Замена на методобъединении",
        [(who.teacher, "Добрый день! Сможете подменить меня во вторник на третьем уроке?")], who.class_teacher,
    )  # fmt: skip
    reported = write_thread(
        writer, now, "Оценка за контрольную",
        [
            (who.parents[-1], "Почему опять тройка? Вы просто придираетесь к ребёнку."),
            (who.class_teacher, "Здравствуйте! Работа разобрана в классе, критерии — в тетради. Давайте обсудим."),
            (who.parents[-1], "Нечего обсуждать, таких учителей надо гнать."),
        ],
        who.class_teacher,
    )  # fmt: skip
    writer.add(
        ThreadReport, thread_id=reported, reported_by_id=who.class_teacher,
        reason="Родитель пишет грубо. Прошу помочь в разговоре.", created_at=now - timedelta(1),
    )  # fmt: skip
    write_requests(writer, now, who.class_teacher, who.deputy)


@dataclass(frozen=True)
class Asked:
    """A problem: reported ``days`` ago, first answered after ``hours``, solved after ``solved`` (None: not yet)."""

    body: str
    page: str
    days: int
    answer: str = ""
    hours: float | None = None
    solved: float | None = None
    thanks: str = ""


REQUESTS = (
    Asked(
        "Не могла сохранить тему урока: страница сообщала, что журнал занят.", "/admin/journal/", 48,
        "Это было обслуживание сервера вечером, сейчас всё работает.", 26, 26,
    ),
    Asked(
        "В списке класса два раза записан один ученик.", "/admin/student/", 25,
        "Лишнюю запись убрали, оценки перенесены.", 3, 29, "Проверила, всё верно. Спасибо!",
    ),
    Asked(
        "Ученица сменила фамилию. Как исправить её в журнале?", "/admin/student/", 9,
        "Исправьте в карточке ученика, история сохранится.", 20, 20,
    ),
    Asked(
        "Родители двух учеников не получают SMS, хотя номера верные.", "/admin/usage/?list=not_sent", 4,
        "Обратились к оператору. Пока распечатайте этим семьям памятки.", 5, None, "Памятки раздала.",
    ),
    Asked(
        "Двум семьям пришла ссылка, но при открытии страница сообщает, что срок истёк.", "/admin/access/", 2,
    ),
)  # fmt: skip


def write_requests(writer: Writer, now: datetime, class_teacher: int, deputy: int) -> None:
    """What the class teacher has asked the deputy director to help with."""
    for asked in REQUESTS:
        said = now - timedelta(asked.days, hours=-9)
        answered = said + timedelta(hours=asked.hours) if asked.hours else None
        solved = said + timedelta(hours=asked.solved) if asked.solved else None
        request_id = writer.add(
            SupportRequest,
            author_id=class_teacher,
            page=asked.page,
            body=asked.body,
            state=SupportState.SOLVED if solved else SupportState.IN_WORK if answered else SupportState.OPEN,
            created_at=said,
            taken_by_id=deputy if answered else None,
            taken_at=answered - timedelta(hours=1) if answered else None,
            answered_at=answered,
            solved_at=solved,
        )
        if answered:
            writer.add(
                SupportReply, request_id=request_id, author_id=deputy, body=asked.answer, created_at=answered
            )  # fmt: skip
            if asked.thanks:
                later = answered + timedelta(hours=2)
                writer.add(
                    SupportReply, request_id=request_id, author_id=class_teacher, body=asked.thanks, created_at=later
                )
