"""Expired sessions stay known.

ministack forgets an expired session as soon as another one is made, and then calls its key unknown
(InvalidClientTokenId). AWS says ExpiredToken, which is what the user has to be told.
"""
from __future__ import annotations

import time

from ministack.services import sts


def expire(access_key: str) -> bool:
    """Ends a session now: the shortest that AssumeRole makes lasts 15 minutes."""
    session = sts._sessions.get(access_key)
    if session is None:
        return False
    session["Expiration"] = time.time() - 1
    return True


def install() -> None:
    sts._evict_expired_sessions = lambda: None
