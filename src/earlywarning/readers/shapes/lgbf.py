"""Is this a table of Scotland's Local Government Benchmarking Framework?

Two shapes. The data table (`LGBF_Data_Table_Real.csv`, also `…_Cash`): columns as in repository
jsleight1/lgbfscotland, `example_lgbf_data`. The older workbook of raw data: a column `Local
Authority`, then one an indicator and year, such as `CHN1 Real 2010-11`, as repository
Improvement-Service/LGBF_Analysis reads it (`cleanData.R`). Neither has codes of authorities:
they follow from the names of the 32 councils.
"""

import re

import numpy as np
import pandas as pd

from earlywarning.panel.rows import recoded, words
from earlywarning.readers.files import Issues, Table
from earlywarning.readers.shapes.counting import counted
from earlywarning.readers.stacked import stacked

NAME = "a table of the Local Government Benchmarking Framework"
LEFT_OUT = "Figures of Scotland and of family groups, numerators and denominators are not used."
AUTHORITY, YEAR = "LA_Information_LocalAuthority", "LA_Data_LGBF_Year"
CODE, TITLE = "Indicators_Information_Code", "Indicators_Information_Title"
VALUES = ("LA_Data_LA_IndicatorReal", "LA_Data_LA_IndicatorCash", "LA_Data_LA_Indicator")
FEWEST = 3  # columns of an indicator and year: fewer may be chance
_CELL = re.compile(r"([A-Z][A-Z&]{1,5} ?\d+[a-z]{0,3})( Real)?[ _](\d{4}-\d\d)")
COUNCILS = {
    "aberdeen city": "S12000033", "aberdeenshire": "S12000034", "angus": "S12000041",
    "argyll and bute": "S12000035", "clackmannanshire": "S12000005",
    "dumfries and galloway": "S12000006", "dundee city": "S12000042", "east ayrshire": "S12000008",
    "east dunbartonshire": "S12000045", "east lothian": "S12000010",
    "east renfrewshire": "S12000011", "edinburgh": "S12000036", "falkirk": "S12000014",
    "fife": "S12000047", "glasgow city": "S12000049", "highland": "S12000017",
    "inverclyde": "S12000018", "midlothian": "S12000019", "moray": "S12000020",
    "eilean siar": "S12000013", "north ayrshire": "S12000021", "north lanarkshire": "S12000050",
    "orkney islands": "S12000023", "perth and kinross": "S12000048", "renfrewshire": "S12000038",
    "scottish borders": "S12000026", "shetland islands": "S12000027", "south ayrshire": "S12000028",
    "south lanarkshire": "S12000029", "stirling": "S12000030", "west dunbartonshire": "S12000039",
    "west lothian": "S12000040",
}  # fmt: skip
ALSO = {
    "city of edinburgh": "edinburgh", "edinburgh city": "edinburgh",
    "edinburgh, city of": "edinburgh", "na h-eileanan siar": "eilean siar",
    "comhairle nan eilean siar": "eilean siar", "na h-eileanan an iar": "eilean siar",
    "orkney": "orkney islands", "shetland": "shetland islands", "dundee": "dundee city",
    "glasgow": "glasgow city", "aberdeen": "aberdeen city", "argyll and bute council":
    "argyll and bute",
}  # fmt: skip


def recognise(columns: frozenset[str]) -> bool:
    """Say whether these are its columns.

    Examples
    --------
    >>> recognise(frozenset(["Local Authority", "CHN1 2010-11", "CHN1 2011-12", "ENV4b 2011-12"]))
    True
    """
    if columns >= {AUTHORITY, YEAR, CODE} and columns.intersection(VALUES):
        return True
    return "Local Authority" in columns and sum(map(bool, map(_CELL.fullmatch, columns))) >= FEWEST


def tidy(table: Table) -> tuple[pd.DataFrame, Issues]:
    """Return one row a council, indicator and year.

    Examples
    --------
    >>> frame = pd.DataFrame({"Local Authority": ["Fife"], "CHN1 Real 2010-11": ["5"]})
    >>> tidy(Table("a.xlsx", frame, np.array([2])))[0][["authority", "metric", "period", "value"]
    ...     ].to_numpy().tolist()
    [['S12000047', 'CHN1 Real', '2010/11', '5']]
    """
    long = _one_row_a_value(table) if AUTHORITY in table.frame else _one_column_a_year(table)
    names = words(long["name"])
    codes = [code_of(name) for name in names.categories]
    places, distinct = pd.factorize(np.array([*codes, None], dtype=object))
    long = long.assign(authority=recoded(names.codes, places, distinct))
    unknown = long["authority"].isna().to_numpy()
    issues = counted(
        names[unknown], long["row"].to_numpy()[unknown],
        lambda name, n, _: f"{n:,} rows are of '{name}', which is none of the 32 councils.",
        code="not_an_authority", remedy="Nothing, if it is a total.", file=table.name,
    )  # fmt: skip
    return long[~unknown].reset_index(drop=True), issues


def code_of(name: str) -> str | None:
    """Return the code of a Scottish council, by the names that its publishers use.

    Examples
    --------
    >>> code_of("Argyll & Bute"), code_of("Scotland") is None
    ('S12000035', True)
    """
    plain = " ".join(name.lower().replace("&", " and ").replace("\u2019", "'").split())
    return COUNCILS.get(ALSO.get(plain, plain))


def _one_row_a_value(table: Table) -> pd.DataFrame:
    frame = table.frame
    value = next(name for name in VALUES if name in frame)
    metric = TITLE if TITLE in frame else CODE
    roles = {"name": AUTHORITY, "metric": metric, "period": YEAR, "value": value}
    given = {role: frame[column].array for role, column in roles.items()}
    return pd.DataFrame(given).assign(row=table.rows)


def _one_column_a_year(table: Table) -> pd.DataFrame:
    columns = [str(column) for column in table.frame if _CELL.fullmatch(str(column))]
    long = stacked(table, {"name": "Local Authority"}, columns, "column")
    parts = [_CELL.fullmatch(column) for column in columns]
    words_of = {"metric": [f"{m[1]}{m[2] or ''}" for m in parts if m],
                "period": [m[3].replace("-", "/") for m in parts if m]}  # fmt: skip
    which = long.pop("column").cat.codes.to_numpy()
    for role, said in words_of.items():
        places, distinct = pd.factorize(pd.Index(said, dtype="str"))
        long[role] = recoded(which, [*places, -1], distinct)
    return long
