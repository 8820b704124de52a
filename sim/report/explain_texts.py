"""The words of ``explain``: sentences with gaps, in English and Swedish."""

from __future__ import annotations

from sim.report.labels import Label

KINDS: dict[str, Label] = {
    "state": {"en": "The state", "sv": "Staten"},
    "healthcare_region": {"en": "The healthcare regions", "sv": "Sjukvårdsregionerna"},
    "region": {"en": "The region", "sv": "Regionen"},
    "municipality": {"en": "The region's municipalities", "sv": "Regionens kommuner"},
    "provider": {"en": "The region's providers", "sv": "Regionens verksamheter"},
}

HANDLES: dict[str, Label] = {
    "money": {"en": "money for", "sv": "pengar till"},
    "standards": {"en": "a stated level of", "sv": "en angiven nivå för"},
    "permissions": {"en": "a permission", "sv": "ett tillstånd"},
    "deciders": {"en": "who decides on", "sv": "vem som beslutar om"},
    "guarantee": {"en": "a guarantee", "sv": "en garanti"},
    "feedback": {"en": "its own results (share, months late)", "sv": "egna resultat (andel, månader sent)"},
    "prices": {"en": "a price or fee", "sv": "ett pris eller en avgift"},
    "functions": {"en": "a national function", "sv": "en nationell funktion"},
    "information": {"en": "information (share told)", "sv": "information (andel som nås)"},
    "employer": {"en": "who employs", "sv": "vem som är arbetsgivare"},
    "moved": {"en": "that the state has taken over", "sv": "att staten har tagit över"},
    "merger": {"en": "which larger region it belongs to", "sv": "vilken större region den tillhör"},
}

PAYERS: dict[str, Label] = {
    "state": {"en": "The state pays", "sv": "Staten betalar"},
    "region": {"en": "The region pays", "sv": "Regionen betalar"},
    "municipality": {"en": "Municipalities pay", "sv": "Kommunerna betalar"},
    "patient": {"en": "Patients pay", "sv": "Patienterna betalar"},
    "all": {"en": "Care receives, from all payers", "sv": "Vården får, från alla betalare"},
}

DECISIONS: dict[str, Label] = {
    "own_drug_budget_msek": {
        "en": "The region's own budget for orphan drugs, MSEK",
        "sv": "Regionens egen budget för särläkemedel, mnkr",
    },
    "required_fte_per_10000": {
        "en": "Psychosocial posts that the region asks for, per 10 000 listed",
        "sv": "Psykosociala tjänster som regionen kräver, per 10 000 listade",
    },
    "funded_fte_per_10000": {
        "en": "Psychosocial posts that the region pays for, per 10 000 listed",
        "sv": "Psykosociala tjänster som regionen betalar, per 10 000 listade",
    },
    "posts_found_share": {
        "en": "Share of wanted psychosocial posts that the labour market gave",
        "sv": "Andel av önskade psykosociala tjänster som arbetsmarknaden gav",
    },
    "wanted_fte": {
        "en": "Centres that changed their wanted posts by more than a fifth",
        "sv": "Vårdcentraler som ändrade sina önskade tjänster med mer än en femtedel",
    },
    "employers_of_a_post": {
        "en": "Centres that share a post with others",
        "sv": "Vårdcentraler som delar en tjänst med andra",
    },
    "keep": {"en": "Own changes kept after a trial", "sv": "Egna ändringar som behålls efter prov"},
    "take back": {
        "en": "Own changes taken back after a trial",
        "sv": "Egna ändringar som tas tillbaka efter prov",
    },
    "try": {"en": "Own changes tried", "sv": "Egna ändringar som prövas"},
    "copy": {"en": "Rules copied from another region", "sv": "Regler som övertas från en annan region"},
    "guidance": {"en": "National guidance written", "sv": "Nationella kunskapsstöd som skrivs"},
    "introduce": {"en": "Drugs introduced", "sv": "Införda läkemedel"},
    "refuse": {"en": "Drugs refused", "sv": "Nekade läkemedel"},
    "recommend": {"en": "Drugs recommended", "sv": "Rekommenderade läkemedel"},
    "not recommend": {"en": "Drugs advised against", "sv": "Läkemedel som avråtts"},
    "benefit": {"en": "Drugs taken into the benefit", "sv": "Läkemedel som tagits in i förmånen"},
    "not benefit": {"en": "Drugs kept out of the benefit", "sv": "Läkemedel som inte fått förmån"},
    "apply": {
        "en": "Drugs whose companies apply for the benefit after all",
        "sv": "Läkemedel vars företag till slut ansöker om förmån",
    },
    "not apply": {
        "en": "Drugs whose companies do not apply for the benefit",
        "sv": "Läkemedel vars företag inte ansöker om förmån",
    },
    "exclude": {"en": "Drugs taken out of the benefit", "sv": "Läkemedel som uteslutits ur förmånen"},
    "fund exhausted": {"en": "Times the state's fund ran out", "sv": "Gånger statens fond tog slut"},
    "grant for single patients used up": {
        "en": "Times the grant for single patients was used up",
        "sv": "Gånger bidraget för enskilda patienter tog slut",
    },
    "fees": {"en": "Changed fees for devices", "sv": "Ändrade hjälpmedelsavgifter"},
    "assortment": {"en": "Changed assortments of devices", "sv": "Ändrade hjälpmedelssortiment"},
    "rehabilitation_lead": {
        "en": "Municipalities that changed their rehabilitation lead",
        "sv": "Kommuner som ändrade sitt medicinska ansvar för rehabilitering",
    },
}

SAID: dict[str, Label] = {
    "title": {
        "en": "{region} ({code}), {area}: {scenario} compared with {base}",
        "sv": "{region} ({code}), {area}: {scenario} jämfört med {base}",
    },
    "title_run": {
        "en": "{region} ({code}), {area}: what changed over time in {scenario}",
        "sv": "{region} ({code}), {area}: vad som ändrades över tid i {scenario}",
    },
    "setting": {
        "en": "Means over {years}, {seeds}, draw {draw}; in brackets 95 % intervals over luck only.",
        "sv": "Medel över {years}, {seeds}, dragning {draw}; inom parentes 95 % intervall över enbart slump.",
    },
    "setting_run": {
        "en": "From {first} to {years}, {seeds}, draw {draw}. Over time everything moves at once: this tells what "
        "changed, not what a single lever did. `compare` does that.",
        "sv": "Från {first} till {years}, {seeds}, dragning {draw}. Över tid rör sig allt på en gång: detta säger vad "
        "som ändrades, inte vad ett enda styrmedel gjorde. Det gör `compare`.",
    },
    "head_told": {"en": "Who was told what", "sv": "Vem fick veta vad"},
    "head_decided": {"en": "Who decided otherwise", "sv": "Vem beslutade annorlunda"},
    "head_money": {"en": "What money moved (MSEK a year)", "sv": "Vilka pengar som flyttades (mnkr per år)"},
    "head_providers": {"en": "What changed in care", "sv": "Vad som ändrades i vården"},
    "head_people": {"en": "Who was treated", "sv": "Vem fick vård"},
    "head_breaks": {"en": "Where the chain breaks", "sv": "Var kedjan bryts"},
    "untouched": {
        "en": "Nothing: not one decision, payment or outcome here differs from the base, to the last digit.",
        "sv": "Ingenting: inte ett beslut, en betalning eller ett utfall skiljer sig här, till sista siffran.",
    },
    "no_news": {
        "en": "No lever that concerns this area differs between the two scenarios.",
        "sv": "Inget styrmedel som rör området skiljer sig mellan scenarierna.",
    },
    "no_news_run": {
        "en": "No lever that concerns this area starts or ends between these years: what changes comes from staff, "
        "drugs, needs and budgets.",
        "sv": "Inget styrmedel som rör området börjar eller slutar mellan åren: det som ändras kommer av personal, "
        "läkemedel, behov och budgetar.",
    },
    "others": {
        "en": "Levers that differ too and are in the numbers below: {levers}.",
        "sv": "Styrmedel som också skiljer sig och ingår i siffrorna nedan: {levers}.",
    },
    "together": {
        "en": "The numbers below are of all these levers together; this folder cannot separate them.",
        "sv": "Siffrorna nedan gäller alla dessa styrmedel tillsammans; mappen kan inte skilja dem åt.",
    },
    "parameters": {
        "en": "The scenarios also differ in {names}.",
        "sv": "Scenarierna skiljer sig också i {names}.",
    },
    "how_added": {
        "en": "Added: {title} (`{id}`), from {since}{until}.",
        "sv": "Tillagt: {title} (`{id}`), från {since}{until}.",
    },
    "how_removed": {
        "en": "Removed: {title} (`{id}`), in force in the base from {since}{until}.",
        "sv": "Borttaget: {title} (`{id}`), gäller i jämförelsen från {since}{until}.",
    },
    "how_changed": {
        "en": "Changed: {title} (`{id}`), from {since}{until}.",
        "sv": "Ändrat: {title} (`{id}`), från {since}{until}.",
    },
    "how_ended": {
        "en": "Taken away: {title} (`{id}`), in force from {since}{until}.",
        "sv": "Borttaget: {title} (`{id}`), gäller från {since}{until}.",
    },
    "how_starts": {
        "en": "Starts or grows: {title} (`{id}`), from {since}{until}.",
        "sv": "Börjar eller växer: {title} (`{id}`), från {since}{until}.",
    },
    "how_ends": {
        "en": "Ends or shrinks: {title} (`{id}`), from {since}{until}.",
        "sv": "Slutar eller krymper: {title} (`{id}`), från {since}{until}.",
    },
    "how_stays": {
        "en": "In force in all these years: {title} (`{id}`), from {since}{until}.",
        "sv": "Gäller alla dessa år: {title} (`{id}`), från {since}{until}.",
    },
    "brief_added": {"en": "Added: {title}.", "sv": "Tillagt: {title}."},
    "brief_removed": {"en": "Removed: {title}.", "sv": "Borttaget: {title}."},
    "brief_changed": {"en": "Changed: {title}.", "sv": "Ändrat: {title}."},
    "brief_ended": {"en": "Taken away: {title}.", "sv": "Borttaget: {title}."},
    "brief_starts": {"en": "Starts or grows: {title}.", "sv": "Börjar eller växer: {title}."},
    "brief_ends": {"en": "Ends or shrinks: {title}.", "sv": "Slutar eller krymper: {title}."},
    "brief_stays": {"en": "In force in all these years: {title}.", "sv": "Gäller alla dessa år: {title}."},
    "until": {"en": " until {until}", "sv": " till {until}"},
    "parameter": {"en": "`{name}`: {before} → {after}.", "sv": "`{name}`: {before} → {after}."},
    "who_decides": {"en": "Decided by: {who}.", "sv": "Beslutas av: {who}."},
    "more_told": {"en": "{n} further instructions.", "sv": "Ytterligare {n} besked."},
    "is_told": {
        "en": "{who}: {what}{content}: {after}.",
        "sv": "{who}: {what}{content}: {after}.",
    },
    "is_not_told": {
        "en": "{who}: no longer {what}{content} (was {before}).",
        "sv": "{who}: inte längre {what}{content} (var {before}).",
    },
    "is_told_else": {
        "en": "{who}: {what}{content}: {after} (was {before}).",
        "sv": "{who}: {what}{content}: {after} (var {before}).",
    },
    "nobody_decided": {
        "en": "Nobody's decision in the table of decisions differs.",
        "sv": "Ingens beslut i beslutstabellen skiljer sig.",
    },
    "complied": {
        "en": "Told “{content}” by “{lever}”: {share} of {agents} followed (probability {probability}).",
        "sv": "Besked om ”{content}” genom ”{lever}”: {share} av {agents} följde det (sannolikhet {probability}).",
    },
    "complied_before": {
        "en": "Told “{content}” by “{lever}”: {share} of {agents} followed (probability {probability}); without the "
        "reform {before}.",
        "sv": "Besked om ”{content}” genom ”{lever}”: {share} av {agents} följde det (sannolikhet {probability}); utan "
        "reformen {before}.",
    },
    "national": {"en": ", nationally", "sv": ", nationellt"},
    "counted": {
        "en": "{before} → {after} in all years, {certainty}",
        "sv": "{before} → {after} under alla år, {certainty}",
    },
    "drug": {"en": "drug {number}", "sv": "läkemedel {number}"},
    "example_after": {
        "en": "First new one, seed {seed}: {date}, {agent}, {value} ({reason}); {alone} in all there.",
        "sv": "Första nya, frö {seed}: {date}, {agent}, {value} ({reason}); {alone} sammanlagt där.",
    },
    "example_before": {
        "en": "First one that is gone, seed {seed}: {date}, {agent}, {value} ({reason}); {alone} in all there.",
        "sv": "Första som försvinner, frö {seed}: {date}, {agent}, {value} ({reason}); {alone} sammanlagt där.",
    },
    "from_to": {"en": "{before} → {after}, {certainty}", "sv": "{before} → {after}, {certainty}"},
    "same": {"en": "the same", "sv": "detsamma"},
    "one_seed": {
        "en": "{difference} (one seed: no interval)",
        "sv": "{difference} (ett frö: inget intervall)",
    },
    "told_apart": {"en": "{difference} ({low} to {high})", "sv": "{difference} ({low} till {high})"},
    "not_told_apart": {
        "en": "{difference} ({low} to {high}: not told from chance)",
        "sv": "{difference} ({low} till {high}: går inte att skilja från slump)",
    },
    "msek": {"en": "MSEK", "sv": "mnkr"},
    "no_money": {"en": "No payment differs.", "sv": "Ingen betalning skiljer sig."},
    "rest_moved": {
        "en": "{n} further indicators moved, {clear} of them by more than chance; each is tested alone, so one in "
        "twenty stands out by luck.",
        "sv": "Ytterligare {n} mått rörde sig, {clear} av dem mer än slump; vart och ett prövas för sig, så ett av "
        "tjugo sticker ut av ren slump.",
    },
    "unmoved": {
        "en": "{n} indicators did not move at all.",
        "sv": "{n} mått rörde sig inte alls.",
    },
    "no_outcome": {
        "en": "The primary outcome has no value here in these years.",
        "sv": "Huvudutfallet har inget värde här under dessa år.",
    },
    "equal_need": {"en": "per cent, at equal need, luck removed", "sv": "procent, vid lika behov, utan slump"},
    "persons": {
        "en": "Of the same persons, {gaining} a year reach the goal only with the reform and {losing} only without it.",
        "sv": "Bland samma personer når {gaining} om året målet bara med reformen och {losing} bara utan den.",
    },
    "verdict_nothing": {
        "en": "The outcome is the same to the last digit.",
        "sv": "Utfallet är detsamma till sista siffran.",
    },
    "verdict_one_seed": {
        "en": "One seed gives no interval, so the model cannot tell this change from chance.",
        "sv": "Ett frö ger inget intervall, så modellen kan inte skilja ändringen från slump.",
    },
    "verdict_unknown": {
        "en": "The interval covers zero: the model cannot tell whether the outcome changed here. More seeds narrow it.",
        "sv": "Intervallet täcker noll: modellen kan inte säga om utfallet ändras här. Fler slumpfrön gör det smalare.",
    },
    "verdict_rose": {
        "en": "The outcome rose here by more than chance can do, for this one set of assumptions.",
        "sv": "Utfallet steg här mer än slumpen kan ge, för denna enda uppsättning antaganden.",
    },
    "verdict_fell": {
        "en": "The outcome fell here by more than chance can do, for this one set of assumptions.",
        "sv": "Utfallet föll här mer än slumpen kan ge, för denna enda uppsättning antaganden.",
    },
    "tiny": {
        "en": "It is less than a tenth of a percentage point: too little for anybody to notice.",
        "sv": "Det är mindre än en tiondels procentenhet: för lite för att någon ska märka det.",
    },
    "few_seeds": {
        "en": "Fewer than five seeds are too few for an interval to be quoted.",
        "sv": "Färre än fem frön är för få för att ett intervall ska kunna citeras.",
    },
    "over_time": {
        "en": "What made it so cannot be read from one run.",
        "sv": "Vad som gjorde det kan inte läsas ur en enda körning.",
    },
}  # fmt: skip

BREAKS: dict[str, Label] = {
    "other_area": {
        "en": "“{lever}” does not concern this care area.",
        "sv": "”{lever}” rör inte detta vårdområde.",
    },
    "out_of_time": {
        "en": "“{lever}” has no effect in the simulated years (it starts {since}).",
        "sv": "”{lever}” verkar inte under de simulerade åren (det börjar {since}).",
    },
    "other_regions": {
        "en": "“{lever}” is limited to other regions: this one was told nothing.",
        "sv": "”{lever}” är begränsat till andra regioner: den här fick inget besked.",
    },
    "nothing_told": {
        "en": "“{lever}” tells nobody in this region or nation anything new.",
        "sv": "”{lever}” säger inget nytt till någon i regionen eller riket.",
    },
    "not_followed": {
        "en": "Told but not followed: of {agents} told “{content}” by “{lever}”, {share} followed (mean probability "
        "{probability}).",
        "sv": "Fick besked men följde inte: av {agents} som fick besked om ”{content}” genom ”{lever}” följde "
        "{share} det (medelsannolikhet {probability}).",
    },
    "own_money_withdrawn": {
        "en": "Money came, but own money was withdrawn: the state pays {state} MSEK a year, the region {region}, so "
        "{share} of the new money only changed who pays. Care received {care}.",
        "sv": "Pengar kom, men egna pengar drogs undan: staten betalar {state} mnkr per år, regionen {region}, så "
        "{share} av de nya pengarna bytte bara betalare. Vården fick {care}.",
    },
    "ran_out": {
        "en": "The money ran out {count} times ({decision}).",
        "sv": "Pengarna tog slut {count} gånger ({decision}).",
    },
    "no_decision": {
        "en": "Told, but no decision in the table differs in this region: what is told lies within what it does "
        "already, or acts on patients and providers without a decision of its own.",
        "sv": "Fick besked, men inget beslut i tabellen skiljer sig i regionen: det ryms i vad den redan gör, eller "
        "verkar på patienter och verksamheter utan eget beslut.",
    },
    "posts_not_found": {
        "en": "Posts were wanted but not found: the labour market gave {after} of them ({before} without), and staff "
        "per 10 000 listed changed by {staff}.",
        "sv": "Tjänster önskades men gick inte att tillsätta: arbetsmarknaden gav {after} av dem ({before} utan), och "
        "personalen per 10 000 listade ändrades med {staff}.",
    },
    "outcome_unmoved": {
        "en": "Something moved in the region, but no patient's chance of care did.",
        "sv": "Något ändrades i regionen, men ingen patients chans att få vård.",
    },
}  # fmt: skip
