"""A demo school: a plausible one of any size, the same every time."""

from app.demo.school import AlreadyFilled, fill, is_filled
from app.demo.sign_ins import SIGN_INS, is_demo
from app.demo.sizes import SIZES

__all__ = ["SIGN_INS", "SIZES", "AlreadyFilled", "fill", "is_demo", "is_filled"]
