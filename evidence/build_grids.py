"""Build the priors of the world's grids from the tables of figures, by one rule.

    python evidence/build_grids.py

The rule, for each place (`fit_grids.py` states the model and says how well it predicts):

1. Figures from 2016 on count, those of zero or from memory do not. Each work says its newest value.
2. `country/`, `us-state/`, `ca-province/`, `cn-province/` and `zone/` answer what the place generates: the level that
   works on its generation say. `cloud/` answers what the operator reports of the grid of its region.
3. `grid/` is the default where nothing is known of the operator: for every place of which two suppliers or more say
   something, every state of the United States, and the countries of `COUNTRIES`. It is the prediction for a figure of
   a supplier not yet known: as likely of what the place generates as of what an operator there draws from. For a
   state or province that is a new site; for a country, which may have several grids, it is the mean of the country.
   A place of one supplier has the spread between suppliers that the others show.
4. Direct figures count for the life cycle, and the other way round, by the fitted conversion with its spread. A
   direct prior is there where a work says direct emissions. Where works disagree by so much that its median would lie
   above that of the life cycle (Cyprus, Estonia, Greece), it has the median of the life cycle.
5. All are for a run within five years, by the place's own yearly change.
6. `grid/…-anywhere` is the mixture of the places, by where data centres use electricity
   (`data_centre_places.csv`): three lognormals that have its quantiles. Where weights rest on memory, as no others
   are known, the basis is judgement and the note says which.
7. What has one source of one year for each country is weighed by hand (`grid_marginal.toml`).

Elsewhere the basis is "read" where the only work was read at the source, and "cited" where it was not.
"""

import csv
import math
import re
from functools import cache
from typing import NamedTuple

import numpy as np
from fit_grids import (
    HERE,
    OPERATOR,
    RUN_AGE,
    Array,
    Figure,
    Model,
    Said,
    fit,
    in_kind,
    nearest,
    read_figures,
    read_rows,
    read_series,
    scores,
)
from scipy.optimize import brentq, least_squares
from scipy.special import softmax
from scipy.stats import norm


class Work(NamedTuple):
    """A source as the priors cite it: one title, year and identifier wherever it appears (terms: `README.md`)."""

    title: str
    year: int  # of the newest data or release that was read
    identifier: str = ""


WORKS = {
    "ember": Work("Our World in Data, after Ember's Yearly Electricity Data", 2025),
    "eea": Work("European Environment Agency, through Our World in Data", 2020),
    "egrid": Work("US EPA, eGRID", 2025),
    "google": Work("Google Cloud, region carbon info", 2025, "cloud.google.com/sustainability/region-carbon"),
    "mee": Work("Ministry of Ecology and Environment of China, announcement 2025 No. 47", 2025),
    "entso-e": Work("ENTSO-E, generation", 2025),
    "mix": Work("IPCC, AR5, working group III, annex III", 2014),
    "rte": Work("RTE, Bilan électrique", 2025),
    "hydro-quebec": Work("Hydro-Québec, greenhouse gas emission rates", 2025),
}
DETAILS = {
    "entso-e": "with factors by source of energy",
    "mix": "its factors by source of energy, on the province's mix",
}
NEWEST = 9999  # the year of a run within five years of the newest figures
FILES = {
    "country": "Countries: what they generate",
    "us-state": "States of the United States: what they generate",
    "ca-province": "Provinces and territories of Canada: what they generate",
    "cn-province": "Provinces of China: what they generate",
    "zone": "Bidding zones of the Nordic grid: what they generate",
    "cloud": "Regions of Google's cloud: what the operator reports of the grid that they draw from",
    "grid": "Grids for a run whose operator is unknown",
}
WORDS = {"us-state": "state", "ca-province": "province", "cn-province": "province", "zone": "zone"}
COUNTRIES = (  # that have a default, and its key
    "AE ARE AT AUT AU AUS BE BEL BG BGR BR BRA CA CAN CH CHE CL CHL CN CHN CY CYP CZ CZE DE DEU DK DNK EE EST ES ESP "
    "FI FIN FR FRA GB GBR GR GRC HK HKG HR HRV HU HUN ID IDN IE IRL IL ISR IN IND IS ISL IT ITA JP JPN KR KOR LT LTU "
    "LU LUX LV LVA MT MLT MX MEX MY MYS NL NLD NO NOR PL POL PT PRT QA QAT RO ROU SA SAU SE SWE SG SGP SI SVN SK SVK "
    "TH THA TW TWN US USA ZA ZAF"
)
KEYS = {long: short.lower() for short, long in zip(*[iter(COUNTRIES.split())] * 2, strict=True)}
ANYWHERE = {  # the regions of `data_centre_places.csv`, and their sources
    "us-anywhere": ("United States", "in the United States", (Work("EPRI, Powering Intelligence", 2024),)),
    "europe-anywhere": (
        "Europe",
        "in the European Union, the United Kingdom, Norway or Switzerland",
        (
            Work("JRC, Energy Consumption in Data Centres in the EU", 2024, "doi:10.2760/706491"),
            Work("NESO, Future Energy Scenarios", 2025),
            Work("RISE, Energy Use in Data Centers and Digital Systems", 2023),
            Work("Statnett, market analysis, through Argus", 2026),
        ),
    ),
    "anywhere": (
        "World",
        "in the world",
        (
            Work("IEA, Energy and AI", 2025),
            Work("EPRI, Powering Intelligence", 2024),
            Work("JRC, Energy Consumption in Data Centres in the EU", 2024, "doi:10.2760/706491"),
            Work("Cushman & Wakefield, Asia Pacific Data Centre Update", 2024),
        ),
    ),
}


def home(region: str) -> tuple[str, str]:
    """Return the file and the key of a region."""
    for start, file in (("US-", "us-state"), ("CA-", "ca-province"), ("CN-", "cn-province")):
        if region.startswith(start):
            return file, region[3:].lower()
    if region.startswith("gcp:"):
        return "cloud", "gcp-" + region[4:]
    if re.fullmatch(r"(SE|NO)\d", region):
        return "zone", region.lower()
    return "country", region.lower()


def grid_key(region: str, figures: list[Figure]) -> str | None:
    """Return the key of a place in `grid.toml`, if it has one."""
    if region == "WORLD":
        return "world"
    several = len({figure.supplier for figure in figures}) > 1 or region.startswith("US-") or region in KEYS
    return KEYS.get(region, region.lower()) if several and region != "EU-27" else None


def citation(figure: Figure, converted: bool, values: dict[int, float], year: int) -> str:
    """Return a source of a prior as TOML, with what it says of a year in the measure of the prior."""
    work = WORKS[figure.supplier]
    parts = [f'title = "{work.title}"', f"year = {work.year}"]
    if work.identifier:
        parts.append(f'identifier = "{work.identifier}"')
    parts.append(f"values = [{float(f'{values[nearest(values, year)]:.3g}'):g}]")
    details = [figure.detail, DETAILS.get(figure.supplier, ""), "converted" if converted else ""]
    if any(details):
        parts.append(f'detail = "{", ".join(filter(None, details))}"')
    return "{ " + ", ".join(parts) + " }"


def listed(name: str, figures: list[Figure], year: int = NEWEST) -> str:
    """Return what a prior's note says of its figures, as they were read."""
    said = []
    for figure in figures:
        kind, of = "direct" if figure.direct else "life cycle", nearest(figure.values, year)
        said.append(f"{WORKS[figure.supplier].title.split(',')[0]} {figure.values[of]:.3g} {kind} ({of})")
    return f"{name}, g/kWh: {', '.join(said)}."


@cache
def record() -> str:
    """Return how figures were predicted that had been left out, as each prior states it."""
    found = scores(read_figures())
    held = np.mean([one.low <= one.value <= one.high for one in found])
    width = np.median([math.log(one.high / one.low) for one in found])
    counts = f"values = {len(found)}, sources = {len({one.place for one in found})}"
    return f'{{ table = "evidence/grid_intensity.csv", {counts}, coverage = {held:.3f}, width = {width:.2f} }}'


def prior(
    key: str,
    said: Said,
    figures: list[Figure],
    direct: bool,
    model: Model,
    answer: str,
    note: str,
    year: int = NEWEST,
) -> str:
    """Return a prior as TOML: what is said of a year, by default of a run within five years."""
    used = in_kind(figures, direct, model.conversion)
    sources = ", ".join(citation(*figure, year) for figure in sorted(used, key=lambda one: WORKS[one[0].supplier]))
    read = all(figure.supplier in ("google", "rte") and not converted for figure, converted, _ in used)
    low, high = said.interval(RUN_AGE if year == NEWEST else 0.0)
    return (
        f'[{key}]\ndistribution = "lognormal"\np05 = {low:.3g}\np95 = {high:.3g}\nunit = "gCO2e/kWh"\n'
        f'source = [{sources}]\nbasis = "{"read" if read else "cited"}"\nrecord = {record()}\n'
        f'scope = "{"Direct emissions alone" if direct else "Life cycle"}, annual mean, location-based: {answer}"\n'
        f'note = "{note}"\n'
    )


def build_places(figures: dict[str, list[Figure]], model: Model, tables: dict[str, dict[str, str]]) -> None:
    """Add what each place generates, and what a figure of it says whose supplier is not known."""
    names = {region: row["region_name"] for row, region, *_ in read_rows()}
    for region, of_place in figures.items():
        (file, key), default = home(region), grid_key(region, of_place)
        generated = [figure for figure in of_place if figure.question == "generation"]
        word = {"WORLD": "world", "EU-27": "Union"}.get(region, WORDS.get(file, "country"))
        note = listed(names[region], generated) + (
            f" Where the operator is unknown: grid/{default}." if default else ""
        )
        level = math.inf
        for direct in (False, True) if any(figure.direct for figure in generated) else (False,):
            said = model.evidence(generated, direct, place=of_place).said(model.spread)
            level = min(level, said.centre) if direct else said.centre
            said = said._replace(centre=level)
            whole = key + "-direct" * direct
            tables[file][whole] = prior(whole, said, generated, direct, model, f"what the {word} generates", note)
        if default:
            whole = (
                f"the mean of the {word}, not of a site"
                if file == "country"
                else f"a new site in the {word}, by what it generates or an operator draws from"
            )
            said = site(of_place, model)
            note = listed(names[region], of_place)
            note += " For a site: grid/us-anywhere." if region == "USA" else ""
            tables["grid"][default] = prior(default, said, of_place, False, model, whole, note)
    said, answer = model.evidence(figures["FRA"], year=2024).site(model.spread), "the mean of the country in 2024"
    note = listed("France", figures["FRA"], 2024)
    tables["grid"]["fr-2024"] = prior("fr-2024", said, figures["FRA"], False, model, answer, note, 2024)


def site(figures: list[Figure], model: Model) -> Said:
    """Return what is said of a new site of a state or province, or of the mean of a country or the world."""
    found = model.evidence(figures)
    return found.said(model.spread) if figures[0].place == "WORLD" else found.site(model.spread)


def build_operators(model: Model, tables: dict[str, dict[str, str]]) -> None:
    """Add what Google says next of each region: off by the spread of the conversion and of years."""
    series = {
        region: values
        for (region, supplier, direct), values in read_series().items()
        if supplier == "google" and direct
    }
    names = {region: row["region_name"] for row, region, *_ in read_rows()}
    places = dict(zip(OPERATOR.split()[1::2], OPERATOR.split()[::2], strict=True))
    for region, values in series.items():
        place = places.get(region[4:], "")
        figure = Figure(place, "google", "operator", True, values)
        default = KEYS.get(place, place.lower())
        note = listed(names[region], [figure]) + (f" Where the operator is unknown: grid/{default}." if place else "")
        for direct in (False, True):
            found = model.evidence([figure], direct)
            said = Said(float(found.logs[0]), float(found.conversion[0]) ** 2, found.change)
            key = home(region)[1] + "-direct" * direct
            answer = "what the operator reports of the grid that its region draws from"
            tables["cloud"][key] = prior(key, said, [figure], direct, model, answer, note)


def weights(region: str) -> dict[str, float]:
    """Return the share of each place in the electricity of a region's data centres, by its key in `grid.toml`."""
    with (HERE / "data_centre_places.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["region"] == region]
    total = sum(float(row["value"]) for row in rows)
    found: dict[str, float] = {}
    for row in rows:
        share = float(row["value"]) / total
        if region == "World":
            found |= {place: share * part for place, part in weights(row["place"]).items()}
        else:
            places = row["place"].split()
            found |= {place: found.get(place, 0.0) + share / len(places) for place in places}
    return found


def recalled(region: str) -> str:
    """Return what the note of a region says of weights from memory: nothing if there are none."""
    with (HERE / "data_centre_places.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["basis"] == "recall"]
    places = sorted(row["place"] for row in rows if region in (row["region"], "World"))
    return f" Of these, the weights of {', '.join(places)} rest on totals from memory." if places else ""


def three_lognormals(of_places: list[Said], shares: list[float]) -> list[tuple[float, float, float]]:
    """Return weight, median and geometric standard deviation of lognormals whose mixture is that of places.

    Least squares of the probability at 199 quantiles of the places' mixture; places are lognormal.
    """
    scales = [math.sqrt(said.variance + said.change * RUN_AGE) for said in of_places]
    centres = [said.centre for said in of_places]

    def below(logs: Array) -> Array:
        """Return the probability that the mixture of places is below each logarithm."""
        return np.asarray(norm.cdf(logs[..., None], centres, scales) @ shares)

    probabilities = np.linspace(0.005, 0.995, 199)
    logs = np.array([brentq(lambda log, p=p: below(np.array(log)) - p, 0.0, 9.0) for p in probabilities])

    def off(parameters: Array) -> Array:
        weights, medians, spreads = np.split(parameters, 3)
        return norm.cdf(logs[:, None], medians, np.exp(spreads)) @ softmax(weights) - probabilities

    start = [*np.zeros(3), *np.quantile(logs, (1 / 6, 1 / 2, 5 / 6)), *np.full(3, -1.2)]
    weights, medians, spreads = np.split(least_squares(off, start).x, 3)
    found = zip(softmax(weights), np.exp(medians), np.exp(np.exp(spreads)), strict=True)
    return sorted(((float(w), float(m), float(s)) for w, m, s in found), key=lambda one: one[1])


def build_anywhere(figures: dict[str, list[Figure]], model: Model, tables: dict[str, dict[str, str]]) -> None:
    """Add the mixtures of places by where data centres use electricity."""
    regions = {key: region for region, key in KEYS.items()}
    for key, (region, where, works) in ANYWHERE.items():
        shares = weights(region)
        of_places = [site(figures[regions.get(place, place.upper())], model) for place in shares]
        components = ", ".join(
            f'{{ weight = {weight:.3f}, distribution = "lognormal", median = {median:.3g}, gsd = {spread:.3g} }}'
            for weight, median, spread in three_lognormals(of_places, list(shares.values()))
        )
        sources = ", ".join(
            f'{{ title = "{work.title}", year = {work.year}'
            + (f', identifier = "{work.identifier}"' if work.identifier else "")
            + " }"
            for work in works
        )
        memory = recalled(region)
        most = ", ".join(f"{place} {shares[place]:.0%}" for place in sorted(shares, key=lambda one: -shares[one])[:6])
        tables["grid"][key] = (
            f'[{key}]\ndistribution = "mixture"\ncomponents = [{components}]\nunit = "gCO2e/kWh"\n'
            f'source = [{sources}]\nbasis = "{"judgement" if memory else "cited"}"\n'
            f'scope = "Life cycle, annual mean, location-based: a site {where}, its place unknown"\n'
            f'note = "Three lognormals that have the quantiles of the mixture of grid/ priors, by the electricity of '
            f'data centres: {most}, and others.{memory}"\n'
        )


def build() -> dict[str, str]:
    """Return the text of every file by its name."""
    figures = read_figures()
    model = fit(figures)
    tables: dict[str, dict[str, str]] = {file: {} for file in FILES}
    build_places(figures, model, tables)
    build_operators(model, tables)
    build_anywhere(figures, model, tables)
    head = (
        "# {}. Built by evidence/build_grids.py, which states the rule; change that or its data, not this file.\n\n"
    )
    texts = {
        f"{file}.toml": head.format(FILES[file]) + "\n".join(text for _, text in sorted(tables[file].items()))
        for file in FILES
    }
    texts["grid.toml"] += "\n" + (HERE / "grid_marginal.toml").read_text(encoding="utf-8")
    return texts


if __name__ == "__main__":
    for name, text in build().items():
        (HERE.parent / "priors" / name).write_text(text, encoding="utf-8")
