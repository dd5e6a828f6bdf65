"""What a protocol says of long-term follow-up: a part of the params."""

from __future__ import annotations

from pydantic import Field

from csr.protocol_parts import Rule


class LongTerm(Rule):
    """Long-term follow-up after the first infusion (METHODS §4)."""

    years: int = Field(
        15, ge=1, le=30, description="years after the first infusion that subjects are followed"
    )
