"""The answer in words, as it stands at the top of the report."""

from __future__ import annotations

from nicegui import ui

from sim.server.reading import Reading
from sim.server.ui_common import heading, note, paragraph


def show_answer(r: Reading) -> None:
    """Every reform's answer, area by area, with what it rests on."""
    for block in r.views["answers"]:
        if block["kind"] == "text":
            words = r.t.pick(block["text"])
            if block["look"] in ("note", "warn"):
                note(words, "warn" if block["look"] == "warn" else "")
            else:
                paragraph(words, "strong" if block["look"] == "lead" else "")
            continue
        with ui.element("div").classes("lever"):
            heading(3, r.t.pick(block["title"]))
            for sentence in block["sentences"]:
                paragraph(r.t.pick(sentence)).style("margin-top:0.35rem;font-size:1.08rem")
            with ui.element("details"):
                ui.html(r.t("answer.rests_on"), sanitize=False, tag="summary")
                paragraph(r.t.pick(block["rests_on"]), "small muted")
