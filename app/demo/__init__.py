"""A demo school: a plausible one of any size, the same every time. ``app.demo.school`` fills a database with it."""

from app.demo.sign_ins import SIGN_INS, is_demo
from app.demo.sizes import SIZES

__all__ = ["SIGN_INS", "SIZES", "is_demo"]
