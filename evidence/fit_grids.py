"""Fit how far apart the figures of one grid lie, and say how well a figure that was left out is predicted.

    python evidence/fit_grids.py

A figure is what one work says of one place in its newest year, of life-cycle or of direct emissions. It answers one
of two questions: what the place *generates* (Ember, EEA, eGRID, RTE, derived mixes), or what an *operator* reports of
the grid that it draws from, imports and market included (Google).

1. Life cycle of direct emissions: ``life = factor * direct + base``, in g/kWh. The base is what hydro, nuclear, wind,
   sun and biomass add. Fitted to pairs of one supplier, whose spread is that of the conversion (the mixes of Canada's
   provinces, and Google's life cycle of 2020 with its direct emissions of 2021), and of two (EEA or eGRID, and Ember,
   in the same years), which differ by more.
2. The yearly change of a place: the mean square change of the logarithm, each place's own, drawn towards the common
   one as far as the places' differing asks for (an F distribution; Smyth 2004, doi:10.2202/1544-6115.1027).
3. The logarithm of a figure is ``generated[place] + delivered[place] + supplier[place, s]``, all normal. The second
   part is there for operators in states and provinces alone, whose grid is wider than they are; in countries the data
   tell no such part from zero. Conversion adds its spread, alike for all figures of a place, and years between the
   figure and the one asked for add theirs. The two spreads are found by restricted maximum likelihood (Patterson and
   Thompson 1971, doi:10.1093/biomet/58.3.545). A place of one supplier borrows both.

A figure that is not yet known is predicted by universal kriging.
"""

import csv
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import f as f_distribution
from scipy.stats import norm

HERE = Path(__file__).parent
FIRST_YEAR = 2016  # a grid of before was another grid
FOLDS = 10
NOTHING = 1e12  # the variance of a figure that is not there
RUN_AGE = 2.0  # years between a run and the newest figure: the mean over the last five years
type Array = NDArray[np.float64]

SUPPLIERS = {  # what a row's source begins with
    "codecarbon 3.3.2 global_energy_mix": "ember",
    "Our World in Data carbon intensity": "ember",
    "European Environment Agency": "eea",
    "US EPA eGRID": "egrid",
    "Google Cloud region": "google",
    "China provincial": "mee",
    "codecarbon 3.3.2 nordic": "entso-e",
    "codecarbon 2016/canada": "mix",
    "codecarbon 2023/canada": "mix",
    "RTE": "rte",
    "Hydro-Québec": "hydro-quebec",
}
SAME = {"FI": "FIN", "FR": "FRA", "US-usa": "USA", "EU27+1": "EU-27"}
OPERATOR = (  # the regions of Google's cloud of each place
    "TWN asia-east1 HKG asia-east2 JPN asia-northeast1 JPN asia-northeast2 KOR asia-northeast3 IND asia-south1 "
    "IND asia-south2 SGP asia-southeast1 IDN asia-southeast2 THA asia-southeast3 AUS australia-southeast1 "
    "AUS australia-southeast2 ZAF africa-south1 POL europe-central2 FIN europe-north1 SWE europe-north2 "
    "ESP europe-southwest1 BEL europe-west1 GBR europe-west2 DEU europe-west3 NLD europe-west4 CHE europe-west6 "
    "ITA europe-west8 FRA europe-west9 DEU europe-west10 ITA europe-west12 QAT me-central1 SAU me-central2 "
    "ISR me-west1 CA-QC northamerica-northeast1 CA-ON northamerica-northeast2 MEX northamerica-south1 "
    "BRA southamerica-east1 CHL southamerica-west1 US-IA us-central1 US-OK us-central2 US-SC us-east1 US-GA us-east2 "
    "US-VA us-east4 US-OH us-east5 US-TX us-south1 US-OR us-west1 US-CA us-west2 US-UT us-west3 US-NV us-west4"
)


class Figure(NamedTuple):
    """What a work says of a place: values by year, in g/kWh."""

    place: str
    supplier: str
    question: str
    direct: bool
    values: dict[int, float]
    detail: str = ""


class Conversion(NamedTuple):
    """Life cycle of direct emissions, and the standard deviations of the logarithm of what it is off by."""

    factor: float
    base: float
    spread: float  # between places, of one supplier
    between_suppliers: float

    def life(self, direct: float) -> float:
        """Return the life cycle of direct emissions."""
        return self.factor * direct + self.base

    def direct(self, life: float) -> float:
        """Return the direct emissions of a life cycle, negative where the base is more."""
        return (life - self.base) / self.factor

    def slope(self, direct: float) -> float:
        """Return by how much the logarithm of direct emissions changes with that of the life cycle."""
        return self.life(direct) / (self.factor * direct)


class Spread(NamedTuple):
    """Standard deviations of the logarithm."""

    supplier: float
    operator: float  # what an operator draws from, over what its state or province generates


class Said(NamedTuple):
    """What figures say of another: mean and variance of its logarithm, and the variance of a year more."""

    centre: float
    variance: float
    change: float

    def interval(self, years: float = 0.0) -> tuple[float, float]:
        """Return the 5 and 95 % quantiles so many years from the figures, in g/kWh."""
        reach = float(norm.ppf(0.95)) * math.sqrt(self.variance + self.change * years)
        return math.exp(self.centre - reach), math.exp(self.centre + reach)


def read_rows() -> Iterator[tuple[dict[str, str], str, str, bool, int]]:
    """Yield each row that counts, with its region, its supplier, whether it is direct, and its year."""
    text = (HERE / "grid_intensity.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        # Rows without a year repeat Google's latest; those of zero say that nothing was known.
        if not re.fullmatch(r"\d{4}", row["year"]) or row["note"] == "recall" or float(row["g_per_kwh"]) <= 0:
            continue
        if int(row["year"]) >= FIRST_YEAR:
            (supplier,) = {SUPPLIERS[start] for start in SUPPLIERS if row["source"].startswith(start)}
            region = SAME.get(row["region"], row["region"]).replace("cenrtal", "central")
            yield row, region, supplier, "lifecycle" not in row["scope"], int(row["year"])


def read_series() -> dict[tuple[str, str, bool], dict[int, float]]:
    """Return values as {(region, supplier, direct): {year: g/kWh}}; a later row replaces an earlier release."""
    series: dict[tuple[str, str, bool], dict[int, float]] = defaultdict(dict)
    for row, region, supplier, direct, year in read_rows():
        series[region, supplier, direct][year] = float(row["g_per_kwh"])
    return series


def nearest(values: dict[int, float], year: int) -> int:
    """Return the year of a series that is nearest to one, of two the earlier."""
    return min(values, key=lambda known: (abs(known - year), known))


def geometric(values: Iterable[float]) -> float:
    """Return the geometric mean."""
    return math.exp(np.mean(np.log(list(values))))


def joined(series: Iterable[dict[int, float]]) -> dict[int, float]:
    """Return the geometric mean of several series in the years that all have."""
    listed = list(series)
    years = sorted(set.intersection(*(set(values) for values in listed)))
    return {year: geometric(values[year] for values in listed) for year in years}


def read_figures() -> dict[str, list[Figure]]:
    """Return the figures of each place; a work's life-cycle figure stands before its direct one."""
    series = read_series()
    figures: dict[str, list[Figure]] = defaultdict(list)
    for (region, supplier, direct), values in sorted(series.items()):
        if ":" not in region:
            figures[region].append(Figure(region, supplier, "generation", direct, values))
    regions = defaultdict(list)
    for place, region in zip(*[iter(OPERATOR.split())] * 2, strict=True):
        regions[place].append(region)
    for place, names in regions.items():
        values = joined(series[f"gcp:{name}", "google", True] for name in names)
        figures[place].append(Figure(place, "google", "operator", True, values, ", ".join(names)))
    return dict(figures)


def conversion_pairs() -> list[tuple[str, bool, float, float]]:
    """Return region, whether one supplier said both, direct and life cycle, as geometric means over common years."""
    series = read_series()
    pairs = []
    for (region, supplier, direct), values in sorted(series.items()):
        if not direct:
            continue
        same = supplier in ("google", "mix")
        other = series.get((region, supplier if same else "ember", False), {})
        if supplier == "google":  # its figures are direct from 2021 on
            pairs += [(region, True, values[2021], other[2020])] if 2020 in other and 2021 in values else []
        elif years := set(values) & set(other):
            pair = (geometric(values[year] for year in years), geometric(other[year] for year in years))
            pairs.append((region, same, *pair))
    return pairs


def fit_conversion() -> Conversion:
    """Return the conversion that makes the pairs most likely, with a spread for one supplier and one for two."""
    _, same, direct, life = map(np.array, zip(*conversion_pairs(), strict=True))

    def deviations(p: Array) -> tuple[Array, Array]:
        return np.log(life) - np.log(np.exp(p[0]) * direct + np.exp(p[1])), np.where(same, p[2], p[3])

    def cost(p: Array) -> float:
        off, log_spread = deviations(p)
        return float((log_spread + 0.5 * (off / np.exp(log_spread)) ** 2).sum())

    found = minimize(cost, (0.1, 3.0, -2.0, -1.5), method="Nelder-Mead", options={"maxiter": 10_000, "fatol": 1e-10})
    return Conversion(*np.exp(found.x).tolist())


def squared_changes(figures: list[Figure], conversion: Conversion) -> list[float]:
    """Return the squared changes of the life cycle's logarithm a year, between neighbouring years of each figure."""
    found = []
    for _, _, values in in_kind(figures, False, conversion):
        for (before, first), (after, second) in pairwise(sorted(values.items())):
            found.append(math.log(second / first) ** 2 / (after - before))
    return found


class Changes(NamedTuple):
    """Variances of the yearly change: the common one, how many years it counts as, and the mean of all places."""

    common: float
    strength: float
    mean: float

    def of(self, squares: list[float]) -> float:
        """Return the variance of a place of such changes, drawn towards the common one."""
        return (self.strength * self.common + sum(squares)) / (self.strength + len(squares)) if squares else self.mean


def fit_changes(figures: dict[str, list[Figure]], conversion: Conversion) -> Changes:
    """Return the changes that make those of all places most likely."""
    squares = [found for of_place in figures.values() if sum(found := squared_changes(of_place, conversion))]
    counts, own = np.array([len(found) for found in squares]), np.array([np.mean(found) for found in squares])

    def cost(p: Array) -> float:
        return -float((f_distribution.logpdf(own / np.exp(p[0]), counts, np.exp(p[1])) - p[0]).sum())

    common, strength = np.exp(minimize(cost, (-5.0, 1.0), method="Nelder-Mead").x).tolist()
    changes = Changes(common, strength, 0.0)
    return changes._replace(mean=float(np.mean([changes.of(found) for found in squares])))


def in_kind(
    figures: list[Figure], direct: bool, conversion: Conversion
) -> list[tuple[Figure, bool, dict[int, float]]]:
    """Return figures with whether they are converted and their values in one kind, in g/kWh.

    A work that says both kinds is taken at its word; a value that would become negative says nothing.
    """
    said = {figure.supplier for figure in figures if figure.direct == direct}
    found = []
    for figure in figures:
        if figure.direct == direct:
            found.append((figure, False, figure.values))
        elif figure.supplier not in said:
            turn = conversion.direct if direct else conversion.life
            values = {year: turn(value) for year, value in figure.values.items() if turn(value) > 0}
            if values:
                found.append((figure, True, values))
    return found


class Evidence(NamedTuple):
    """The figures of a place in one kind and for one year, of shape (count,), and the parts of their covariance.

    Where places are stacked, all have one more dimension in front, and what a place has too few of weighs nothing.
    """

    logs: Array
    delivered: Array  # 1 for what an operator draws from in a state or province, 0 for others
    scale: Array  # of the standard deviation, where conversion stretches the logarithm
    conversion: Array  # standard deviations of the conversion, which is off alike for all of a place
    years: Array  # variances of the years between
    is_part: Array  # whether the place is a state or province: of shape ()
    change: float = 0.0

    def covariance(self, spread: Spread) -> Array:
        """Return the covariance of the figures about what the place generates."""
        operator = spread.operator * self.delivered * self.scale
        shared = operator[..., :, None] * operator[..., None, :]
        shared = shared + self.conversion[..., :, None] * self.conversion[..., None, :]
        alone = (spread.supplier * self.scale) ** 2 + self.years
        return np.asarray(shared + alone[..., :, None] * np.eye(self.logs.shape[-1]))

    def said(self, spread: Spread, delivered: bool | None = None, conversion: float = 0.0) -> Said:
        """Return what the place generates; or what a supplier not yet known says, generated or delivered.

        Universal kriging, by generalised least squares. `conversion` is the spread of one that this figure went
        through.
        """
        weights = np.linalg.inv(self.covariance(spread))
        centre, variance = float((weights @ self.logs).sum() / weights.sum()), 1 / float(weights.sum())
        if delivered is None:
            return Said(centre, variance, self.change)
        operator = spread.operator**2 * float(self.is_part) * delivered
        common = operator * self.delivered * self.scale + conversion * self.conversion
        gain = weights @ common
        variance *= (1 - float(gain.sum())) ** 2
        variance += spread.supplier**2 + operator + conversion**2 - float(common @ gain)
        return Said(centre + float(gain @ (self.logs - centre)), variance, self.change)

    def site(self, spread: Spread) -> Said:
        """Return what is said of a new site: as likely by what the place generates as by an operator."""
        one, other = self.said(spread, False), self.said(spread, True)
        variance = (one.variance + other.variance) / 2 + ((one.centre - other.centre) / 2) ** 2
        return Said((one.centre + other.centre) / 2, variance, self.change)


def stacked(places: list[Evidence]) -> Evidence:
    """Return the figures of several places as one."""
    most = max(len(place.logs) for place in places)

    def filled(values: Array, fill: float) -> Array:
        return np.pad(values, [(0, most - len(values))] * values.ndim, constant_values=fill)

    fills = {"logs": 0.0, "delivered": 0.0, "scale": 1.0, "conversion": 0.0, "years": NOTHING}
    whole = {name: np.stack([filled(getattr(place, name), fill) for place in places]) for name, fill in fills.items()}
    return Evidence(**whole, is_part=np.array([place.is_part for place in places]))


def fit_spread(places: list[Evidence]) -> Spread:
    """Return the spread of highest restricted likelihood: that of the differences between figures of a place."""
    known = stacked(places)

    def cost(p: Array) -> float:
        spread = Spread(*np.exp(p).tolist())
        covariance = known.covariance(spread)
        weights = np.linalg.inv(covariance)
        total = weights.sum((1, 2))
        off = known.logs - (np.einsum("pij,pj->p", weights, known.logs) / total)[:, None]
        squares = np.einsum("pi,pij,pj->p", off, weights, off)
        return 0.5 * float((np.linalg.slogdet(covariance)[1] + np.log(total) + squares).sum())

    start = np.log([0.1, 0.3])
    return Spread(*np.exp(minimize(cost, start, method="L-BFGS-B", bounds=[(-7, 2)] * 2).x).tolist())


class Model(NamedTuple):
    """All that is fitted."""

    conversion: Conversion
    changes: Changes
    spread: Spread

    def evidence(
        self, figures: list[Figure], direct: bool = False, year: int | None = None, place: list[Figure] | None = None
    ) -> Evidence | None:
        """Return what figures say of a year, by default the newest, or None if they say nothing.

        The yearly change is that of all figures of their place, by default of these.
        """
        change = self.changes.of(squared_changes(place or figures, self.conversion))
        return evidence(figures, self.conversion, change, direct, year)


def evidence(
    figures: list[Figure], conversion: Conversion, change: float, direct: bool, year: int | None = None
) -> Evidence | None:
    """Return the figures of a place in one kind; each says its value of the year nearest to the one asked for."""
    known = in_kind(figures, direct, conversion)
    if not known:
        return None
    year = max(max(values) for _, _, values in known) if year is None else year
    logs, scale, spread, years = [], [], [], []
    for _, converted, values in known:
        of = nearest(values, year)
        logs.append(math.log(values[of]))
        scale.append(conversion.slope(values[of]) if converted and direct else 1.0)
        spread.append(scale[-1] * conversion.spread * converted)
        years.append(change * abs(of - year))
    is_part = "-" in (place := figures[0].place) and place != "EU-27"
    return Evidence(
        np.array(logs),
        np.array([float(is_part and figure.question == "operator") for figure, _, _ in known]),
        np.array(scale),
        np.array(spread),
        np.array(years),
        np.array(is_part),
        change,
    )


def fit(figures: dict[str, list[Figure]]) -> Model:
    """Return the model of highest likelihood, in three steps: conversion, changes, spread."""
    conversion = fit_conversion()
    changes = fit_changes(figures, conversion)
    several = []
    for of_place in figures.values():
        year = min(max(figure.values) for figure in of_place)  # of the oldest, as most others say that one too
        found = evidence(of_place, conversion, changes.of(squared_changes(of_place, conversion)), False, year)
        if found is not None and len(found.logs) > 1:
            several.append(found)
    return Model(conversion, changes, fit_spread(several))


class Score(NamedTuple):
    """How a figure that was left out was predicted: its value and the 90 % interval in g/kWh, and its PIT."""

    place: str
    supplier: str
    value: float
    low: float
    high: float
    pit: float


def scores(figures: dict[str, list[Figure]]) -> list[Score]:
    """Return a score of each figure of a place, predicted by the other suppliers there.

    All figures of its supplier there are left out, and each tenth of the places is predicted by a model that was
    fitted to the others.
    """
    found = []
    for fold in range(FOLDS):
        tenth = sorted(figures)[fold::FOLDS]
        model = fit({place: of_place for place, of_place in figures.items() if place not in tenth})
        for place in tenth:
            for supplier in sorted({figure.supplier for figure in figures[place]}):
                rest = [figure for figure in figures[place] if figure.supplier != supplier]
                out = [figure for figure in figures[place] if figure.supplier == supplier]
                for figure, converted, values in in_kind(out, False, model.conversion) if rest else []:
                    year = max(values)
                    said = model.evidence(rest, year=year).said(
                        model.spread, figure.question == "operator", converted * model.conversion.spread
                    )
                    off = math.log(values[year]) - said.centre
                    pit = float(norm.cdf(off / math.sqrt(said.variance)))
                    found.append(Score(place, supplier, values[year], *said.interval(), pit))
    return found


def main() -> None:
    figures = read_figures()
    model = fit(figures)
    print(model.conversion, model.spread, sep="\n")
    print(f"yearly change of a place without a series: {math.sqrt(model.changes.mean):.3f}")
    found = scores(figures)
    for supplier in [None, *sorted({score.supplier for score in found})]:
        of = [score for score in found if supplier in (None, score.supplier)]
        held = np.mean([score.low <= score.value <= score.high for score in of])
        width = np.median([score.high / score.low for score in of])
        print(
            f"{supplier or 'all':17s} {len(of):3d} figures, 90 % intervals hold {held:.1%}, median width x{width:.2f}"
        )


if __name__ == "__main__":
    main()
