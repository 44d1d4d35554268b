"""News of the demo school, and who has read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from app.demo.load import Writer
from app.models import NewsItem, NewsItemClass, NewsReading
from app.models.communication import Audience


@dataclass(frozen=True)
class News:
    """A news item; ``hours`` from now to its publication, None for a draft."""

    title: str
    body: str
    audience: Audience
    hours: float | None
    is_pinned: bool = False
    is_archived: bool = False


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
        "День знаний",
        "Торжественная линейка — в 9:00 на школьном дворе, при дожде в спортивном зале. После линейки — классный час.",
        Audience.ALL, -24.0 * 85, is_archived=True,
    ),
    News(
        "Школа закончила ремонт столовой",
        "Столовая открыта. Меню на неделю — у входа, питание льготных категорий — без изменений.",
        Audience.ALL, -24.0 * 78, is_archived=True,
    ),
    News(
        "Выбираем кружки",
        "Запись в кружки и секции — у классных руководителей до конца недели. Расписание — на стенде.",
        Audience.GUARDIANS, -24.0 * 66, is_archived=True,
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


@dataclass(frozen=True)
class Readers:
    """Who comes: parents, those of the chosen class, and staff."""

    parents: Sequence[int]
    of_class: Sequence[int]
    staff: Sequence[int]

    def of(self, audience: Audience) -> list[int]:
        """Whom an item can have been read by."""
        if audience is Audience.STAFF:
            return [*self.staff]
        if audience is Audience.CLASSES:
            return [*self.of_class]
        return [*self.parents, *(self.staff if audience is Audience.ALL else ())]


def write_news(
    writer: Writer, now: datetime, author_id: int, class_ids: list[int], readers: Readers, random: Random
) -> None:
    """Published, pinned, scheduled, archived items and drafts for every audience, and who has read them;
    ``class_ids`` are those of a chosen one."""
    for news in NEWS:
        published = now + timedelta(hours=news.hours) if news.hours is not None else None
        item_id = writer.add(
            NewsItem,
            title=news.title,
            body=news.body,
            audience=news.audience,
            published_at=published,
            is_pinned=news.is_pinned,
            archived_at=now - timedelta(30) if news.is_archived else None,
            author_id=author_id,
            created_at=min(now, published or now) - timedelta(hours=5),
        )
        if news.audience is Audience.CLASSES:
            for class_id in class_ids:
                writer.add(NewsItemClass, news_item_id=item_id, school_class_id=class_id)
        if published is not None and published < now:
            share = 0.75 if news.is_pinned else random.uniform(0.35, 0.6)
            for user_id in readers.of(news.audience):
                if random.random() < share:
                    at = published + (now - published) * random.random() ** 2
                    writer.add(NewsReading, news_item_id=item_id, user_id=user_id, at=at)
