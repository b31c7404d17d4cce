"""Build the priors of the world's grids from `grid_intensity.csv`, by one rule.

    python evidence/build_grids.py

The rule, for each region and each kind of figure (life cycle, or direct emissions alone; the two never meet):

1. Rows from 2016 on count; a grid of before was another grid. Rows of zero say that nothing was known, and rows
   marked as recalled were not read again.
2. The centre is the newest value of each source, and between sources their geometric mean.
3. The variance of the logarithm is a sum of
   - that between the years of a source (at least four of its last five; elsewhere the median of all that have them),
   - that between the sources, where there are several,
   - (8 %)^2 and (8 g/kWh)^2 for what methods differ by: the emission factors of hydro, nuclear, wind and sun differ
     by several grams from one inventory to the next, which is little in Poland and a third in Sweden. Both are a
     judgement; with them the countries that `priors/grid.toml` weighs by hand get 0.7 to 2 times the spread they
     have there (France and Sweden the least, the United States, with most sources by hand, the most).
4. American states have direct figures alone (eGRID). Their life cycle is 1.124 times that, the ratio of the two for
   the country in one year; 5 % is added for its differing from state to state.

The prior is lognormal, given by the 5 and 95 % quantiles of that. Its basis is "read" where each of its rows was read
at the source, and "cited" where one was read in a work that publishes the source's figures again.
"""

import csv
import math
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import NormalDist, fmean, median, stdev, variance
from typing import NamedTuple

HERE = Path(__file__).parent
FIRST_YEAR = 2016
RELATIVE, ABSOLUTE = 0.08, 8.0  # of the value, and in g/kWh
LIFE_CYCLE_OF_DIRECT, ITS_SPREAD = 1.124, 0.05
Z95 = NormalDist().inv_cdf(0.95)
SAME = {"FI": "FIN", "FR": "FRA", "US-usa": "USA", "EU27+1": "EU-27"}


class Work(NamedTuple):
    """A source as the priors cite it: one title, year and identifier wherever it appears (terms: `README.md`)."""

    title: str
    year: int  # of the newest data or release that was read
    identifier: str = ""
    detail: str = ""


EMBER = Work("Our World in Data, after Ember's Yearly Electricity Data", 2023)
GOOGLE = Work("Google Cloud, region carbon info", 2024, "cloud.google.com/sustainability/region-carbon")
MIX = Work(
    "IPCC, AR5, working group III, annex III", 2014, detail="its factors by source of energy, on the province's mix"
)
SOURCES = {  # what a row's source begins with
    "codecarbon 3.3.2 global_energy_mix": EMBER,
    "European Environment Agency": Work("European Environment Agency, through Our World in Data", 2020),
    "US EPA eGRID": Work("US EPA, eGRID", 2025),
    "Google Cloud region": GOOGLE,
    "codecarbon 3.3.2 cloud": GOOGLE,
    "China provincial": Work("Ministry of Ecology and Environment of China, announcement 2025 No. 47", 2025),
    "codecarbon 3.3.2 nordic": Work("ENTSO-E, generation", 2025, detail="with factors by source of energy"),
    "codecarbon 2016/canada": MIX,
    "codecarbon 2023/canada": MIX,
    "RTE": Work("RTE, Bilan électrique", 2025),
}
FIRST_HAND = ("Google Cloud region", "RTE")  # the others were read in works that publish them again
FILES = {
    "country": "Countries",
    "us-state": "States of the United States",
    "ca-province": "Provinces and territories of Canada",
    "cn-province": "Provinces of China, direct emissions alone",
    "zone": "Bidding zones of the Nordic grid",
    "cloud": "Regions of Google's cloud: the grid they draw from",
}


def home(region: str) -> tuple[str, str]:
    """Return the file and the key of a region."""
    for start, file in (("US-", "us-state"), ("CA-", "ca-province"), ("CN-", "cn-province")):
        if region.startswith(start):
            return file, region[3:].lower()
    if region.startswith("gcp:"):
        return "cloud", "gcp-" + region[4:].replace("cenrtal", "central")
    if re.fullmatch(r"(SE|NO)\d", region):
        return "zone", region.lower()
    return "country", region.lower()


def read_rows() -> Iterator[tuple[dict[str, str], tuple[str, str], int]]:
    """Yield each row that counts, its region and kind of figure, and its year."""
    text = (HERE / "grid_intensity.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        region, value = SAME.get(row["region"], row["region"]), float(row["g_per_kwh"])
        found = re.match(r"\d{4}", row["year"])
        # A row without a year repeats Google's latest.
        if not found or int(found[0]) < FIRST_YEAR or value <= 0 or row["note"] == "recall":
            continue
        life_cycle = "lifecycle" in row["scope"] or "location-based" in row["scope"]
        yield row, (region, "" if life_cycle else "-direct"), int(found[0])


def read_series() -> tuple[dict, dict[str, str]]:
    """Return values as {(region, kind): {source: {year: g/kWh}}}, and the regions' names."""
    series: dict = defaultdict(lambda: defaultdict(dict))
    names: dict[str, str] = {}
    for row, place, year in read_rows():
        (source,) = {SOURCES[start] for start in SOURCES if row["source"].startswith(start)}
        series[place][source][year] = float(row["g_per_kwh"])
        names.setdefault(place[0], row["region_name"])
    return series, names


def read_bases() -> dict[tuple[str, str], str]:
    """Return for each region and kind whether all of it was read at the source or some in a work that cites it."""
    cited = {place for row, place, _ in read_rows() if not row["source"].startswith(FIRST_HAND)}
    return {place: "cited" if place in cited else "read" for _, place, _ in read_rows()}


def between_years(values: dict[int, float]) -> float | None:
    """Return the variance of the logarithm between the last five years of a source, if four are there."""
    last = [value for year, value in values.items() if year > max(values) - 5]
    return variance(map(math.log, last)) if len(last) >= 4 else None


def quantiles(sources: dict, usual: float, factor: float = 1.0) -> tuple[float, float]:
    """Return the 5 and 95 % quantiles of a region, in g/kWh."""
    newest = [math.log(values[max(values)] * factor) for values in sources.values()]
    centre = fmean(newest)
    years = [found for values in sources.values() if (found := between_years(values)) is not None]
    spread = fmean(years) if years else usual
    spread += stdev(newest) ** 2 if len(newest) > 1 else 0.0
    spread += RELATIVE**2 + (ABSOLUTE / math.exp(centre)) ** 2 + (ITS_SPREAD**2 if factor != 1 else 0.0)
    return math.exp(centre - Z95 * spread**0.5), math.exp(centre + Z95 * spread**0.5)


def shown(values: dict[int, float]) -> list[int]:
    """Return the years of a source that a prior lists, its last five."""
    return sorted(values)[-5:]


def citation(work: Work, values: dict[int, float], factor: float) -> str:
    """Return a source of a prior as TOML, with what it says in the measure of the prior."""
    said = (float(f"{values[year] * factor:.3g}") for year in shown(values))
    parts = [f'title = "{work.title}"', f"year = {work.year}"]
    if work.identifier:
        parts.append(f'identifier = "{work.identifier}"')
    parts.append(f"values = [{', '.join(f'{value:g}' for value in said)}]")
    detail = f"direct emissions times {factor}" if factor != 1 else work.detail
    return "{ " + ", ".join([*parts, f'detail = "{detail}"'] if detail else parts) + " }"


def table(
    key: str, ends: tuple[float, float], sources: dict, basis: str, scope: str, what: str, factor: float = 1.0
) -> str:
    """Return a prior as TOML; `what` says of which region and kind the listed values are."""
    works = ", ".join(citation(work, values, factor) for work, values in sorted(sources.items()))
    seen = "; ".join(
        ", ".join(f"{values[year]:.3g} ({year})" for year in shown(values)) for _, values in sorted(sources.items())
    )
    return (
        f'[{key}]\ndistribution = "lognormal"\np05 = {ends[0]:.3g}\np95 = {ends[1]:.3g}\nunit = "gCO2e/kWh"\n'
        f'source = [{works}]\nbasis = "{basis}"\nscope = "{scope}, annual mean, location-based"\n'
        f'note = "{what}, g/kWh: {seen}."\n'
    )


def build() -> dict[str, str]:
    """Return the text of every file by its name."""
    (series, names), bases = read_series(), read_bases()
    known = [found for sources in series.values() for values in sources.values() if (found := between_years(values))]
    usual = median(known)
    tables: dict[str, dict[str, str]] = {file: {} for file in FILES}
    for (region, kind), sources in series.items():
        file, key = home(region)
        name, basis, scope = names[region], bases[region, kind], "Direct emissions alone" if kind else "Life cycle"
        tables[file][key + kind] = table(key + kind, quantiles(sources, usual), sources, basis, scope, name)
        if file == "us-state" and kind:
            ends = quantiles(sources, usual, LIFE_CYCLE_OF_DIRECT)
            scope = f"Life cycle, as {LIFE_CYCLE_OF_DIRECT} times direct emissions"
            tables[file][key] = table(key, ends, sources, basis, scope, f"{name}. Direct", LIFE_CYCLE_OF_DIRECT)
    head = (
        "# {}. Built by evidence/build_grids.py, which states the rule; change that or its data, not this file.\n\n"
    )
    return {
        f"{file}.toml": head.format(FILES[file]) + "\n".join(text for _, text in sorted(tables[file].items()))
        for file in FILES
    }


if __name__ == "__main__":
    for name, text in build().items():
        (HERE.parent / "priors" / name).write_text(text, encoding="utf-8")
