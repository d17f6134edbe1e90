"""What is asked follows the theme and kind of the flags, from a table that anybody may edit."""

from dataclasses import replace

import pytest
from tests.explained_tables import made_tables

from earlywarning.catalogue import BUILT_IN, built_in
from earlywarning.errors import QuestionsError
from earlywarning.explain import read_questions
from earlywarning.explain.questions import own_questions, questions_to_ask
from earlywarning.explain.wording import one_line
from earlywarning.report import Brief
from earlywarning.schema import QUESTIONS


@pytest.fixture
def written(tmp_path):
    """Return a function that writes a file of questions and reads it."""

    def read(text, encoding="utf-8"):
        path = tmp_path / "ours.csv"
        path.write_bytes(text.encode(encoding))
        return read_questions(path)

    return read


def asked(questions=None, **changed):
    tables = made_tables()
    tables = replace(tables, flags=tables.flags.assign(**changed))
    return questions_to_ask(tables.about("E1"), questions).items


def test_our_questions_are_of_the_theme_and_the_kind_and_about_the_flagged_metric():
    ours = own_questions()
    finance = ours[ours["theme"].eq("finance")]
    told = asked()
    assert len(told) == 4
    for kind in ("change", "position"):
        for template in finance.loc[finance["kind"].eq(kind), "question"]:
            title = {"title": "Council tax collected", "theme": "Finance"}
            assert f"Finance: {template.format(**title)}" in told


def test_a_theme_that_nobody_wrote_for_is_asked_what_holds_for_any():
    told = asked(theme="Lighthouses")
    assert told[0].startswith("Lighthouses: What has changed behind “Council tax collected”")
    assert len(told) == 4


def test_every_theme_of_the_catalogues_has_questions_of_its_own_for_both_kinds(sample):
    ours = set(own_questions()[["theme", "kind"]].itertuples(index=False, name=None))
    themes = {*sample.result.metrics["theme"]}
    themes = themes.union(*(built_in(name).table["theme"] for name in BUILT_IN))
    lacking = [
        (theme, kind)
        for theme in themes
        for kind in ("change", "position")
        if (one_line(theme).casefold(), kind) not in ours
    ]
    assert not lacking


def test_the_users_questions_go_before_ours_and_ours_fill_what_they_leave(written):
    mine = written("Kind,THEME,question\nchange, Finance ,Why {title} ({theme})?\n")
    assert tuple(mine.columns) == QUESTIONS
    told = asked(mine)
    assert told[0] == "Finance: Why Council tax collected (Finance)?"
    assert told[1:] == tuple(text for text in asked() if text in told)
    assert len(told) == 3
    anything = written("theme,kind,question\n,,What now?\n")
    assert asked(anything) == ("Finance: What now?",)


def test_a_brief_asks_the_users_questions(written):
    mine = written("theme,kind,question\nany,any,What now?\n")
    assert "Finance: What now?" in str(Brief("E1", made_tables(), mine))


def test_a_title_that_looks_like_a_placeholder_is_no_placeholder(written):
    tables = made_tables()
    tables = replace(tables, metrics=tables.metrics.assign(title="{theme} {0} {title.x}"))
    about = tables.about("E1")
    told = questions_to_ask(about, written("theme,kind,question\n,,Why {{so}} “{title}”?\n")).items
    assert told == ("Finance: Why {so} “{theme} {0} {title.x}”?",)


def test_all_that_is_wrong_is_named_at_once_by_row_with_the_nearest_known(written):
    with pytest.raises(QuestionsError) as caught:
        written(
            "theme,kind,question\n"
            'Finance,chang,"What {titel}, {0}, {title!r}, {theme.x}"\n'
            "x,change,one,two\n"
            "\n"
            "y,position,\n"
            "z,any,{\n"
            "v,any,{title:{theme}}\n"
        )
    said = str(caught.value)
    for problem in (
        "Row 2: the kind 'chang' is not known (did you mean 'change'?).",
        "Row 2: {titel} is not known (did you mean 'title'?); use {title} or {theme}.",
        "Row 2: {0} is not known",
        "Row 2: {title!r} is not known",
        "Row 2: {theme.x} is not known",
        "Row 3 has 4 cells, not 3: put a question with a comma into quotation marks.",
        "Row 5: there is no question.",
        "Row 6: a brace is not closed",
        "Row 7: {title:{theme}} is not known",
    ):
        assert problem in said
    assert said.startswith("ours.csv: ")


@pytest.mark.parametrize(
    ("text", "said"),
    [("theme,kind,questin\n", r"no column 'question'.*'questin' that is not known \(did you mean"),
     ("theme,kind,question,theme\n", "two columns 'theme'"), ("", "no column 'theme'"),
     ('theme,kind,question\na,any,"b\n', "cannot be read")],
)  # fmt: skip
def test_a_file_of_another_make_is_refused(written, text, said):
    with pytest.raises(QuestionsError, match=said):
        written(text)


def test_a_file_that_is_not_there_or_not_in_utf_8_is_refused(written, tmp_path):
    with pytest.raises(QuestionsError, match=r"none\.csv cannot be read"):
        read_questions(tmp_path / "none.csv")
    with pytest.raises(QuestionsError, match="UTF-8"):
        written("theme,kind,question\n,,Häuser £\n", encoding="latin-1")


def test_a_mark_at_the_beginning_of_the_file_is_no_part_of_it(written):
    assert len(written("\ufefftheme,kind,question\n,,What?\n")) == 1
