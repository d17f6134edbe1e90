"""Draw the pictures of the documentation, from the sample. Run: python docs/images/make.py."""

from pathlib import Path

from earlywarning import (
    EarlyWarning,
    Result,
    as_catalogue,
    as_panel,
    carry_history,
    sample_tables,
)
from earlywarning.charts import contributions_chart, tiers_chart

FOLDER = Path(__file__).parent
SOURCE = "the sample, a sector that does not exist"


def sample_result() -> Result:
    """Score the sample as known on the day of its newest publication."""
    sample = sample_tables()
    catalogue = as_catalogue(sample.catalogue)
    panel = carry_history(as_panel(sample.panel, catalogue=catalogue), sample.register, catalogue)
    model = EarlyWarning(catalogue=catalogue, register=sample.register)
    return model.fit_score(panel)


def main() -> None:
    """Draw the tiers, the gravest flag's series, and the score of its authority."""
    result = sample_result()
    first = result.flags.iloc[0]
    names = result.authorities.set_index("authority")["name"]
    titles = result.metrics.set_index("metric")["title"].to_dict()
    pictures = {
        "sample_tiers.svg": tiers_chart(result.authorities, as_of=result.as_of, source=SOURCE),
        "sample_series.svg": result.plot(first["authority"], first["metric"]),
        "sample_score.svg": contributions_chart(
            result.contributions,
            first["authority"],
            name=names[first["authority"]],
            titles=titles,
            as_of=result.as_of,
            source=SOURCE,
        ),
    }
    for name, drawing in pictures.items():
        drawing.save(FOLDER / name)


if __name__ == "__main__":
    main()
