"""What a region does for single patients when no channel to their drug is open: exemption, referral, paying on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.agents.drug_desk import OwnRules
    from sim.agents.handles import Handles, Standard
    from sim.agents.region import Region

AREA = "orphan_drugs"
#: No chance of an exception in a month is higher than this, so that exemption and referral leave room.
_HIGHEST = 0.5


class Exceptions:
    """The part of the drug desk that meets single patients.

    It knows its own rule, its own use of the drug grant and what it has been told; it wants to keep to its
    own rule, may use money and referrals as far as it is allowed, and must send cases on where it is bound to.

    Attributes:
        region: The region.
        rules: Its own rules.
        room_left: Whether what it may use of the drug grant for single patients lasts.
        own_level: What exemptions cost in the year before it was allowed to use the grant, SEK; None before.
    """

    def __init__(self, region: Region, rules: OwnRules) -> None:
        self.region = region
        self.rules = rules
        self.room_left = True
        self.own_level: float | None = None
        self._degrees: dict[str, tuple[int, Standard, float]] = {}

    def _value(self, name: str) -> float:
        return float(self.region.model.parameters[f"{AREA}.{name}"])

    @property
    def _told(self) -> Handles:
        return self.region.handles[AREA]

    def _followed(self, content: str) -> float:
        """How far it follows what is stated, decided once a year."""
        told = self._told.standards.get(content)
        if told is None:
            return 0.0
        year = self.region.model.calendar.year
        if self._degrees.get(content, (0, told, 0.0))[:2] != (year, told):
            fit = 0.0
            if content == "outside_benefit":
                stated = self._stated(1.0 - 2.0 * float(told.value))
                fit = self.region.steering.closeness(self.rules.p_exemption, stated)
            degree = self.region.steering.follows(AREA, content, told, fit)
            self._degrees[content] = (year, told, degree)
        return self._degrees[content][2]

    def _stated(self, leniency: float) -> float:
        """Monthly probability of an exemption under a stated rule."""
        return self._value("exemption_per_month") * math.exp(self._value("strict_rule_effect") * leniency)

    def _strictness(self) -> tuple[float, float]:
        """How far a stated rule for drugs outside the benefit is followed, and its leniency, −1 to 1."""
        told = self._told.standards.get("outside_benefit")
        return self._followed("outside_benefit"), 0.0 if told is None else 1.0 - 2.0 * float(told.value)

    def sends(self) -> float:
        """Share of its cases that it sends to a national committee."""
        return self._followed("cases_to_committee")

    def uses_grant(self) -> float:
        """How far it pays single patients out of the drug grant: 0 if the rule is too unclear to it.

        It is allowed to and nobody asks it to, so there is nothing to comply with: it decides by its own caution.
        """
        allowed = self._told.permissions.get("grant_pays_individuals", 0.0)
        if allowed <= 0.0:
            return 0.0
        unclear, clear = self._value("grant_rule_unclear"), self._value("grant_rule_clear")
        clarity = unclear + (clear - unclear) * self._told.information.get("grant_rule", 0.0)
        return allowed if self.rules.caution < clarity else 0.0

    def watch_room(self, spent: float, last_year: float, part_of_year: float, grant: float) -> None:
        """Compare what exemptions cost beyond its own earlier level with what it may use of the grant.

        Args:
            spent: Cost of exemptions so far this year, SEK.
            last_year: Cost of exemptions last year, SEK.
            part_of_year: How much of the year has passed, above 0 and at most 1.
            grant: The year's drug grant, orphan part, SEK.
        """
        if self.uses_grant() <= 0.0:
            self.own_level = None
            return
        if self.own_level is None:
            self.own_level = last_year
        had = self.room_left
        room = self._told.prices.get("grant_share_for_individuals", 0.0) * grant
        beyond = spent - self.own_level * part_of_year
        self.room_left = room > 0.0 and beyond < room * part_of_year
        if had and not self.room_left:
            self.region.model.log_decision(
                f"region {self.region.code}",
                AREA,
                "grant for single patients used up",
                spent,
                "exemptions have cost what may be used of the drug grant",
            )

    def _gain(self) -> float:
        used = self.uses_grant() if self.room_left and self.own_level is not None else 0.0
        return self._value("subsidy_exemption_gain") ** used if used > 0.0 else 1.0

    def p_exemption(self, committee_chance: float) -> float:
        """Monthly probability of an individual exemption.

        Args:
            committee_chance: Monthly probability of a yes from a national committee.
        """
        chance = self.rules.p_exemption
        follows, leniency = self._strictness()
        if follows > 0.0:
            chance = chance ** (1.0 - follows) * self._stated(leniency) ** follows
        chance *= self._gain()
        sent = self.sends()
        if sent > 0.0:
            chance = (1.0 - sent) * chance + sent * committee_chance
        return min(chance, _HIGHEST)

    def p_continue(self, committee_yes: float) -> float:
        """Probability of paying on when a trial closes or a benefit ends.

        Args:
            committee_yes: Probability of a yes in time from a national committee.
        """
        chance = self.rules.p_continue
        follows, leniency = self._strictness()
        if follows > 0.0:
            odds = self._value("trial_continuation") / (1.0 - self._value("trial_continuation"))
            odds *= math.exp(self._value("strict_rule_effect") * leniency)
            chance = (1.0 - follows) * chance + follows * odds / (1.0 + odds)
        gain = self._gain()
        if gain != 1.0:
            chance = chance * gain / (1.0 - chance + chance * gain)
        sent = self.sends()
        return chance if sent <= 0.0 else (1.0 - sent) * chance + sent * committee_yes

    def extra_cost_share(self) -> float:
        """Share of the extra price of treatment elsewhere that it pays itself."""
        return self._told.prices.get("referral_cost_share", 1.0)

    def p_referral(self) -> float:
        """Monthly probability of treatment elsewhere: it answers to what that costs it beyond the drug."""
        spared = 1.0 - self.extra_cost_share()
        if spared <= 0.0:
            return self.rules.p_referral
        extra = self._value("referral_price_factor") - 1.0
        return min(
            self.rules.p_referral * math.exp(self._value("referral_price_response") * extra * spared),
            _HIGHEST,
        )
