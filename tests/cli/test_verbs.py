"""Every verb does what it says, in text and in JSON, and ends with the promised exit code."""

import csv
import io
import json
import shutil
from pathlib import Path

import defusedxml.ElementTree
import pandas as pd
import pytest
from jsonschema import Draft202012Validator

import legdx as package
from legdx.engine import kernels
from legdx.model import packaged_folder
from tests.knowledge.tiny_model import ModelFolder

ROOT = Path(__file__).resolve().parents[2]
SURVEY = ROOT / "data" / "example_survey.csv"
MAPPING = ROOT / "data" / "mappings" / "example_survey.yaml"
NOTICE = "not a medical device"


@pytest.fixture(scope="session")
def model():
    return package.load_model()


def test_version_and_help(legdx):
    done = legdx("--version")
    assert done.code == 0
    assert package.__version__ in done.out
    assert str(kernels()) in done.out
    assert NOTICE in done.out
    for verb in ("assess", "explain", "map", "score", "template", "build", "check", "export", "simulate"):
        assert legdx(verb, "--help").code == 0


def test_a_command_that_is_called_wrongly_ends_with_2(legdx, case):
    for arguments in (
        ("assess",),
        ("asses", case),
        ("assess", case, "--jsn"),
        ("simulate", "-n", "0", "-o", "-"),
        ("score", SURVEY),
        ("score", SURVEY, "--mapping", MAPPING, "-o", "-", "--json"),
        ("export", "--format", "doc", "-o", "-"),
    ):
        assert legdx(*arguments).code == 2


def test_assess_says_how_likely_and_how_urgent(legdx, case, model):
    done = legdx("assess", case)
    assert done.code == 0
    assert "Urgency:" in done.out
    first = next(iter(model.assess(json.loads(case.read_text())).posterior))
    assert model.knowledge.label(first) in done.out
    assert NOTICE in done.out


def test_assess_writes_the_assessment_as_json(legdx, case, model):
    done = legdx("assess", case, "--json")
    expected = model.assess(json.loads(case.read_text())).to_dict()
    assert (done.code, json.loads(done.out)) == (0, expected)


def test_a_case_comes_from_standard_input(legdx, case):
    assert legdx("assess", "-", "--json", stdin=case.read_bytes()).out == legdx("assess", case, "--json").out
    assert legdx("explain", "-", "--json", stdin=b"\xef\xbb\xbf" + case.read_bytes()).code == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "this is not JSON"),
        (b"", "this is not JSON"),
        (b"[1]", "no JSON object"),
        (b"\xff\xfe", "not UTF-8"),
        (b'{"age": NaN}', "NaN is no JSON"),
        (b'{"tremor": "present", "tremor": "absent"}', "stands twice"),
        (b'{"tremour": "present"}', "did you mean 'tremor'"),
        (b'{"tremor": "maybe"}', "not a value of tremor"),
        (b'{"age": 12}', "18 years and over"),
    ],
)
def test_a_case_that_cannot_be_read_ends_with_1_a_message_and_a_hint(legdx, content, message):
    done = legdx("assess", "-", stdin=content)
    assert done.code == 1
    assert done.out == ""
    assert message in done.err
    assert "hint" in done.err.lower()


def test_a_file_that_is_not_there_ends_with_1(legdx, tmp_path, case):
    assert legdx("assess", tmp_path / "nothing.json").code == 1
    assert legdx("score", tmp_path / "nothing.csv", "-m", MAPPING, "-o", tmp_path / "o.csv").code == 1
    assert legdx("score", SURVEY, "-m", tmp_path / "nothing.yaml", "-o", tmp_path / "o.csv").code == 1
    done = legdx("assess", case, "--model", tmp_path / "nothing.npz")
    assert done.code == 1
    assert "legdx build" in done.err
    assert legdx("export", "-o", tmp_path / "nowhere" / "net.xml").code == 1


def test_explain_gives_reasons_for_the_first_cause_or_the_one_named(legdx, case, model):
    first = model.assess(json.loads(case.read_text())).ranking.first
    other = ("--cause", "essential_tremor", "--level", "paragraph")
    for arguments, cause in ((("--level", "line"), first), (other, "essential_tremor")):
        data = json.loads(legdx("explain", case, "--json", *arguments).out)
        assert data["cause"] == cause
        assert data["statements"]
        assert NOTICE in data["disclaimer"]
        done = legdx("explain", case, *arguments)
        assert done.code == 0
        assert data["statements"][0]["text"] in done.out
        assert NOTICE in done.out


def test_explain_shows_by_default_how_the_answers_add_up(legdx):
    done = legdx("explain", "-", stdin=b'{"age": 67, "sex": "male", "urge_to_move_legs": "present"}')
    assert done.code == 0
    assert "restless legs syndrome" in done.out.lower()
    assert "the shares add up" in done.out


def test_explain_sets_one_cause_against_another(legdx, case):
    arguments = ("explain", case, "--cause", "parkinsons_disease", "--than", "essential_tremor")
    data = json.loads(legdx(*arguments, "--json").out)
    assert (data["first"], data["second"]) == ("parkinsons_disease", "essential_tremor")
    done = legdx(*arguments)
    assert done.code == 0
    assert "difference" in done.out
    assert NOTICE in done.out
    assert legdx(*arguments[:-1], "essential_tremour").code == 1


def test_explain_refuses_a_level_that_is_none(legdx, case):
    done = legdx("explain", case, "--level", "everything")
    assert done.code == 1
    assert "paragraph" in done.err


def test_explain_of_an_unknown_cause_names_the_nearest(legdx, case):
    done = legdx("explain", case, "--cause", "parkinson_disease")
    assert done.code == 1
    assert "parkinsons_disease" in done.err


def test_score_ends_with_3_when_rows_were_rejected(legdx, tmp_path):
    output = tmp_path / "scores.csv"
    done = legdx("score", SURVEY, "--mapping", MAPPING, "-o", output)
    assert done.code == 3
    assert done.out == ""
    assert "rows in" in done.err
    assert NOTICE in done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "scores.csv",
        "scores.csv.run.json",
        "scores.rejects.csv",
    ]


def test_score_ends_with_0_when_no_row_was_rejected(legdx, tmp_path):
    header, first, *_ = SURVEY.read_text(encoding="utf-8").splitlines()
    small = tmp_path / "small.csv"
    small.write_text(f"{header}\n{first}\n", encoding="utf-8")
    done = legdx(
        "score", small, "-m", MAPPING, "-o", tmp_path / "out.parquet", "--rejects", tmp_path / "left.csv", "--json"
    )
    assert done.code == 0
    data = json.loads(done.out)
    assert (data["rows"]["in"], data["rows"]["scored"]) == (1, 1)
    assert NOTICE in data["disclaimer"]
    assert len(pd.read_parquet(tmp_path / "out.parquet")) == 1
    assert (tmp_path / "left.csv").exists()


def test_score_reads_and_writes_the_standard_streams(legdx, tmp_path):
    legdx("score", SURVEY, "-m", MAPPING, "-o", tmp_path / "scores.csv")
    done = legdx("score", "-", "-m", MAPPING, "-o", "-", "--rejects", tmp_path / "left.csv", stdin=SURVEY.read_bytes())
    assert done.code == 3
    assert done.out == (tmp_path / "scores.csv").read_text(encoding="utf-8")
    assert (tmp_path / "left.csv").read_bytes() == (tmp_path / "scores.rejects.csv").read_bytes()


def test_score_agrees_with_assess(legdx, tmp_path, model):
    legdx("score", SURVEY, "-m", MAPPING, "-o", tmp_path / "scores.csv", "--block-rows", "10")
    from legdx.survey import load_mapping, map_answers, read_table

    answers = map_answers(read_table(SURVEY), load_mapping(MAPPING, model), model).answers
    for row in pd.read_csv(tmp_path / "scores.csv").head(12).to_dict("records"):
        result = model.assess(answers.iloc[row["row"] - 1].to_dict())
        assert result.urgency.level == row["urgency"]
        for cause, probability in result.posterior.items():
            assert row[f"posterior_{cause}"] == pytest.approx(probability, abs=1e-9)


def test_a_mapping_with_mistakes_is_refused_with_their_lines(legdx, tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text(
        MAPPING.read_text(encoding="utf-8").replace("variable: tremor\n", "variable: tremour\n"), encoding="utf-8"
    )
    done = legdx("score", SURVEY, "-m", path, "-o", tmp_path / "o.csv")
    assert done.code == 1
    assert "bad.yaml:" in done.err
    assert "did you mean 'tremor'" in done.err
    assert not (tmp_path / "o.csv").exists()


def test_check_of_the_packaged_model_is_sound(legdx):
    done = legdx("check", "--json")
    data = json.loads(done.out)
    assert done.code == 0, data["issues"]
    assert data["sound"] is True
    assert data["kernels"] == {"name": kernels().name, "reason": kernels().reason}
    assert {cost["factors"] for cost in data["costs"]} == {"all", "half", "none"}
    inside = [data[f"held_out_in_{kind}_interval"] for kind in ("model", "predictive")]
    assert all(count is None or 0 <= count <= data["held_out_total"] for count in inside)
    text = legdx("check")
    assert text.code == 0
    assert f"kernels: {kernels().name}" in text.out
    assert NOTICE in text.out


def test_check_fails_where_the_built_model_is_stale_or_the_files_are_wrong(legdx, tmp_path):
    folder = tmp_path / "leg"
    shutil.copytree(packaged_folder(), folder)
    with (folder / "renames.yaml").open("a", encoding="utf-8") as stream:
        stream.write("\n# changed\n")
    done = legdx("check", folder, "--json")
    assert (done.code, json.loads(done.out)["built_model"]["fresh"]) == (1, False)
    (folder / "groups.yaml").write_text("- {id: odd, members: [no_such_cause]}\n", encoding="utf-8")
    done = legdx("check", folder)
    assert done.code == 1
    assert "no_such_cause" in done.out
    assert legdx("check", tmp_path / "nothing").code == 1


def test_build_writes_a_model_and_its_report(legdx, tmp_path):
    folder = ModelFolder(tmp_path / "tiny").path
    done = legdx("build", folder, "--draws", "2", "--report", tmp_path / "report.csv", "--json")
    assert done.code == 0, done.err
    data = json.loads(done.out)
    assert Path(data["model"]).parent == folder
    assert set(data["held_out_in_90"]) == {"model", "predictive"}
    with (tmp_path / "report.csv").open(encoding="utf-8", newline="") as stream:
        assert len(list(csv.DictReader(stream))) == data["figures"]
    assert legdx("build", folder, "--draws", "2", "--report", tmp_path / "report.md").code == 0
    assert (tmp_path / "report.md").read_text(encoding="utf-8").startswith("#")
    assert legdx("build", folder, "--draws", "2", "--report", tmp_path / "report.json").code == 0
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["lines"]
    result = json.loads(legdx("assess", "-", "--json", "--model", folder, stdin=b'{"tremor": "present"}').out)
    assert result["stamp"]["model"] == "tiny"


def test_build_of_a_folder_without_knowledge_ends_with_1(legdx, tmp_path):
    done = legdx("build", tmp_path)
    assert done.code == 1
    assert "hint" in done.err.lower()


def test_export_writes_the_network_and_the_knowledge(legdx, tmp_path, model):
    assert legdx("export", "--format", "xmlbif", "-o", tmp_path / "leg.xml").code == 0
    done = legdx("export", "-o", "-")
    assert done.out == (tmp_path / "leg.xml").read_text(encoding="utf-8")
    names = {element.text for element in defusedxml.ElementTree.fromstring(done.out).iter("NAME")}
    assert set(model.knowledge.causes) < names
    data = json.loads(legdx("export", "--format", "json", "-o", "-").out)
    assert data["stamp"]["digest"] == model.digest
    assert set(data["knowledge"]["causes"]) == set(model.knowledge.causes)


def test_simulate_draws_the_same_people_from_the_same_seed(legdx, tmp_path, model):
    first = legdx("simulate", "-n", "5", "--seed", "1", "-o", "-")
    assert first.code == 0
    people = list(csv.DictReader(io.StringIO(first.out)))
    assert len(people) == 5
    assert set(model.knowledge.causes) < set(people[0])
    assert legdx("simulate", "-n", "5", "--seed", "1", "-o", "-").out == first.out
    assert legdx("simulate", "-n", "5", "--seed", "2", "-o", "-").out != first.out
    assert legdx("simulate", "-n", "5", "--seed", "1", "-o", tmp_path / "people.parquet").code == 0
    assert pd.read_parquet(tmp_path / "people.parquet").to_dict("records") == people


def test_another_model_can_be_named(legdx, case):
    folder = packaged_folder()
    expected = legdx("assess", case, "--json").out
    assert legdx("assess", case, "--json", "--model", folder).out == expected
    assert legdx("assess", case, "--json", "--model", folder / "leg.npz").out == expected


def test_the_published_schemas_of_legdx_are_sound():
    for path in Path(package.__file__).parent.rglob("schemas/*.json"):
        Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


def test_evaluate_keeps_the_first_run_and_shows_the_last_beside_it(legdx, tmp_path):
    cases = tmp_path / "cases.jsonl"
    lines = (ROOT / "data" / "vignettes.jsonl").read_text(encoding="utf-8").splitlines()[:2]
    cases.write_text("\n".join(lines), encoding="utf-8")
    folder = tmp_path / "evaluation"
    one = legdx("evaluate", "--vignettes", cases, "--output", folder)
    assert one.code == 0
    assert "first (0 cases)" in one.out
    first = (folder / "first.json").read_bytes()
    assert not (folder / "last.json").exists()
    two = legdx("evaluate", "--vignettes", cases, "--output", folder, "--json")
    assert two.code == 0
    assert (folder / "first.json").read_bytes() == first == (folder / "last.json").read_bytes()
    assert json.loads(two.out)["stamp"] == json.loads(first)["stamp"]
    assert "last (0 cases)" in (folder / "README.md").read_text(encoding="utf-8")
    assert (folder / "misses.md").exists()


def test_evaluate_without_a_file_of_cases_is_an_error_with_its_name(legdx, tmp_path):
    done = legdx("evaluate", "--vignettes", tmp_path / "none.jsonl")
    assert done.code == 1
    assert "none.jsonl" in done.err


def test_report_writes_pages_and_card(legdx, tiny_folder, tmp_path):
    folder = tmp_path / "pages"
    done = legdx("report", "--output", folder, "--model", tiny_folder, "--json")
    assert done.code == 0
    written = json.loads(done.out)
    assert written["pages"] == len([path for path in folder.rglob("*.md") if path.name != "model_card.md"])
    assert NOTICE in (folder / "causes" / "low_potassium.md").read_text(encoding="utf-8")
    assert "# Model card: tiny" in (folder / "model_card.md").read_text(encoding="utf-8")


def test_report_with_a_record_that_is_no_json_is_an_error(legdx, tiny_folder, tmp_path):
    record = tmp_path / "record.json"
    record.write_text("{", encoding="utf-8")
    done = legdx("report", "--output", tmp_path / "pages", "--model", tiny_folder, "--evaluation", record)
    assert done.code == 1
    assert "record.json" in done.err
