"""Words for the generated tables of the model description: columns and calls of the schedule."""

from __future__ import annotations

#: Area → column of its patient table → meaning.
MEANINGS: dict[str, dict[str, str]] = {
    "orphan_drugs": {
        "id": "identity: person, year and drug; key of all the patient's luck",
        "drug": "drug (with its one indication)",
        "home": "region of residence, for good",
        "clinic": "clinic that meets the patient",
        "specialist": "specialist met, for good",
        "state": "undiagnosed, waiting, treated, in trial, stopped, gone",
        "way": "how the drug is had: none, benefit, clinic, exemption, referral, trial",
        "proposed": "whether the specialist proposes this patient for treatment; drawn once",
        "prefers_benefit": "whether the specialist meets this patient with a prescription; drawn once",
        "onset": "month from which the patient can be treated (months since January 2000)",
        "clock": "later of approval and diagnosis; −1 before diagnosis",
        "first_treated": "month of the first treatment outside a trial; −1 before",
    },
    "mental_health": {
        "id": "identity: person and year of onset; key of all the patient's luck",
        "staff": "post (row of the professional) that the patient meets",
        "centre": "centre where the person is listed",
        "onset": "month in which the need arose (months since January 2010)",
        "started": "month in which treatment first started; −1 before",
        "assessed": "month of the first assessment; −1 before",
        "state": "one of eleven states, see the submodel",
        "profile": "income group × 2 + severity (0 mild, 1 moderate to severe)",
        "home": "region of residence",
        "pays": "1 when the person pays fees",
        "decile": "national income decile 0–9",
        "band": "five-year age band",
    },
    "assistive_devices": {
        "id": "identity: person, year of onset and category; key of all the patient's luck",
        "municipality": "where the person lives now",
        "unit": "unit that answers for the need",
        "professional": "prescriber met there",
        "onset": "month in which the need arose or, if later, help was first wanted; −100: before January 2010",
        "home_region": "region of residence when the need arose",
        "category": "mobility, hearing, vision, cognition and communication, daily living, leisure",
        "income": "income group: low, middle, high",
        "band": "five-year age band",
        "decile": "income decile, for who gains and loses",
        "state": "one of thirteen states, see the submodel",
        "flags": "what the patient has ever had: assessment, device, suitable device; and whether help is wanted",
    },
}

#: "method: call" of ``CentralisationModel`` → what happens.
STEPS: dict[str, str] = {
    "step: self._tell_levers()": "when any dose changes, all handles are wiped and told anew",
    "step: self._january()": "the year's decisions, from the centre outwards:",
    "_january: self._take_stock()": "each agent's trust moves with what it was promised and told",
    "_january: self.state.january()": "tax bases are levelled; national bodies plan their year",
    "_january: do_each(self.regions, 'look_back')": "last year's rules are noted, for whoever asks later",
    "_january: do_each(self.regions, 'settle_rules')": (
        "regions judge trials, copy or try; members of a larger region settle common rules"
    ),
    "_january: self.state.settle_rules()": "national rules for what has been taken over are written, kept or mended",
    "_january: do_each(self.regions, 'january')": "each desk of each region settles last year and decides",
    "_january: do_each(self.municipalities, 'january')": "each municipality's desk for devices does the same",
    "_january: do_each(providers, 'january')": "clinics plan hours; centres want staff; units divide hours",
    "_january: area.january()": "staff markets, rules in force, moves, and the year's new needs",
    "step: do_each(self.regions, 'drug_round')": "regions decide on clinic drugs that are open questions",
    "step: self.areas['orphan_drugs'].drug_round()": "the round's probabilities are noted for the twin",
    "step: area.month()": "patients live a month; the twin follows; providers publish; money moves",
    "step: self._observe()": "whoever wants to look at the month does; looking changes nothing",
    "step: self.records.extend((area.close_year() for area in self.areas.values()))": (
        "the year's books are closed"
    ),
    "step: self.calendar.month += 1": "time moves",
}
