"""What a protocol says of long-term follow-up: a part of the params."""

from __future__ import annotations

from pydantic import Field

from csr.protocol_parts import Column, Records, Rule, Text


class LongTerm(Rule):
    """Long-term follow-up after the first infusion (METHODS §4)."""

    years: int = Field(
        15, ge=1, le=30, description="years after the first infusion that subjects are followed"
    )
    contacts: Records = Field(
        Records(domain="ss", where={"SSSTRESC": ("ALIVE",)}),
        description="records of a contact with the subject; one of unknown status is none",
    )
    window_days: int = Field(
        45, ge=0, description="days before and after its due date in which a yearly contact is kept"
    )
    delayed: dict[Text, dict[Column, tuple[Text, ...]]] = Field(
        default_factory=dict,
        description="delayed adverse events by category: those of which any named column of ADAE "
        "holds one of its values",
    )
