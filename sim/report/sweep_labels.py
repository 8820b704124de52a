"""The words for what a sweep says: id to Swedish and English wording."""

from __future__ import annotations

from sim.report.labels import Lang

DO_NOTHING = "do nothing"

WORDS: dict[str, dict[Lang, str]] = {
    "nothing": {"sv": "gör ingenting", "en": "do nothing"},
    "and": {"sv": "och", "en": "and"},
    # What drives the outcome
    "drives.one": {
        "sv": "Det som betyder mest är {leader}.",
        "en": "What matters most is {leader}.",
    },
    "drives.several": {
        "sv": "Vi kan inte säga vad som betyder mest: {leaders} går inte att skilja åt.",
        "en": "We cannot say what matters most: {leaders} cannot be told apart.",
    },
    "drives.small": {
        "sv": "Vi kan inte säga vad som betyder mest: urvalet är för litet ({n} punkter).",
        "en": "We cannot say what matters most: the sample is too small ({n} points).",
    },
    "drives.nothing": {
        "sv": "Inget av det som varierades ändrar utfallet.",
        "en": "Nothing that was varied changes this outcome.",
    },
    "drives.none_told": {
        "sv": "Ingen inverkan kan påvisas av {inputs}. Det betyder inte att den är noll.",
        "en": "No influence can be shown of {inputs}. That does not mean that it is zero.",
    },
    "settled": {
        "sv": "Fler punkter skulle ändra lite.", "en": "More points would change little.",
    },
    "unsettled": {
        "sv": "Måtten har inte stabiliserats: fler punkter behövs (--expand).",
        "en": "The indices have not settled: more points are needed (--expand).",
    },
    "noise": {
        "sv": "{share} % av variationen mellan punkter är slump.",
        "en": "{share}% of the variation between points is luck.",
    },
    "noise.unknown": {
        "sv": "Ett enda slumpfrö: slumpens del är okänd.",
        "en": "A single seed: the part played by luck is unknown.",
    },
    "dropped": {
        "sv": "{n} punkter saknar resultat och är inte med.", "en": "{n} points lack results and are left out.",
    },
    # Rules
    "rule.fails": {"sv": "Misslyckas oftare", "en": "Fails more often"},
    "rule.works": {"sv": "Lyckas oftare", "en": "Works more often"},
    "rule.where": {"sv": "när {limits}", "en": "where {limits}"},
    "rule.always": {"sv": "utan villkor", "en": "without conditions"},
    "rule.counts": {
        "sv": "misslyckas i {failing} av {n} framtider, {density} % ({low} till {high})",
        "en": "fails in {failing} of {n} futures, {density}% ({low} to {high})",
    },
    "limit.above": {"sv": "{name} är över {low}", "en": "{name} is above {low}"},
    "limit.below": {"sv": "{name} är högst {high}", "en": "{name} is at most {high}"},
    "limit.between": {"sv": "{name} är mellan {low} och {high}", "en": "{name} is between {low} and {high}"},
    "limit.choice": {"sv": "{name} är {choices}", "en": "{name} is {choices}"},
    "or": {"sv": "eller", "en": "or"},
    "fails.means": {
        "sv": "”Misslyckas” betyder här: förbättringen är högst {threshold} {unit}.",
        "en": "“Fails” means here: the improvement is at most {threshold} {unit}.",
    },
    "fails.count": {
        "sv": "{policy} misslyckas i {failing} av {n} framtider.",
        "en": "{policy} fails in {failing} of {n} futures.",
    },
    "fails.unclear": {
        "sv": "I {share} % av framtiderna avgör slumpen om den misslyckas: fler slumpfrön behövs för dem.",
        "en": "In {share}% of futures luck decides whether it fails: more seeds are needed for those.",
    },
    "rules.never fails": {
        "sv": "Den misslyckas aldrig i det som prövats, så det finns inget villkor att hitta.",
        "en": "It never fails in what was tried, so there is no condition to find.",
    },
    "rules.always fails": {
        "sv": "Den misslyckas i allt som prövats, så det finns inget villkor att hitta.",
        "en": "It fails in all that was tried, so there is no condition to find.",
    },
    "rules.too few": {
        "sv": "Vi kan inte säga när: för få framtider misslyckas eller lyckas.",
        "en": "We cannot say when: too few futures fail, or too few work.",
    },
    "rules.luck": {
        "sv": "Vi kan inte säga när: i de flesta framtider avgör slumpen, så en regel skulle gälla dessa slumpfrön "
        "och inte andra.",
        "en": "We cannot say when: luck decides in most futures, so a rule would hold for these seeds "
        "and not for others.",
    },
    "rules.chance": {
        "sv": "Vi kan inte säga när: de regler som hittas är inte bättre än slumpen (p = {p}).",
        "en": "We cannot say when: the rules that are found are no better than chance (p = {p}).",
    },
    "rules.found": {
        "sv": "Träffsäkerhet på undanhållna framtider: {accuracy} % (50 % är gissning).",
        "en": "Accuracy on futures kept apart: {accuracy}% (50% is guessing).",
    },
    "prim.found": {
        "sv": "PRIM: {limits} rymmer {coverage} % av misslyckandena; där misslyckas {density} %, "
        "och {held_out} % i framtider som hållits undan (alla framtider: {base} %).",
        "en": "PRIM: {limits} holds {coverage}% of the failures; {density}% fail there, "
        "and {held_out}% in futures kept apart (all futures: {base}%).",
    },
    "prim.chance": {
        "sv": "PRIM hittar inget område som är mer än slump (p = {p}).",
        "en": "PRIM finds no region that is more than chance (p = {p}).",
    },
    # Robustness
    "robust.best": {
        "sv": "{metric}: {policy} är bäst i {share} % av omräkningarna.",
        "en": "{metric}: {policy} is best in {share}% of resamples.",
    },
    "robust.unclear": {
        "sv": "{metric}: vi kan inte säga vilken som är bäst; närmast {policy} ({share} % av omräkningarna).",
        "en": "{metric}: we cannot say which is best; nearest is {policy} ({share}% of resamples).",
    },
    "robust.disagree": {
        "sv": "Måtten är oense: vad som är bäst beror på vad man menar med robust.",
        "en": "The measures disagree: what is best depends on what is meant by robust.",
    },
    "levelling": {
        "sv": "Varning: {policy} jämnar ut nedåt. Skillnaden minskar medan medelvärdet försämras "
        "({mean} procentenheter, {low} till {high}).",
        "en": "Warning: {policy} levels down. The difference falls while the mean gets worse "
        "({mean} percentage points, {low} to {high}).",
    },
    "metric.satisficing": {"sv": "Räcker i flest framtider", "en": "Good enough in most futures"},
    "metric.regret": {"sv": "Minst ånger (90 %)", "en": "Least regret (90%)"},
    "metric.mean_variance": {"sv": "Medel minus spridning", "en": "Mean less spread"},
    # Which lever for which region
    "tree.leaf": {
        "sv": "{limits}: {policy} ({n} regioner)", "en": "{limits}: {policy} ({n} regions)",
    },
    "tree.single": {
        "sv": "Samma insats är bäst för alla typer av regioner: {policy}.",
        "en": "The same lever is best for all types of region: {policy}.",
    },
    "tree.unsaid": {
        "sv": "Vi kan inte säga att olika regiontyper bör ha olika insatser: regioner som hållits undan får inte mer "
        "av en sådan uppdelning ({gain}, {low} till {high} procentenheter) än av {policy} för alla.",
        "en": "We cannot say that types of region should have different levers: regions kept apart gain no more from "
        "such a division ({gain}, {low} to {high} percentage points) than from {policy} for all.",
    },
    "tree.said": {
        "sv": "Regioner som hållits undan får {gain} ({low} till {high}) procentenheter mer än av {policy} för alla. "
        "Blandningen är inte körd: kör den innan den tros.",
        "en": "Regions kept apart gain {gain} ({low} to {high}) percentage points more than from {policy} for all. "
        "The mix itself has not been run: run it before it is believed.",
    },
    "all": {"sv": "alla regioner", "en": "all regions"},
    "fact.population": {"sv": "invånare", "en": "inhabitants"},
    "fact.density": {"sv": "invånare per km²", "en": "inhabitants per km²"},
    "fact.tax_base_index": {"sv": "skattekraft (riket = 100)", "en": "tax base (Sweden = 100)"},
    "fact.university_hospital": {"sv": "universitetssjukhus", "en": "university hospital"},
    "fact.physicians_per_1000": {"sv": "läkare per 1 000 invånare", "en": "physicians per 1,000"},
    "fact.low_education_pct": {"sv": "lågutbildade, procent", "en": "low education, per cent"},
    # Frontier
    "frontier.on": {"sv": "ingen annan slår", "en": "unbeaten"},
    "frontier.perhaps": {"sv": "kanske obesegrad", "en": "perhaps unbeaten"},
    "frontier.off": {"sv": "slagen av en annan", "en": "beaten by another"},
    "frontier.row": {
        "sv": "{policy}: {place} ({share} % av omräkningarna)", "en": "{policy}: {place} ({share}% of resamples)",
    },
    # Headings
    "head.drives": {"sv": "Vad som styr", "en": "What drives it"},
    "head.fails": {"sv": "När den misslyckas", "en": "When it fails"},
    "head.robust": {"sv": "Över alla framtider", "en": "Over all futures"},
    "head.frontier": {"sv": "Ingen annan bättre på allt", "en": "No other better in everything"},
    "head.tree": {"sv": "Vilken insats för vilka regioner", "en": "Which lever for which regions"},
    "unsaid": {"sv": "Kan inte beräknas: {reason}", "en": "Cannot be computed: {reason}"},
}  # fmt: skip
