"""Every cause and finding has a page, every figure stands on it with its source, and every link leads somewhere."""

import posixpath
import re

import pytest
from markdown_it import MarkdownIt

from legdx.knowledge import load_knowledge
from legdx.report import model_pages, write_pages
from legdx.report.markdown import slug
from tests.knowledge.tiny_model import ModelFolder


@pytest.fixture(scope="module")
def knowledge(leg):
    return leg.knowledge


@pytest.fixture(scope="module")
def pages(knowledge):
    return model_pages(knowledge)


@pytest.fixture(scope="module")
def parsed(pages):
    reader = MarkdownIt("commonmark").enable("table")
    return {name: reader.parse(text) for name, text in pages.items()}


def inline(tokens):
    return (child for token in tokens for child in token.children or ())


def rows_of(text):
    """The lines of all tables, keyed by the id of the figure that stands in the last cell."""
    return {match[1]: line for line in text.splitlines() if (match := re.search(r"\| `([a-z0-9_.]+)` \|$", line))}


def test_each_cause_and_each_finding_has_a_page_and_the_index_leads_to_it(knowledge, pages):
    for folder, names in (("causes", knowledge.causes), ("findings", knowledge.findings)):
        there = {name for name in pages if name.startswith(f"{folder}/")}
        assert there == {f"{folder}/{name}.md" for name in names}
        assert all(f"]({name})" in pages["README.md"] for name in there)


def test_every_figure_of_a_cause_is_on_its_page_with_interval_source_and_grade(knowledge, pages):
    for name, cause in knowledge.causes.items():
        rows = rows_of(pages[f"causes/{name}.md"])
        figures = list(cause.figures())
        assert set(rows) == {figure.id for figure in figures}
        for figure in figures:
            row = rows[figure.id]
            assert f"(../sources.md#{figure.source})" in row
            assert f"| {figure.grade} |" in row
            assert " to " in row


def test_every_figure_of_a_finding_is_on_its_page(knowledge, pages):
    for name, finding in knowledge.findings.items():
        rows = rows_of(pages[f"findings/{name}.md"])
        own = {entry.figure.id for entry in finding.background}
        linked = {
            link.figure.id
            for owner in (*knowledge.causes.values(), *knowledge.syndromes.values())
            for link in owner.findings
            if link.finding == name
        }
        assert own | linked <= set(rows)


def test_factors_and_states_have_their_figures_too(knowledge, pages):
    factors = {figure.id for factor in knowledge.factors.values() for figure in factor.figures()}
    states = {figure.id for syndrome in knowledge.syndromes.values() for figure in syndrome.figures()}
    assert set(rows_of(pages["factors.md"])) == factors
    assert set(rows_of(pages["syndromes.md"])) == states


def test_a_factor_tells_what_it_goes_with_and_what_goes_with_it(pages):
    sections = dict(part.split("\n", 1) for part in pages["factors.md"].split("## ")[1:])
    arrow = next(
        line for line in sections["glucose_lowering_medication"].splitlines() if "risks.diabetes.absent" in line
    )
    assert arrow.startswith("| [diabetes](factors.md#diabetes) | probability | absent | adults | 0.0001 |")
    assert "(factors.md#glucose_lowering_medication)" in sections["diabetes"].partition("Bears on: ")[2]


def test_a_figure_stands_as_the_source_prints_it(knowledge, pages):
    rows = rows_of(pages["causes/guillain_barre_syndrome.md"])
    figures = [f for f in knowledge.causes["guillain_barre_syndrome"].figures() if f.printed]
    plain = [f for f in figures if f.printed and re.fullmatch(r"[\w\s.,%()/-]+", f.printed) and "_" not in f.printed]
    assert len(plain) > 20
    for figure in plain:
        assert f"| {' '.join(figure.printed.split())} |" in rows[figure.id]


def test_every_link_leads_to_a_page_and_a_heading_that_are_there(pages, parsed):
    headings = {
        name: {slug(tokens[i + 1].content) for i, token in enumerate(tokens) if token.type == "heading_open"}
        for name, tokens in parsed.items()
    }
    followed = 0
    for name, tokens in parsed.items():
        for child in inline(tokens):
            if child.type != "link_open" or "://" in child.attrs["href"]:
                continue
            path, _, anchor = str(child.attrs["href"]).partition("#")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
            assert target in pages, (name, path)
            assert not anchor or anchor in headings[target], (name, path, anchor)
            followed += 1
    assert followed > 5000


def test_the_text_of_a_source_is_text_and_no_markup(parsed):
    """What the files say may hold signs of Markdown or HTML; none of them may become an element."""
    for name, tokens in parsed.items():
        kinds = {child.type for child in inline(tokens)} | {token.type for token in tokens}
        assert not kinds & {"html_inline", "html_block", "em_open", "image"}, name


def test_all_rows_of_a_table_have_the_cells_of_its_head(parsed):
    for name, tokens in parsed.items():
        cells, head = 0, 0
        for token in tokens:
            if token.type == "table_open":
                head = 0
            if token.type == "tr_open":
                cells = 0
            if token.type in {"th_open", "td_open"}:
                cells += 1
            if token.type == "tr_close":
                head = head or cells
                assert cells == head, name


def test_the_same_knowledge_gives_the_same_text(knowledge, pages):
    assert model_pages(knowledge) == pages


def test_a_cause_that_was_encoded_twice_is_not_called_provisional(tmp_path):
    folder = ModelFolder(tmp_path / "tiny")
    folder.write("verified.yaml", "causes: [low_potassium]\n")
    pages = model_pages(load_knowledge(folder.path))
    assert "Encoded twice" in pages["causes/low_potassium.md"]
    assert "Provisional" in pages["causes/dehydration.md"]
    assert "3 causes (2 provisional" in pages["README.md"]


def test_a_page_of_a_cause_that_is_no_more_is_taken_out(tmp_path):
    write_pages({"causes/a.md": "a\n", "causes/b.md": "b\n"}, tmp_path)
    write_pages({"causes/a.md": "new\n"}, tmp_path)
    assert [path.name for path in (tmp_path / "causes").iterdir()] == ["a.md"]
    assert (tmp_path / "causes" / "a.md").read_bytes() == b"new\n"
