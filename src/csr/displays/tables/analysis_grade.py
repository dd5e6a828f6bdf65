"""What tables and listings say of the analysis grade of CRS and ICANS beside the reported one."""

from __future__ import annotations

from dataclasses import replace

from csr.displays.model import Table
from csr.displays.tables.listing_cells import Record, said
from csr.endpoints.adverse_events.adverse_events import emergent_events, event_needs
from csr.params import Params
from csr.results import Adam, Needs
from csr.rounding import fmt_count


def noted_needs(params: Params) -> Needs:
    """What `noted` reads."""
    if params.conventions.severity != "AETOXGR":
        return event_needs(params)
    lost = "the footnote on grades that are not the reported ones is left out"
    return event_needs(params, **dict.fromkeys(("AGRADE", "ACESEQ", "AGRDIFL"), lost))


def noted(table: Table, adam: Adam, params: Params) -> Table:
    """The table with a footnote that says how many grades are not the reported ones.

    None where no treatment-emergent event belongs to an episode, or severity is tabulated.
    """
    _, events = emergent_events(adam, params)
    if params.conventions.severity != "AETOXGR" or not {"AGRADE", "ACESEQ", "AGRDIFL"} <= set(
        events
    ):
        return table
    own = events[events["ACESEQ"].notna()]
    if own.empty or not table.lines:
        return table
    differ = fmt_count(int((own["AGRDIFL"] == "Y").sum()))
    note = (
        f"CRS, ICANS and kindred syndromes at the analysis grade of their episodes; in {differ} of "
        f"{fmt_count(len(own))} such events it is not the reported one."
    )
    return replace(table, notes=(*table.notes, note))


def grade_said(event: Record) -> str:
    """The CTCAE grade that counts: the analysis grade where ADAE has one."""
    return said(event, "AGRADE" if "AGRADE" in event else "AETOXGR")


def fmt_grade(event: Record, column: str = "AETOXGR") -> str:
    """`3 (reported 2)`: the grade that counts, and the reported one where that differs."""
    reported = said(event, column)
    if column != "AETOXGR" or "AGRADE" not in event or said(event, "AGRADE") == reported:
        return reported
    return f"{said(event, 'AGRADE')} (reported {reported or 'none'})"
