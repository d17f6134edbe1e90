"""Which authorities are in the sample, where, how large, and who is like whom?

All are made up. Names are put together from syllables and were read through:
none is an English council or town. Codes start with ZZ and look like no
published code, so that types can only come from the register.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from earlywarning import schema
from earlywarning.sample.chance import Flags, Floats, stream

# type: letter in the code, how many, then the medians of population and of people a hectare
TYPES = {
    "unitary": ("U", 36, 210_000, 12.0),
    "district": ("D", 42, 115_000, 5.0),
    "county": ("C", 18, 750_000, 3.0),
    "metropolitan district": ("M", 24, 290_000, 25.0),
}
REGIONS = ("Northreach", "Eastreach", "Midreach", "Westreach", "Southreach")
FIRST = (
    "Anvel", "Brisken", "Corven", "Dresken", "Elvar", "Fennick", "Garrin", "Heskel",
    "Istel", "Jorrel", "Kelver", "Lorrin", "Mervel", "Norrel", "Ospel", "Pellor",
    "Quarrin", "Ruskel", "Sarrow", "Tolver", "Umbrel", "Vannel", "Weskin", "Yarrel",
)  # fmt: skip
SECOND = ("mere", "fen", "holt", "combe", "stow", "march", "haven", "garth", "moor", "wold")
DISTRICT_STYLES = ("", " Vale", " Forest", "", " Heath", " Downs", " and the Levels")

NEW = "ZZU036"  # takes over from the three on the day after they end
ENDED = ("ZZD040", "ZZD041", "ZZD042")
LAST_DAY = np.datetime64("2021-03-31")
N_NEIGHBOURS = 15


@dataclass(frozen=True)
class Places:
    """The authorities, in the register's order; arrays are of shape (n_authorities,)."""

    register: pd.DataFrame
    population: Floats
    density: Floats  # people a hectare
    deprivation: Floats  # standard deviations, higher is more deprived
    loud: Floats  # how noisy its figures are, 1 is usual

    @property
    def codes(self) -> pd.Series:
        """The authorities' codes."""
        return self.register["authority"]

    @property
    def ended(self) -> Flags:
        """Which authorities exist no longer."""
        return self.codes.isin(ENDED).to_numpy()

    @property
    def new(self) -> Flags:
        """Which authority took over."""
        return self.codes.eq(NEW).to_numpy()

    def of_type(self, *types: str) -> Flags:
        """Return which authorities are of one of the types."""
        return self.register["type"].isin(types).to_numpy()


def make_places(seed: int) -> Places:
    """Return the authorities of the sample.

    Examples
    --------
    >>> make_places(1).register["type"].value_counts().to_dict()["county"]
    18
    """
    register = _register()
    rng = stream(seed, "places")
    sizes = np.array([TYPES[kind][2] for kind in register["type"]], dtype=float)
    spread = np.array([TYPES[kind][3] for kind in register["type"]])
    metropolitan = register["type"].eq("metropolitan district").to_numpy()
    n = len(register)
    places = Places(
        register=register,
        population=np.round(sizes * np.exp(0.35 * rng.standard_normal(n)), -2),
        density=np.round(spread * np.exp(0.6 * rng.standard_normal(n)), 2),
        deprivation=np.round(rng.standard_normal(n) + np.where(metropolitan, 0.7, 0.0), 3),
        loud=np.exp(0.2 * rng.standard_normal(n)),
    )
    old, new = places.ended, places.new
    places.population[new] = places.population[old].sum()
    places.density[new] = places.density[old].mean().round(2)
    places.deprivation[new] = places.deprivation[old].mean().round(3)
    return places


def make_neighbours(places: Places) -> pd.DataFrame:
    """Return each authority's 15 nearest of its type that still exist (`schema.NEIGHBOURS`).

    Nearest in the logarithms of population and density and in deprivation, each
    over its standard deviation.

    Examples
    --------
    >>> len(make_neighbours(make_places(1)))
    1800
    """
    features = [np.log(places.population), np.log(places.density), places.deprivation]
    points = np.stack([(x - x.mean()) / x.std() for x in features], axis=1)
    apart = ((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2).round(6)
    kind = places.register["type"].to_numpy()
    barred = (kind[:, None] != kind) | places.ended | np.eye(len(kind), dtype=bool)
    nearest = np.argsort(np.where(barred, np.inf, apart), axis=1, kind="stable")[:, :N_NEIGHBOURS]
    codes = places.codes.to_numpy()
    columns = (
        np.repeat(codes, N_NEIGHBOURS),
        codes[nearest].ravel(),
        np.tile(np.arange(1, N_NEIGHBOURS + 1), len(codes)),
    )
    return pd.DataFrame(dict(zip(schema.NEIGHBOURS, columns, strict=True)))


def _register() -> pd.DataFrame:
    """Return the register (`schema.REGISTER`); an open end is NaT, no successor is ''."""
    kinds = [(kind, number) for kind, (_, n, *_) in TYPES.items() for number in range(1, n + 1)]
    codes = [f"ZZ{TYPES[kind][0]}{number:03d}" for kind, number in kinds]
    rows = pd.DataFrame({
        "authority": codes,
        "name": [_name(place, kind) for place, (kind, _) in enumerate(kinds)],
        "type": [kind for kind, _ in kinds],
        "region": [REGIONS[place % len(REGIONS)] for place in range(len(kinds))],
        "start": pd.Timestamp("1974-04-01"),
        "end": pd.Timestamp("NaT"),
        "successor": "",
    })  # fmt: skip
    ended, new = rows["authority"].isin(ENDED), rows["authority"].eq(NEW)
    rows.loc[ended | new, "region"] = REGIONS[0]
    rows.loc[ended, "end"] = pd.Timestamp(LAST_DAY)
    rows.loc[ended, "successor"] = NEW
    rows.loc[new, "start"] = pd.Timestamp(LAST_DAY) + pd.Timedelta(days=1)
    days = {"start": "datetime64[ns]", "end": "datetime64[ns]"}
    return rows.astype(days)[list(schema.REGISTER)]


def _name(place: int, kind: str) -> str:
    turn, first = divmod(place, len(FIRST))
    if kind == "county":
        return f"{FIRST[first]}shire"
    style = DISTRICT_STYLES[place % len(DISTRICT_STYLES)] if kind == "district" else ""
    return f"{FIRST[first]}{SECOND[(2 * turn + first) % len(SECOND)]}{style}"
