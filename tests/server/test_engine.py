"""Comparisons on demand: the command's numbers, shared runs, a bounded queue, and workers that may die."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import zipfile
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from sim.cli import main
from sim.server import scenario_files
from sim.server.engine import LAST_KINDS, Engine, RunRequest, Update
from sim.server.limits import LimitReached, Limits
from sim.server.worlds import world_key

SMALL = {"orphan_drugs": 0.1, "mental_health": 0.01, "assistive_devices": 0.01}
FUND = {
    "schema": 1, "extends": "baseline.yaml", "name": "fund",
    "title": {"sv": "Fond", "en": "Fund"},
    "levers": [
        {"orphan_earmarked_fund": {
            "from": "2026-01-01", "annual_budget_msek": 20000, "rule": "full_pooling", "state_share": 1.0,
        }},
        {"aids_fee_cap": {"from": "2026-01-01", "cap_sek_per_year": 0.0}},
    ],
}  # fmt: skip
REQUEST = RunRequest((FUND,), seeds=(1, 2), last_year=2026)
Do = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture(scope="module")
def _small_worlds(tmp_path_factory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIM_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setattr(scenario_files, "SCALES", {"workshop": SMALL})
        yield


@pytest.fixture(scope="module")
def do() -> Iterator[Do]:
    """Run something on the module's event loop."""
    loop = asyncio.new_event_loop()
    yield lambda work: loop.run_until_complete(asyncio.wait_for(work, 300))
    loop.close()


@pytest.fixture(scope="module")
def engine(_small_worlds, do) -> Iterator[Engine]:
    made = Engine(Limits(workers=2), warm=False)
    do(made.start())
    yield made
    do(made.stop())


async def news(engine: Engine, ticket_id: str) -> list[Update]:
    return [update async for update in engine.listen(ticket_id)]


@pytest.fixture(scope="module")
def finished(engine, do) -> tuple[str, list[Update]]:
    ticket = engine.submit("anna", REQUEST)
    return ticket.id, do(news(engine, ticket.id))


@pytest.fixture(scope="module")
def taken(finished, engine, do) -> zipfile.ZipFile:
    """What a session takes away."""
    return zipfile.ZipFile(io.BytesIO(do(engine.ask(finished[0], "anna", "folder", lang="sv"))))


def test_years_come_one_by_one_and_views_after_every_seed(finished) -> None:
    _, updates = finished
    kinds = [update.kind for update in updates]
    assert kinds[-1] == "done"
    assert kinds.count("views") == 1
    assert [u.year for u in updates if u.kind == "year" and not u.seeds][:1] == [2025]
    done = [update.done for update in updates if update.kind != "queued"]
    assert done == sorted(done)
    assert updates[-1].done == updates[-1].total == 2 * 2 * 2
    seen = updates[-1].views["progress"]["scenarios"]
    assert {name: sorted(years) for name, years in seen.items()} == {
        n: [2025, 2026] for n in ("today", "fund")
    }
    assert len(seen["fund"][2026]["mental_health"]["regions"]) == 21


@pytest.mark.slow
def test_the_take_away_gives_the_same_numbers_on_the_command_line(finished, engine, taken, tmp_path) -> None:
    taken.extractall(tmp_path)
    files = [str(tmp_path / "scenarios" / f"{name}.yaml") for name in ("today", "fund")]
    texts = engine.result(finished[0], "anna").files()
    assert {name: (tmp_path / "scenarios" / name).read_text("utf-8") for name in texts} == texts
    with pytest.raises(SystemExit) as left:
        main(["compare", *files, "--out", str(tmp_path / "again"), "--quiet", "--workers", "1"])
    assert left.value.code in (0, None)
    ours = {path.name for path in (tmp_path / "results").glob("*.parquet")}
    assert ours == {path.name for path in (tmp_path / "again").glob("*.parquet")}
    for name in sorted(ours):
        mine, theirs = (pd.read_parquet(tmp_path / folder / name) for folder in ("results", "again"))
        pd.testing.assert_frame_equal(mine, theirs, check_exact=True)
    for name in ("summary.csv", "dictionary.csv", "resolved/fund.yaml"):
        assert (tmp_path / "results" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    assert (tmp_path / "results" / "report_sv.html").stat().st_size > 10_000
    assert list((tmp_path / "results" / "figures").iterdir())


@pytest.mark.slow
def test_what_is_on_screen_is_what_the_summary_says(finished, taken) -> None:
    updates = finished[1]
    summary = pd.read_csv(io.BytesIO(taken.read("results/summary.csv"))).set_index("area")
    views = updates[-1].views
    for area in ("mental_health", "assistive_devices"):
        national = views["map"]["areas"][area]["reforms"]["fund"]["national"]
        assert national["difference"] == pytest.approx(
            summary.loc[area, "mean_percent_difference"], rel=1e-5, abs=1e-9
        )
        costs = views["costs"]["reforms"]["fund"][area]["all"]
        assert costs["difference"] == pytest.approx(summary.loc[area, "cost_msek"], rel=1e-5, abs=1e-9)
        people = views["people"]["reforms"]["fund"][area]
        assert people["total"]["gaining"] == pytest.approx(summary.loc[area, "gaining"], rel=1e-5)
        assert sum(group["gaining"] for group in people["age"].values()) == pytest.approx(
            people["total"]["gaining"], rel=1e-4
        )


def test_a_result_is_seen_by_its_session_only(finished, engine, do) -> None:
    ticket_id, _ = finished
    assert engine.result(ticket_id, "anna") is not None
    assert engine.result(ticket_id, "berit") is None
    with pytest.raises(KeyError):
        do(engine.ask(ticket_id, "berit", "folder"))


def test_identical_requests_share_one_run_whatever_order_they_are_written_in(finished, engine, do) -> None:
    tasks = engine._counter
    turned = {key: FUND[key] for key in reversed(FUND)}
    ticket = engine.submit("berit", replace(REQUEST, reforms=(turned,)))
    assert engine._counter == tasks, "nothing new was put into the queue"
    assert [update.kind for update in do(news(engine, ticket.id))] == ["done"]


def test_a_patient_lives_in_both_worlds(finished, engine, do) -> None:
    ticket_id, updates = finished
    people = updates[-1].views["people"]["reforms"]["fund"]["assistive_devices"]["total"]
    assert people["gaining"] > 0
    story = do(
        engine.ask(ticket_id, "anna", "story", reform="fund", area="assistive_devices", change="gaining")
    )
    assert story["outcome"]["base"] is False
    assert story["outcome"]["reform"] is True
    base, reform = (story["worlds"][side] for side in ("base", "reform"))
    assert base[0] == reform[0], "the need arises in both worlds in the same month"
    got = {5, 6, 7}  # a device that suits
    months = [(int(step["date"][:4]) * 12 + int(step["date"][5:])) for step in reform if step["id"] in got]
    start = int(base[0]["date"][:4]) * 12 + int(base[0]["date"][5:])
    assert months
    assert min(months) - start <= 2
    nobody = do(
        engine.ask(
            ticket_id, "anna", "story", reform="fund", area="orphan_drugs", change="losing", number=10**6
        )
    )
    assert nobody is None


def test_why_a_region_changed_is_told_in_both_languages(finished, engine, do) -> None:
    ticket_id, _ = finished
    links = do(engine.ask(ticket_id, "anna", "why", reform="fund", area="assistive_devices", region="09"))
    assert links
    assert all(set(sentence) == {"sv", "en"} for link in links for sentence in link["sentences"])


@pytest.mark.slow
def test_a_run_that_nobody_waits_for_stops_and_one_that_is_shared_goes_on(engine, do) -> None:
    request = RunRequest(({**FUND, "name": "other"},), seeds=(5,), last_year=2026)

    async def story() -> tuple[list[Update], list[Update]]:
        one, two = engine.submit("anna", request), engine.submit("berit", request)
        left = asyncio.create_task(news(engine, one.id))
        stays = asyncio.create_task(news(engine, two.id))
        await asyncio.sleep(0)
        engine.cancel(one.id)
        return await left, await stays

    left, stays = do(story())
    assert left[-1].kind == "cancelled"
    assert stays[-1].kind == "done"

    async def alone() -> list[Update]:
        ticket = engine.submit("anna", replace(request, seeds=(6, 7, 8)))
        seen = []
        async for update in engine.listen(ticket.id):
            seen.append(update)
            if update.kind == "year":
                engine.cancel(ticket.id)
        while engine._tasks:
            await asyncio.sleep(0.05)
        return seen

    seen = do(alone())
    assert seen[-1].kind == "cancelled"
    assert seen[-1].done < 6 * 2


@pytest.mark.slow
def test_a_worker_that_dies_is_replaced_and_its_run_is_finished(engine, do) -> None:
    async def story() -> list[Update]:
        ticket = engine.submit("anna", RunRequest(({**FUND, "name": "third"},), seeds=(9,), last_year=2026))
        seen = []
        async for update in engine.listen(ticket.id):
            if update.kind == "year" and not any(u.kind == "year" for u in seen):
                busy = next(worker for worker in engine.pool.workers if worker.task is not None)
                os.kill(busy.process.pid, signal.SIGKILL)
            seen.append(update)
        return seen

    seen = do(story())
    assert seen[-1].kind == "done"
    assert len(engine.pool.workers) == 2


@pytest.mark.slow
def test_a_full_queue_says_so_and_tells_everybody_the_place(engine, do) -> None:
    async def story() -> None:
        engine.limits = replace(engine.limits, queue=3, queue_of_session=2)
        try:
            tickets = [
                engine.submit(who, RunRequest(({**FUND, "name": f"n{n}"},), seeds=(20 + n,), last_year=2025))
                for n, who in enumerate(("anna", "anna", "berit"))
            ]
            assert [engine.position(ticket.id) for ticket in tickets] == sorted(
                engine.position(ticket.id) for ticket in tickets
            )
            with pytest.raises(LimitReached) as full:
                engine.submit("cecilia", RunRequest((FUND,), seeds=(30,), last_year=2025))
            assert full.value.limit == "full"
            engine.limits = replace(engine.limits, queue=30)
            with pytest.raises(LimitReached) as own:
                engine.submit("anna", RunRequest((FUND,), seeds=(30,), last_year=2025))
            assert own.value.limit == "full_session"
            for ticket in tickets:
                engine.cancel(ticket.id)
                assert (await news(engine, ticket.id))[-1].kind in LAST_KINDS
        finally:
            engine.limits = Limits(workers=2)

    do(story())


@pytest.mark.parametrize(
    ("request_", "limit"),
    [
        (RunRequest((FUND,) * 5), "reforms"),
        (RunRequest((FUND,), seeds=tuple(range(11))), "seeds"),
        (RunRequest((FUND,), last_year=2060), "years"),
        (RunRequest((FUND,), scale="all"), "scale"),
        (RunRequest(("#" * 70_000,)), "file"),
    ],
)
def test_more_than_is_allowed_never_reaches_a_worker(engine, request_, limit) -> None:
    before = engine._counter
    with pytest.raises(LimitReached) as refused:
        engine.submit("anna", request_)
    assert refused.value.limit == limit
    assert engine._counter == before


def test_a_world_is_named_by_what_is_done_and_not_by_what_it_is_called(engine) -> None:
    base, (fund,) = engine.check(REQUEST)
    assert world_key(fund, 0, 1) == world_key(fund.replace(name="x", rationale="y"), 0, 1)
    assert len({world_key(s, d, n) for s in (base, fund) for d in (0, 1) for n in (1, 2)}) == 8
