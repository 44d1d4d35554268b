"""News, conversations and support requests of the demo school."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.demo.load import Writer
from app.models import (
    Message,
    NewsItem,
    NewsItemClass,
    SupportReply,
    SupportRequest,
    Thread,
    ThreadMember,
    ThreadReport,
)
from app.models.communication import Audience, SupportState, ThreadKind


@dataclass(frozen=True)
class News:
    """A news item; ``hours`` from now to its publication, None for a draft."""

    title: str
    body: str
    audience: Audience
    hours: float | None
    is_pinned: bool = False


NEWS = (
    News(
        "Электронный журнал: как войти и что в нём есть",
        "Уважаемые родители! Вход в дневник — по ссылке из SMS, письма или с памятки.\n\n"
        "В дневнике вы найдёте:\n\n- расписание и домашние задания;\n- оценки и пропуски;\n- новости школы;\n"
        "- переписку с учителями.\n\nЕсли ссылка не пришла или устарела, обратитесь к классному руководителю.",
        Audience.GUARDIANS, -24.0 * 40, True,
    ),
    News(
        "Порядок проведения контрольных работ",
        "В один день в классе проводится **не более одной** контрольной работы. "
        "График вывешен на стенде у учительской и согласован с классными руководителями.",
        Audience.ALL, -24.0 * 20,
    ),
    News(
        "Совещание при завуче",
        "Повестка:\n\n1. Накопляемость отметок.\n2. Заполнение тем уроков и домашних заданий.\n"
        "3. Работа с родителями, которые ещё не вошли в дневник.\n\nНачало в 15:10, кабинет 205.",
        Audience.STAFF, -24.0 * 3,
    ),
    News(
        "Сбор макулатуры",
        "Всю неделю принимаем макулатуру у входа со двора, с 8:00 до 8:25. "
        "Класс, собравший больше всех, поедет на экскурсию.",
        Audience.ALL, -24.0 * 6,
    ),
    News(
        "Экскурсия в краеведческий музей",
        "Выезд в 10:00 от главного входа, возвращение к 13:30. С собой: вода, сменная обувь. "
        "Согласие родителей сдайте классному руководителю.",
        Audience.CLASSES, -24.0 * 2,
    ),
    News(
        "Школьная олимпиада: итоги",
        "Поздравляем победителей и призёров школьного этапа. Список — у учителей-предметников. "
        "Желаем удачи на следующем этапе.",
        Audience.ALL, -24.0 * 9,
    ),
    News(
        "Родительское собрание",
        "Приглашаем родителей в актовый зал в 18:30. В программе: успеваемость, питание, безопасность в сети.",
        Audience.GUARDIANS, 24.0 * 2,
    ),
    News(
        "Изменения в расписании звонков",
        "Черновик: согласовать с дежурными администраторами до публикации.",
        Audience.STAFF, None,
    ),
    News(
        "Праздничный концерт",
        "Черновик. Уточнить время начала и список номеров.",
        Audience.ALL, None,
    ),
)  # fmt: skip


def write_news(writer: Writer, now: datetime, author_id: int, class_ids: list[int]) -> None:
    """Published, pinned, scheduled items and drafts for every audience; ``class_ids`` are those of a chosen one."""
    for news in NEWS:
        published = now + timedelta(hours=news.hours) if news.hours is not None else None
        item_id = writer.add(
            NewsItem,
            title=news.title,
            body=news.body,
            audience=news.audience,
            published_at=published,
            is_pinned=news.is_pinned,
            author_id=author_id,
            created_at=min(now, published or now) - timedelta(hours=5),
        )
        if news.audience is Audience.CLASSES:
            for class_id in class_ids:
                writer.add(NewsItemClass, news_item_id=item_id, school_class_id=class_id)


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


def write_requests(writer: Writer, now: datetime, class_teacher: int, deputy: int) -> None:
    """What the class teacher has asked the deputy director to help with."""
    for body, answer, page in (
        ("Двум семьям пришла ссылка, но при открытии страница сообщает, что срок истёк.", "", "/admin/access/"),
        ("Ученица сменила фамилию. Как исправить её в журнале?", "Исправьте в карточке ученика, история сохранится.",
         "/admin/student/"),
    ):  # fmt: skip
        answered = now - timedelta(1) if answer else None
        request_id = writer.add(
            SupportRequest,
            author_id=class_teacher,
            page=page,
            body=body,
            state=SupportState.SOLVED if answer else SupportState.OPEN,
            created_at=now - timedelta(2),
            taken_by_id=deputy if answer else None,
            taken_at=answered,
            answered_at=answered,
            solved_at=answered,
        )
        if answer:
            writer.add(SupportReply, request_id=request_id, author_id=deputy, body=answer, created_at=answered)
