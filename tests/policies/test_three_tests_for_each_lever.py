"""A register: for each lever, the tests of its causal chain, of what may go wrong and of its end where a link is cut.

A row names three tests as ``file::function``; ``[value]`` after a parametrised one names a value that one of its cases
must have. A test counts only if it speaks of the lever: in its cases, itself, or through helpers, fixtures and
constants of the tests that it uses.

*chain*: who was told, who decided, what was bought, who was treated. *watch*: what the lever's page says may go wrong
happens under stated conditions. *cut*: the effect vanishes when a link is cut.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

import pytest

from sim.policies.registry import levers
from sim.scenario.schema import LeverUse

_P, _C = "tests.policies.test_", "tests.care.test_"
#: Short name of a file in the rows below → its module.
FILES = {
    "generic": f"{_P}generic",
    "fund": f"{_P}orphan_earmarked_fund",
    "national": f"{_P}orphan_national",
    "regional": f"{_P}orphan_regional",
    "drugs": f"{_P}drugs_in_force",
    "companies": f"{_C}orphan_drugs_companies",
    "drug_area": f"{_C}orphan_drugs_area",
    "mental": f"{_P}mental",
    "staff": f"{_P}mental_staff",
    "mental_today": f"{_P}mental_in_force",
    "mental_levers": f"{_C}mental_health_levers",
    "devices": f"{_P}devices",
    "all_devices": f"{_P}devices_all",
    "practice": f"{_P}devices_practice",
    "chain": f"{_P}knowledge_chain_levers",
    "followup": f"{_P}knowledge_followup",
    "patients": f"{_P}from_guidance_to_patients",
    "takeover": f"{_P}structure_takeover",
    "merger": f"{_P}structure_merger",
    "terms": f"{_P}structure_terms",
}

_GENERIC_CHAIN = "generic::test_somebody_is_told_decides_otherwise_and_patients_meet_it"
_GENERIC_CUT = "generic::test_with_its_link_cut_an_instrument_changes_nothing_for_patients"
_AIDS_CUT = "all_devices::test_when_a_link_is_cut_nobody_is_treated_otherwise"
_AIDS_IN_ONE = "all_devices::test_told_in_one_region_it_changes_that_region_and_nobody_else"
_TOLD_IN_ONE = "chain::test_told_in_one_region_its_units_change_and_no_others"
_TO_PATIENTS = "patients::test_told_in_one_region_its_units_apply_more_and_its_patients_gain"
_NO_PATIENT = "patients::test_when_a_link_is_cut_no_patient_meets_anything_else"
_ONE_LINK = "chain::test_no_help_with_one_link_gets_past_another_that_is_cut"
_NO_RECEIVER = "followup::test_without_a_receiver_follow_up_changes_nothing_but_what_it_costs"

#: Lever → its three tests: chain, watch, cut.
TESTS: dict[str, tuple[str, str, str]] = {
    # generic instruments
    "earmarked_grant": (
        f"{_GENERIC_CHAIN}[earmarked_grant]",
        "generic::test_own_money_is_withdrawn_unless_the_terms_keep_it",
        f"{_GENERIC_CUT}[earmarked_grant]",
    ),
    "binding_standard": (
        f"{_GENERIC_CHAIN}[binding_standard]",
        "generic::test_a_staffing_law_is_not_met_where_staff_cannot_be_found",
        f"{_GENERIC_CUT}[binding_standard]",
    ),
    "advisory_norm": (
        f"{_GENERIC_CHAIN}[advisory_norm]",
        "generic::test_a_norm_changes_nothing_where_it_is_already_met",
        f"{_GENERIC_CUT}[advisory_norm]",
    ),
    "national_decision": (
        f"{_GENERIC_CHAIN}[national_decision]",
        "generic::test_a_small_body_leaves_matters_waiting_in_every_area",
        f"{_GENERIC_CUT}[national_decision]",
    ),
    "guarantee": (
        f"{_GENERIC_CHAIN}[guarantee]",
        "generic::test_a_guarantee_at_drug_clinics_starts_sooner_and_follows_up_less",
        f"{_GENERIC_CUT}[guarantee]",
    ),
    "feedback": (
        f"{_GENERIC_CHAIN}[feedback]",
        "generic::test_results_that_nobody_is_shown_only_cost_hours",
        f"{_GENERIC_CUT}[feedback]",
    ),
    # drugs in force
    "state_drug_grant": (
        "drugs::test_with_less_of_the_grant_a_region_is_pressed_introduces_less_and_treats_fewer",
        "drugs::test_the_grant_comes_by_inhabitants_whatever_a_region_does_with_it",
        "drugs::test_where_budgets_weigh_nothing_the_grant_steers_nobody",
    ),
    "tripartite_rebates": (
        "companies::test_after_negotiations_began_dear_drugs_get_into_the_benefit_at_a_rebate",
        "drugs::test_a_secret_rebate_leaves_all_outside_the_talks_to_judge_value_by_the_list_price",
        "drugs::test_talks_in_which_companies_give_nothing_change_nothing",
    ),
    "nt_council": (
        "drugs::test_regions_take_up_what_the_council_recommends_and_leave_what_it_does_not",
        "drugs::test_the_councils_word_is_voluntary_and_regions_wait_for_it",
        "drugs::test_a_body_to_which_no_drug_is_sent_changes_nothing[nt_council]",
    ),
    "national_benefit": (
        "drugs::test_what_the_agency_says_yes_to_is_prescribed_and_treats_more_people",
        "drug_area::test_fabry_leaves_the_benefit_in_january_2025_and_becomes_the_regions_matter",
        "drugs::test_a_benefit_to_which_nobody_applies_treats_and_pays_nobody",
    ),
    "drug_committee_law": (
        "drug_area::test_a_rule_for_gotland_alone_moves_nobody_else",
        "drugs::test_when_the_law_is_repealed_some_regions_drop_their_committee_and_introduce_later",
        "drugs::test_the_law_changes_nothing_where_a_region_assesses_as_fast_without_a_committee",
    ),
    # orphan drugs
    "orphan_earmarked_fund": (
        "fund::test_the_chain_holds_from_the_state_to_the_patient_of_one_region",
        "fund::test_a_small_post_runs_out_and_the_state_says_so",
        "fund::test_the_effect_vanishes_when_budgets_weigh_nothing",
    ),
    "orphan_individual_subsidy": (
        "regional::test_a_region_that_may_use_the_grant_treats_more_single_patients_with_it",
        "regional::test_an_unclear_rule_is_used_by_some_regions_only",
        "regional::test_the_permission_does_nothing_without_gain_room_grant_or_clarity",
    ),
    "orphan_national_assessment": (
        "national::test_all_regions_get_the_committees_answer_when_it_binds",
        "national::test_a_committee_with_too_little_time_treats_fewer",
        "national::test_a_committee_that_no_region_asks_changes_nothing",
    ),
    "orphan_prescribing_rules": (
        "regional::test_regions_move_to_the_common_rule_from_their_own_side_and_generous_ones_are_levelled_down",
        "regional::test_regions_move_to_the_common_rule_from_their_own_side_and_generous_ones_are_levelled_down",
        "regional::test_an_agreement_that_nobody_follows_changes_nothing",
    ),
    "orphan_national_procurement": (
        "national::test_one_decision_and_one_price_are_carried_out_by_every_region",
        "national::test_a_slow_or_small_function_keeps_everybody_waiting",
        "drugs::test_a_body_to_which_no_drug_is_sent_changes_nothing[orphan_national_procurement]",
    ),
    "orphan_referral_neutrality": (
        "regional::test_a_region_spared_the_extra_price_refers_more_and_others_bear_it",
        "regional::test_the_clinics_that_receive_have_more_to_do",
        "regional::test_where_price_does_not_hold_back_nobody_refers_more",
    ),
    "orphan_value_threshold": (
        "national::test_the_agency_accepts_dearer_drugs_for_few_and_very_ill_and_costs_grow",
        "national::test_the_agency_accepts_dearer_drugs_for_few_and_very_ill_and_costs_grow",
        "national::test_a_model_that_concerns_nobody_or_accepts_no_more_changes_nothing",
    ),
    "national_drug_council": (
        "national::test_the_public_council_recommends_with_more_weight",
        "national::test_a_slower_council_is_followed_later",
        "national::test_a_council_of_the_same_pace_price_and_weight_is_the_old_one_under_a_new_name",
    ),
    "drug_cost_responsibility": (
        "regional::test_a_region_relieved_of_its_benefit_cost_introduces_and_treats_more",
        "drugs::test_who_pays_nothing_lets_cost_grow_and_who_pays_all_gives_access_less_room",
        "regional::test_money_moves_nobody_when_budgets_weigh_nothing_and_prices_stand",
    ),
    # mental ill-health in primary care
    "care_guarantee_today": (
        "mental_levers::test_a_lever_limited_to_gotland_tells_nobody_else",
        "mental_levers::test_the_guarantee_moves_hours_from_treatment_to_first_visits",
        "mental_levers::test_a_guarantee_that_cannot_move_hours_changes_nothing",
    ),
    "mental_state_grant": (
        "mental_today::test_the_grant_is_paid_buys_staff_and_they_treat_people",
        "mental_levers::test_money_draws_staff_from_other_employers_and_they_go_back_when_it_ends",
        "mental_today::test_a_grant_that_only_replaces_own_money_treats_nobody",
    ),
    "mental_national_helpline": (
        "mental_today::test_the_line_answers_calls_and_callers_are_assessed_and_treated_at_their_centres",
        "mental_today::test_the_line_refers_people_into_queues_where_no_staff_is_added",
        "mental_today::test_a_line_that_answers_no_call_changes_nothing",
    ),
    "mental_mission_and_competence": (
        "staff::test_the_mission_makes_region_and_centre_want_staff_which_treats_people",
        "staff::test_where_supply_is_short_the_mission_ends_in_vacancies_and_draws_staff_from_elsewhere",
        "staff::test_without_staff_to_recruit_and_without_money_the_mission_treats_nobody_more",
    ),
    "mental_care_guarantee": (
        "mental::test_the_guarantee_moves_hours_to_what_it_counts",
        "mental::test_first_visits_displace_treatment_when_only_some_professions_count",
        "mental::test_a_guarantee_that_moves_no_hours_and_counts_everybody_changes_nothing",
    ),
    "mental_staffing_norms": (
        "staff::test_a_norm_treats_more_people_in_the_end_and_none_when_nobody_heeds_advice",
        "staff::test_a_long_time_passes_before_the_norms_staff_exist",
        "staff::test_a_norm_treats_more_people_in_the_end_and_none_when_nobody_heeds_advice",
    ),
    "mental_shared_employment": (
        "staff::test_a_small_centre_shares_a_post_and_gets_a_certain_part",
        "staff::test_travel_eats_hours_and_stops_remote_centres_from_sharing",
        "staff::test_sharing_among_one_employer_is_no_sharing",
    ),
    "mental_psychological_lead": (
        "staff::test_a_lead_moves_practice_towards_the_guidelines",
        "staff::test_nobody_leads_where_there_is_no_psychologist",
        "staff::test_a_lead_without_effect_on_practice_only_costs_hours",
    ),
    "mental_training_posts": (
        "staff::test_simpler_rules_train_more_and_the_trained_treat",
        "staff::test_new_training_posts_arise_where_psychologists_already_are",
        "staff::test_fewer_supervisors_or_no_answer_to_simpler_rules_mean_fewer_places",
    ),
    "mental_national_information": (
        "mental::test_told_residents_ask_and_more_of_them_are_treated",
        "mental::test_more_demand_meets_the_same_staff",
        "mental::test_information_that_moves_nobody_changes_nothing",
    ),
    "mental_supply_mapping": (
        "mental::test_care_moves_to_centres_where_the_map_shows_posts_missing_and_patients_wait",
        "mental::test_reporting_takes_time_from_patients",
        "mental::test_a_map_that_nobody_uses_and_costs_nothing_changes_nothing",
    ),
    "care_pathway_agreement": (
        "mental::test_pathways_bring_money_and_move_practice",
        "mental::test_too_many_pathways_are_taken_in_less_well_and_crowd_out_patients",
        "mental::test_pathways_without_money_time_or_effect_change_nothing",
    ),
    # assistive devices
    "consumables_price": (
        "devices::test_one_national_price_is_what_a_year_of_consumables_costs_in_every_region",
        "devices::test_the_price_of_consumables_is_a_control_that_fee_reforms_do_not_move_nor_it_them",
        "devices::test_a_national_price_that_all_regions_already_take_changes_nothing",
    ),
    "aids_fee_cap": (
        "devices::test_the_cap_reaches_the_patient_through_the_regions_own_decision",
        "devices::test_lost_fees_narrow_the_assortment_unless_the_state_replaces_them",
        f"{_AIDS_CUT}[aids_fee_cap]",
    ),
    "aids_national_tariff": (
        f"{_AIDS_IN_ONE}[aids_national_tariff]",
        "devices::test_advised_prices_erode_with_the_years_and_not_when_advice_lasts",
        f"{_AIDS_CUT}[aids_national_tariff]",
    ),
    "aids_assortment_review": (
        "devices::test_a_reviewed_assortment_is_bought_by_regions_that_have_less_and_reaches_patients",
        "devices::test_a_broader_assortment_costs_more_and_the_budget_takes_some_back",
        f"{_AIDS_CUT}[aids_assortment_review]",
    ),
    "aids_category_definition": (
        "devices::test_listed_categories_rise_to_the_floor_and_the_rest_level_down",
        "devices::test_listed_categories_rise_to_the_floor_and_the_rest_level_down",
        f"{_AIDS_CUT}[aids_category_definition]",
    ),
    "aids_responsibility_split": (
        "devices::test_with_one_owner_nobody_is_sent_between_region_and_municipality",
        "devices::test_costs_and_cases_move_to_municipalities_before_the_hours_do",
        f"{_AIDS_CUT}[aids_responsibility_split]",
    ),
    "aids_portability": (
        "devices::test_movers_keep_their_device_and_regions_settle_between_them",
        "devices::test_movers_keep_their_device_and_regions_settle_between_them",
        f"{_AIDS_CUT}[aids_portability]",
    ),
    "aids_rehab_mission": (
        "practice::test_the_mission_gives_longer_visits_better_fit_and_more_follow_up",
        "practice::test_longer_cases_lengthen_the_queue_and_fewer_are_helped_in_time",
        f"{_AIDS_CUT}[aids_rehab_mission]",
    ),
    "aids_care_guarantee": (
        f"{_AIDS_IN_ONE}[aids_care_guarantee]",
        "practice::test_late_units_move_hours_to_assessment_and_fit_worse",
        f"{_AIDS_CUT}[aids_care_guarantee]",
    ),
    "aids_consumer_product_criteria": (
        f"{_AIDS_IN_ONE}[aids_consumer_product_criteria]",
        "practice::test_a_rule_stricter_than_local_habit_refuses_more",
        f"{_AIDS_CUT}[aids_consumer_product_criteria]",
    ),
    "aids_prescribing_practice": (
        "practice::test_prescribers_told_of_individual_cases_raise_them_and_people_get_what_suits",
        "practice::test_cases_outside_the_assortment_cost_more_and_the_budget_feels_it",
        f"{_AIDS_CUT}[aids_prescribing_practice]",
    ),
    "aids_outcome_followup": (
        f"{_AIDS_IN_ONE}[aids_outcome_followup]",
        "practice::test_reporting_takes_time_from_patients",
        f"{_AIDS_CUT}[aids_outcome_followup]",
    ),
    "aids_knowledge_centre": (
        "practice::test_what_the_centre_teaches_is_learnt_with_time_and_fits_better",
        "practice::test_where_the_queue_leaves_no_time_nobody_learns",
        f"{_AIDS_CUT}[aids_knowledge_centre]",
    ),
    # follow-up
    "followup_of_initiatives": (
        "patients::test_an_initiative_that_is_cut_down_pays_for_less_staff_and_fewer_are_treated",
        f"{_NO_RECEIVER}[followup_of_initiatives]",
        f"{_NO_RECEIVER}[followup_of_initiatives]",
    ),
    "followup_of_needs": (
        "patients::test_a_region_that_is_seen_to_lag_hires_for_the_money_that_is_sent_there_instead",
        "followup::test_more_staff_sees_no_more_than_there_are_data_for",
        f"{_NO_RECEIVER}[followup_of_needs]",
    ),
    "ministry_analysis_capacity": (
        "patients::test_a_region_that_is_seen_to_lag_hires_for_the_money_that_is_sent_there_instead",
        "followup::test_where_nothing_is_seen_analysis_redirects_hardly_anything",
        "followup::test_a_receiver_without_a_picture_or_a_will_to_redirect_does_nothing",
    ),
    "data_sharing_strategy": (
        "patients::test_shared_data_give_units_hours_back_that_help_more_people_in_time",
        "followup::test_shared_data_take_years_and_let_follow_up_see_more",
        f"{_NO_RECEIVER}[data_sharing_strategy]",
    ),
    "evaluable_reform_design": (
        "followup::test_a_lever_that_needs_another_changes_care_beside_it_and_not_alone[evaluable_reform_design]",
        "followup::test_a_new_grant_starts_later_in_some_regions_and_then_reaches_all",
        "followup::test_old_grants_are_not_staged",
    ),
    # knowledge
    "open_comparisons": (
        f"{_TO_PATIENTS}[open_comparisons]",
        "chain::test_comparisons_alone_are_too_weak_to_close_the_gap",
        f"{_NO_PATIENT}[open_comparisons]",
    ),
    "ten_year_agreement": (
        f"{_TOLD_IN_ONE}[ten_year_agreement]",
        "chain::test_contradicting_assignments_undo_part_of_the_agreement",
        f"{_ONE_LINK}[ten_year_agreement]",
    ),
    "coherent_agency_steering": (
        f"{_TOLD_IN_ONE}[coherent_agency_steering]",
        "chain::test_agencies_that_keep_their_agendas_leave_professionals_as_busy_as_before",
        f"{_ONE_LINK}[coherent_agency_steering]",
    ),
    "practice_conditions": (
        f"{_TOLD_IN_ONE}[practice_conditions]",
        "chain::test_time_to_learn_raises_the_ceiling_and_is_taken_from_patients",
        "chain::test_without_use_for_the_time_only_the_loss_of_hours_is_left",
    ),
    "national_coordinator": (
        f"{_TOLD_IN_ONE}[national_coordinator]",
        "chain::test_a_coordinator_leaves_nothing_behind_in_the_links",
        f"{_ONE_LINK}[national_coordinator]",
    ),
    "competence_council": (
        "patients::test_training_places_asked_for_by_one_region_become_staff_who_treat_its_people",
        "patients::test_the_councils_advice_treats_nobody_until_the_trained_are_ready",
        f"{_NO_PATIENT}[competence_council]",
    ),
    "binding_guidelines": (
        f"{_TOLD_IN_ONE}[binding_guidelines]",
        "chain::test_guidelines_that_bind_are_applied_sooner_fit_worse_and_cost_good_will",
        f"{_NO_PATIENT}[binding_guidelines]",
    ),
    "national_knowledge_service": (
        f"{_TO_PATIENTS}[national_knowledge_service]",
        "chain::test_the_knowledge_service_costs_from_the_first_day_and_reaches_units_over_years",
        f"{_NO_PATIENT}[national_knowledge_service]",
    ),
    "ivo_supervision": (
        "patients::test_where_the_law_is_supervised_more_units_apply_it_and_their_patients_gain",
        "patients::test_few_inspections_do_less_for_patients_than_many",
        f"{_NO_PATIENT}[ivo_supervision]",
    ),
    "national_specialised_care": (
        "patients::test_patients_near_a_national_site_start_sooner_and_those_far_away_later",
        "patients::test_patients_near_a_national_site_start_sooner_and_those_far_away_later",
        "chain::test_patients_met_at_national_sites_gain_skill_and_lose_by_distance",
    ),
    "rss_strengthening": (
        f"{_TO_PATIENTS}[rss_strengthening]",
        "chain::test_support_is_paid_for_built_up_and_wears_off_when_the_money_ends",
        f"{_NO_PATIENT}[rss_strengthening]",
    ),
    "municipal_knowledge_support": (
        f"{_TO_PATIENTS}[municipal_knowledge_support]",
        "chain::test_guidance_that_fits_does_less_where_there_is_no_capacity_to_use_it",
        f"{_NO_PATIENT}[municipal_knowledge_support]",
    ),
    "mandatory_mar": (
        "patients::test_a_rehabilitation_lead_follows_up_more_devices_and_leaves_fewer_hours_for_new_ones",
        "chain::test_a_municipality_that_must_gets_a_lead_follows_up_more_and_has_fewer_hours_to_prescribe",
        "chain::test_a_law_on_leads_that_nobody_follows_changes_nothing",
    ),
    # structure
    "state_takeover": (
        "takeover::test_the_state_decides_once_on_a_drug_and_all_regions_follow",
        "takeover::test_responsibility_becomes_unclear_at_the_border_to_municipal_care_and_more_people_wait",
        "takeover::test_regions_that_are_not_told_go_on_deciding_and_a_decision_nobody_follows_changes_nothing",
    ),
    "region_merger": (
        "merger::test_a_larger_region_introduces_drugs_together_and_gives_all_what_most_have",
        "merger::test_common_rules_are_the_members_own_weighted_by_inhabitants_and_half_a_merger_goes_half_way",
        "merger::test_a_merger_of_strength_nought_or_of_one_region_told_changes_no_bit",
    ),
    "income_equalisation": (
        "terms::test_levelling_lets_the_region_with_least_to_tax_plan_for_more_and_treat_more",
        "terms::test_levelled_tax_bases_leave_differences_in_need_as_they_are",
        "terms::test_where_no_desk_plans_with_its_means_no_patient_notices_that_money_moved[income_equalisation]",
    ),
    "cost_equalisation": (
        "terms::test_more_money_treats_more_where_need_is_greatest_and_fewer_where_it_is_least",
        "terms::test_money_for_need_hardly_reaches_users_of_devices_where_budgets_do_not_decide_the_assortment",
        "terms::test_where_no_desk_plans_with_its_means_no_patient_notices_that_money_moved[cost_equalisation]",
    ),
    "multi_year_health_bill": (
        "terms::test_stable_terms_build_trust_through_which_guidance_reaches_units_and_their_patients",
        "terms::test_a_bill_moves_no_money_and_no_rule",
        "terms::test_a_bill_changes_nothing_where_neither_trust_nor_calm_opens_a_link",
    ),
}


def spoken(value: Any) -> Iterator[str]:
    """Names of levers that a value can stand for: texts, uses of levers, and what collections hold of them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, LeverUse):
        yield value.id
    elif isinstance(value, dict):
        for item in value.items():
            yield from spoken(item)
    elif isinstance(value, tuple | list | set | frozenset):
        for item in value:
            yield from spoken(item)


def cases(test: Any) -> set[str]:
    """What the cases of a parametrised test speak of."""
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    return {word for mark in marks for word in spoken(list(mark.args[1]))}


def words(test: Any, seen: set[int] | None = None) -> set[str]:
    """Texts in a test, and in the constants, fixtures and functions of the tests that it uses."""
    seen = set() if seen is None else seen
    function = getattr(test, "__wrapped__", test)
    if id(function) in seen or not isinstance(function, FunctionType | type):
        return set()
    seen.add(id(function))
    bodies = (
        [function]
        if isinstance(function, FunctionType)
        else [method for method in vars(function).values() if isinstance(method, FunctionType)]
    )
    found = cases(function)
    for body in bodies:
        codes: list[CodeType] = [body.__code__]
        for code in codes:  # grows by the codes nested in it
            codes += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
            found.update(word for constant in code.co_consts for word in spoken(constant))
            for name in (*code.co_names, *code.co_varnames[: code.co_argcount]):
                value = body.__globals__.get(name)
                found.update(spoken(value))
                if getattr(value, "__module__", "").startswith("tests."):
                    found |= words(value, seen)
    return found


def problems(lever: str, entry: str) -> list[str]:
    """What is wrong with an entry of the register; nothing when the test exists and speaks of the lever."""
    file, _, rest = entry.partition("::")
    name, _, case = rest.removesuffix("]").partition("[")
    module = importlib.import_module(FILES[file])
    test = getattr(module, name, None)
    if not (name.startswith("test_") and callable(test)):
        return [f"there is no {entry}"]
    if case and case not in cases(test):
        return [f"no case of {name} has {case}"]
    return [] if lever in words(test) else [f"{entry} does not speak of {lever}"]


def test_the_register_has_every_lever_and_no_more() -> None:
    assert set(TESTS) == set(levers())


@pytest.mark.parametrize("lever", sorted(TESTS))
def test_the_tests_named_for_a_lever_exist_and_speak_of_it(lever: str) -> None:
    assert [problem for entry in TESTS[lever] for problem in problems(lever, entry)] == []


def test_a_test_that_is_missing_or_speaks_of_another_lever_is_not_accepted() -> None:
    assert problems("aids_fee_cap", "devices::test_that_nobody_wrote")
    assert problems("aids_fee_cap", f"{_AIDS_CUT}[orphan_earmarked_fund]")
    assert problems("aids_fee_cap", "fund::test_a_small_post_runs_out_and_the_state_says_so")
