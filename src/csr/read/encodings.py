"""Text of files that say nothing of their encoding: UTF-8, the one params name, or Windows-1252.

Windows-1252 can read nearly any byte, so that text of another encoding comes out as nonsense rather
than as an error. What no Western text looks like is refused, with the encodings it may be.
"""

from __future__ import annotations

import re
from pathlib import Path

from csr.errors import DataError
from csr.read.problem import unreadable

FALLBACK = "cp1252"
# Western words hold their accents singly: three signs in a row, or a letter beside a currency or a
# fraction, are bytes of another encoding.
_NO_WESTERN = re.compile(
    r"[\x80-\uffff]{3,}|[¢£¤¥¦§¨©ª¬¯´¶·¸¹º»¼½¾]+[À-ÿ]|[À-ÿ][¢£¤¥¦§¨©¬¯¶¸¹»¼½¾]+"
)
_DASHES = re.compile(r"[‘’“”–—…•°±²³µ×÷\xa0™®]+")
CANDIDATES = ("gb18030", "shift_jis", "euc_kr", "big5", "cp1251", "cp1250")
TO_DO = "name the encoding in params (data.encoding), such as gb18030, or export it as UTF-8"


def decode(path: Path, content: bytes, encoding: str | None) -> tuple[str, str]:
    """The text, and the encoding it was read by: "" for UTF-8 or the one that was asked for.

    Raises DataError where the bytes are not of the asked encoding, or without one are neither UTF-8
    nor text that Windows-1252 makes sense of.
    """
    if encoding is not None:
        try:
            return content.decode(encoding).removeprefix("\ufeff"), ""
        except UnicodeDecodeError:
            raise unreadable(
                path, f"is not {encoding} text, which params say it is", "correct data.encoding"
            ) from None
    try:
        return content.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        pass
    try:
        text = content.decode(FALLBACK)
    except UnicodeDecodeError:
        raise not_decoded(path, content, ("utf-8", FALLBACK)) from None
    check_western(path, text)
    return text, FALLBACK


def check_western(path: Path, text: str) -> None:
    """Refuses text that was read as Windows-1252 and makes no sense as such."""
    if _NO_WESTERN.search(_DASHES.sub(" ", text)):
        raise not_decoded(path, text.encode(FALLBACK, errors="ignore"), ("utf-8", FALLBACK))


def not_decoded(path: Path, content: bytes, tried: tuple[str, ...]) -> DataError:
    """The error of text that is not of the encodings tried, with those it may be of."""
    found = ", ".join(e for e in possible_encodings(content) if e not in tried)
    hint = f"; it may be {found}" if found else ""
    return unreadable(path, f"holds text that is not {' or '.join(tried)}{hint}", TO_DO)


def possible_encodings(content: bytes) -> tuple[str, ...]:
    """Encodings in which all the bytes are text."""
    found = []
    for name in CANDIDATES:
        try:
            content.decode(name)
        except UnicodeDecodeError:
            continue
        found.append(name)
    return tuple(found)
