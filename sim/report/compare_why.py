"""Why an outcome changed: the chain from message to patient in the best and the worst region, told by `explain`."""

from __future__ import annotations

from markupsafe import Markup, escape

from sim.experiment.explain import chain_of
from sim.report.blocks import Block, Bullets, Head, Section, Text
from sim.report.desk import Desk
from sim.report.explain_words import story
from sim.report.labels import region_name


def why_section(desk: Desk) -> Section:
    """The chain for the best and the worst region of every area that changes."""
    blocks: list[Block] = [desk.text("why.lead")]
    table = desk.table("report_regions")
    some = False
    for reform in desk.folder.reforms:
        for area in desk.areas:
            own = table[(table["scenario"] == reform) & (table["area"] == area) & (table["region"] != "00")]
            if not len(own) or not own["difference"].any():
                continue
            some = True
            by_region = own.set_index("region")["difference"]
            for key, code in (("why.best", by_region.idxmax()), ("why.worst", by_region.idxmin())):
                words = desk.say(key, area=desk.area(area), region=region_name(str(code)))
                blocks += [Head(words), *chain_blocks(desk, reform, area, str(code))]
    if not some:
        return Section("why", desk.say("sections.why"), [desk.text("why.same")])
    blocks.append(desk.text("why.more", "note"))
    return Section("why", desk.say("sections.why"), blocks)


def chain_blocks(desk: Desk, reform: str, area: str, region: str) -> list[Block]:
    """One chain: a small heading and its sentences for each link.

    Args:
        desk: The desk.
        reform: The reform.
        area: Care area.
        region: Region code.
    """
    folder = desk.explained
    scenario = next(one for one in folder.reforms if one.name == reform)
    told = story(chain_of(folder, scenario, area, region), desk.lang)
    blocks: list[Block] = []
    for link in told.sections:
        blocks.append(Text(Markup("<strong>{}</strong>").format(link.title)))
        blocks.append(Bullets([escape(sentence) for sentence in link.sentences]))
    return blocks
