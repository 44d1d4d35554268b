"""A list of passwords that people here think of, and of such as nobody else does."""

from __future__ import annotations

from itertools import product
from pathlib import Path

from app.auth import passwords

HERE = Path(__file__).with_name("common_passwords.txt")
WORDS = """
пароль наташа анастасия александр дмитрий екатерина любимая солнышко мамочка доченька спартак локомотив
барселона москва россия екатеринбург новосибирск школа гимназия дневник математика сентябрь понедельник
чемпион майнкрафт gfhjkm yfnfif vjcrdf cgfhnfr parol natasha moskva spartak solnyshko lyublyutebya ekaterina
rossiya shkola
"""
ENDS = ("123456", "1234567", "123456789", "2010", "2010!", "!!!!!!!!", "qwerty123")
GOOD = """
летний дождь идёт
мама мыла синюю раму
зелёный чайник под мостом
восемь ворон у трамвая
пять ложек тишины утром
кисель для жирафа готов
в лифте пахло укропом
старый зонт умеет петь
тапок упал за рояль
шуршит фольга в подвале
гвоздь и одуванчик спорят
бульдозер боится щекотки
семь заплат на парашюте
я варю суп из облаков
мой сосед чинит арфы
тень кактуса на обоях
вчера мы лепили вареники
холодильник гудит басом
три ёлки за поворотом реки
пыльный глобус на шкафу
correct horse battery
velvet tractor hums softly
seven onions under stairs
paint the quiet harbour
lamp sugar violin moss
kX9#mQ2$vL7!
R4t&yLw8%pZq
гНю7-Щок4=Рид
vT3!нЫр8?гЪх
шкрябун-фыркает-зло
чугунок.пляшет.польку
бензопила_и_мармелад
крапива!щиплет!локоть
двенадцать щук в ведре
"""


def refused(password: str) -> bool:
    return passwords.faults(password, ()) != []


def test_what_everybody_thinks_of_is_refused() -> None:
    made = [word + end for word, end in product(WORDS.split(), ENDS) if len(word + end) >= passwords.SHORTEST]
    bad = [*(each for each in HERE.read_text("utf-8").split() if len(each) >= passwords.SHORTEST), *made[::3]]
    assert len(bad) >= 200
    assert [each for each in bad if not refused(each)] == []


def test_what_nobody_else_thinks_of_is_taken() -> None:
    good = GOOD.strip().splitlines()
    assert len(good) >= 30
    assert [each for each in good if refused(each)] == []


def test_the_list_has_a_spelling_in_both_alphabets() -> None:
    words = passwords.common_words()
    assert {"пароль", "parol", "солнышко", "solnyshko"} <= set(words)
    assert len(words) > 900
