"""A workshop as people hold it: a facilitator on a projector, three participants on phones, in a real browser."""

from __future__ import annotations

import csv
import re

import pytest

from tests.server.browser import PHONE, PROJECTOR, downloaded

pytestmark = pytest.mark.slow

#: Five seeds on a machine that does much else.
LONG = 400.0


def opened(window) -> str:
    """Open a workshop from the start page; returns its code."""
    window.open("/").press("Öppna en workshop").sees("Visa koden")
    code = window.says(".join-code").replace(" ", "")
    assert re.fullmatch(r"[A-Z0-9]{6}", code)
    return code


def joined(window, code: str, region: str, lang: str = "sv"):
    """Join from a phone."""
    window.open(f"/join/{code}")
    if lang == "en":
        window.press("English").sees("Which region")
    label = "Vilken region gäller dina svar?" if lang == "sv" else "Which region are your answers about?"
    window.named(label, "select").send_keys(region)
    window.press("Gå med" if lang == "sv" else "Join")
    return window.sees("Du är med" if lang == "sv" else "You are in")


def test_a_room_votes_predicts_and_sees_the_model(windows, pictures):
    room = facilitator, anna, bo, eva = windows(PROJECTOR), windows(PHONE), windows(PHONE), windows(PHONE)
    code = opened(facilitator)
    facilitator.picture(pictures, "join_projector")
    anna.open(f"/join/{code}").sees("Vilken region")
    anna.picture(pictures, "join_phone")
    joined(anna, code, "Norrbotten")
    joined(bo, code, "Stockholm")
    joined(eva, code, "No region", "en")
    facilitator.sees("3 med")
    they_vote(room, pictures)
    they_predict(room, pictures)
    sentence = they_see_the_answer(room, pictures)
    they_see_results(room, pictures, sentence)
    for window in room:
        assert not window.is_too_wide()
        assert window.unnamed_controls() == []


def they_vote(room, pictures):
    """Under a budget: too much is refused with a reason, and every phone has its own language."""
    facilitator, anna, bo, eva = room
    facilitator.press("Öppna röstning").sees("0 av 3 har röstat")
    budget = int(re.search(r"högst (\d+) miljoner", anna.sees("Kvar av budgeten").text).group(1))
    anna.press("Öronmärkt statsstöd").press("Kostnadsneutrala").press("Statsbidrag")
    anna.sees("för mycket").press("Rösta").sees(f"budgeten är {budget}")
    anna.picture(pictures, "vote_phone")
    anna.press("Öronmärkt statsstöd").press("Kostnadsneutrala").press("Statsbidrag")
    anna.press("Samordnad nationell förhandling").press("Rösta").sees("Din röst är mottagen")
    bo.press("Samordnad nationell förhandling").press("Rösta").sees("Din röst är mottagen")
    eva.sees("What do you want to do?").press("State grant for individual patients").press("Vote")
    eva.sees("Your vote has been received")
    facilitator.sees("3 av 3 har röstat")
    facilitator.press("Stäng och räkna röster").sees("Så röstade rummet")
    anna.sees("Så röstade rummet")
    facilitator.picture(pictures, "tally_projector")
    facilitator.press("Gör rummets paket till en reform").sees("Rummets paket 1")


def they_predict(room, pictures):
    """Everybody, before anybody sees."""
    facilitator, anna, bo, eva = room
    facilitator.press("Fråga rummet").sees("Kommer skillnaden mellan regionerna att minska?")
    assert "Samordnad nationell förhandling" in facilitator.text
    facilitator.picture(pictures, "ask_projector")
    anna.sees("Och i Norrbotten").press("Svara").sees("Välj ett svar på varje fråga först")
    anna.press("Skillnaden minskar", "att minska?").sees_no_more("Välj ett svar på varje fråga först")
    anna.press("något: 0,5", "att minska?")
    anna.press("Färre får vård i tid", "i Norrbotten").press("väldigt mycket", "i Norrbotten")
    anna.picture(pictures, "predict_phone")
    anna.press("Svara").sees("Ditt svar är mottaget")
    bo.sees("Och i Stockholm").press("Skillnaden ökar", "att minska?").press("lite:", "att minska?")
    bo.press("Det går inte att säga", "i Stockholm").press("Svara").sees("Ditt svar är mottaget")
    eva.sees("Will the difference between regions shrink?").press("It cannot be told").press("Answer")
    eva.sees("Your answer has been received")
    assert "In" not in [word.strip() for word in eva.text.split("\n")]  # nothing asked about a region of hers
    facilitator.sees("3 av 3 har svarat", LONG)


def they_see_the_answer(room, pictures) -> str:
    """The room's answers first, then the model's on every screen at once; returns what it says."""
    facilitator, anna, _, eva = room
    facilitator.press("Stäng och visa rummets svar")
    anna.sees("Du svarade: Skillnaden minskar, något")
    for window in (facilitator, anna):
        assert "Modellens svar" not in window.says("main" if window is anna else ".stage")
    facilitator.sees("Norrbotten")
    facilitator.picture(pictures, "room_projector")
    facilitator.press("Visa modellens svar").sees("Modellens svar är klart (5 slumpfrön)", LONG)
    sentence = facilitator.says(".verdict")
    assert any(
        words in sentence for words in ("minskar med", "ökar med", "Ungefär som", "Det går inte att säga")
    )
    anna.until(lambda: anna.says(".verdict") == sentence, "the same sentence on the phone", LONG)
    eva.sees("The model's answer")
    assert "procentenheter" not in eva.text
    facilitator.picture(pictures, "answer_projector")
    anna.picture(pictures, "answer_phone")

    return sentence


def they_see_results(room, pictures, sentence):
    """Nobody can predict what has been seen; the facilitator chooses a view and takes the minutes."""
    facilitator, anna, *_ = room
    facilitator.press("Fråga rummet").sees("Rummet har redan sett svaret")
    facilitator.choose("Vy", "Karta").press("Visa resultat")
    anna.until(lambda: len(anna.driver.find_elements("css selector", ".tile")) >= 21, "the map on the phone")
    facilitator.picture(pictures, "map_projector")
    facilitator.press("Ladda ned protokoll")
    file = facilitator.until(
        lambda: next(downloaded(facilitator.downloads, "workshop_*.csv"), None), "the minutes"
    )
    rows = list(csv.reader(file.read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert [row[2] for row in rows if row[0] == "Modellens svar"] == [sentence]
    assert ["Skillnaden minskar, något: 0,5–1 procentenheter", "1"] in [row[2:] for row in rows]
    assert ["Röster", "Samordnad nationell förhandling och inköp", "i paketet", "2"] in rows


def test_a_phone_that_is_reloaded_is_the_same_participant_with_the_same_answer(windows):
    facilitator, phone = windows(PROJECTOR), windows(PHONE)
    code = opened(facilitator)
    joined(phone, code, "Kalmar")
    facilitator.press("Öppna röstning")
    phone.press("Nationell bedömningsfunktion").press("Rösta").sees("Din röst är mottagen")
    phone.driver.refresh()
    phone.sees("Ändra rösten").open(f"/join/{code}").sees("Ändra rösten")
    facilitator.sees("1 av 1 har röstat")
    assert (
        phone.named("Nationell bedömningsfunktion", "[role=checkbox]").get_attribute("aria-checked") == "true"
    )
    phone.press("Byt region").sees("Vilken region")
    phone.named("Vilken region gäller dina svar?", "select").send_keys("Gotland")
    phone.press("Gå med").sees("Din region: Gotland")
    facilitator.sees("1 med")


def test_the_projector_window_follows_the_facilitator_and_steers_nothing(windows):
    facilitator, screen = windows(PROJECTOR), windows(PROJECTOR)
    code = opened(facilitator)
    screen.open(f"/screen/{code}").sees("Var med från telefonen")
    assert "Öppna röstning" not in screen.text
    facilitator.press("Öppna röstning")
    screen.sees("Vad vill ni göra?").sees("0 av 0 har röstat")
    facilitator.press("English").sees("Open the vote")
    screen.press("English").sees("What do you want to do?")
    facilitator.press("Show the code")
    screen.sees("Join from your phone")


def test_a_wrong_code_and_somebody_elses_room_open_nothing(phone):
    phone.open("/").write("Kod från skärmen", "XXXXXX")
    phone.press("Gå med").sees("Det finns ingen workshop med koden XXXXXX")
    phone.open("/room/XXXXXX").sees("Det finns ingen workshop")
    phone.open("/workshop/none").sees("Sessionen finns inte")


def test_who_has_not_joined_is_sent_to_the_region_first(windows):
    facilitator, phone = windows(PROJECTOR), windows(PHONE)
    code = opened(facilitator)
    phone.open(f"/room/{code}").sees("Vilken region gäller dina svar?")
    assert not phone.is_too_wide()
    assert phone.unnamed_controls() == []
