"""Why an outcome changed: the chain from message to patient in the best and the worst region, told by `explain`."""

from __future__ import annotations

from markupsafe import Markup, escape

from sim.experiment.explain import Chain, chain_of
from sim.report.blocks import Block, Bullets, Columns, Fold, Head, Section, Text
from sim.report.desk import Desk
from sim.report.explain_words import brief, story
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
            best, worst = str(by_region.idxmax()), str(by_region.idxmin())
            ends = (
                ("best" if by_region[best] > 0.0 else "least_worse", best),
                ("worst" if by_region[worst] < 0.0 else "least_better", worst),
            )
            parts: list[list[Block]] = []
            for key, code in ends:
                words = desk.say(f"why.{key}", area=desk.area(area), region=region_name(code))
                parts.append([Head(words), Bullets([escape(s) for s in _brief(desk, reform, area, code)])])
            blocks.append(Columns(parts))
            whole = [block for _, code in ends for block in _named_chain(desk, reform, area, code)]
            blocks.append(Fold(desk.say("why.whole", area=desk.area(area)), whole, paper=False))
    if not some:
        return Section("why", desk.say("sections.why"), [desk.text("why.same")])
    blocks.append(desk.text("why.more", "note"))
    return Section("why", desk.say("sections.why"), blocks)


def _chain(desk: Desk, reform: str, area: str, region: str) -> Chain:
    folder = desk.explained
    scenario = next(one for one in folder.reforms if one.name == reform)
    return chain_of(folder, scenario, area, region)


def _brief(desk: Desk, reform: str, area: str, region: str) -> tuple[str, ...]:
    return brief(_chain(desk, reform, area, region), desk.lang)


def _named_chain(desk: Desk, reform: str, area: str, region: str) -> list[Block]:
    """One whole chain: the region, then a small heading and the sentences of each link."""
    told = story(_chain(desk, reform, area, region), desk.lang)
    blocks: list[Block] = [Head(escape(told.title))]
    for link in told.sections:
        blocks.append(Text(Markup("<strong>{}</strong>").format(link.title)))
        blocks.append(Bullets([escape(sentence) for sentence in link.sentences]))
    return blocks
