"""The key by which push services know this journal (VAPID, RFC 8292), and which push services it sends to.

The key is derived from SECRET_KEY: every host and every restart has the same one, and there is no file to lose.
"""

from __future__ import annotations

import base64
from email.utils import parseaddr
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:  # 8 MB: only who signs or subscribes
    from cryptography.hazmat.primitives.asymmetric import ec

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the curve P-256."""
BYTES = 40  # eight more than the order has: what is left of the division is not uneven by any measure


@lru_cache
def private_key(secret_key: str) -> ec.EllipticCurvePrivateKey:
    """The key that signs; another SECRET_KEY makes every browser subscribe anew."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    stretched = HKDF(hashes.SHA256(), BYTES, salt=None, info=b"journal web push").derive(secret_key.encode())
    return ec.derive_private_key(int.from_bytes(stretched) % (ORDER - 1) + 1, ec.SECP256R1())


def public_key(secret_key: str) -> str:
    """What a browser subscribes with: the uncompressed point in base64url without padding."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    point = private_key(secret_key).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def contact(sender: str | None, public_url: str) -> str:
    """Whom a push service can turn to: the sender of the school's mail, else the journal's address."""
    address = parseaddr(sender or "")[1]
    if "@" in address and address.isascii():
        return f"mailto:{address}"
    return public_url if public_url.startswith("https://") else "mailto:journal@localhost"


def is_allowed(endpoint: str, services: Any) -> bool:
    """Whether the journal sends to this address: nobody may make it call whatever they like."""
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:
        return False
    host = (parts.hostname or "").lower()
    is_plain = parts.scheme == "https" and port in (None, 443) and "@" not in parts.netloc and all(host.split("."))
    for service in str(services).lower().replace(",", " ").split():
        if "://" in service:
            if endpoint.startswith(service.rstrip("/") + "/"):
                return True
        elif is_plain and (host == service or host.endswith(f".{service}")):
            return True
    return False
