"""A network survives XMLBIF digit by digit, other programs read it alike, and broken files are refused."""

from __future__ import annotations

import numpy as np
import pyagrum
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from pgmpy.inference import VariableElimination
from pgmpy.readwrite import XMLBIFReader, XMLBIFWriter

from legdx.engine import log_evidence, observe, posterior
from legdx.errors import FormatError, ImpossibleEvidenceError
from legdx.network import Network, Table, Variable, read_xmlbif, to_pgmpy, write_xmlbif
from legdx.network.divorced import divorced
from tests.network.hand_made import BINARY, hand_made_network
from tests.oracle.random_networks import Example, examples

TOLERANCE = 1e-12
"""Both sides add and multiply the same numbers in [0, 1]; a hundred such operations lose 1e-14."""

ANSWERS = (
    {},
    {"weakness": "present", "sex": "male"},
    {"weakness_onset": "severe", "reflexes": "none", "weakness_one_sided": "absent"},
)

TWO = """<?xml version="1.0"?>
<BIF VERSION="0.3"><NETWORK><NAME>two</NAME>
<VARIABLE TYPE="nature"><NAME>rain</NAME><OUTCOME>no</OUTCOME><OUTCOME>yes</OUTCOME></VARIABLE>
<VARIABLE TYPE="nature"><NAME>wet grass</NAME><OUTCOME>no</OUTCOME><OUTCOME>yes</OUTCOME></VARIABLE>
<DEFINITION><FOR>rain</FOR><TABLE>0.8 0.2</TABLE></DEFINITION>
<DEFINITION><FOR>wet grass</FOR><GIVEN>rain</GIVEN><TABLE>0.9 0.1 0.05 0.95</TABLE></DEFINITION>
</NETWORK></BIF>
"""


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "network.bifxml"
    write_xmlbif(hand_made_network(), path)
    return path


def read(tmp_path, text):
    path = tmp_path / "network.xml"
    path.write_text(text, encoding="utf-8")
    return read_xmlbif(path)


def our_marginals(answers):
    network = hand_made_network()
    evidence = dict(observe(network, name, state) for name, state in answers.items())
    found = posterior(network, evidence, range(len(network.variables))).marginals
    return {variable.name: found[i][0] for i, variable in enumerate(network.variables)}


@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(example=examples(most=8))
def test_a_round_trip_leaves_every_posterior_as_it_was(tmp_path, example: Example):
    path = tmp_path / "random.xml"
    write_xmlbif(example.network, path)
    back = read_xmlbif(path)
    place = {i: back.index[variable.name] for i, variable in enumerate(example.network.variables)}
    moved = {place[i]: likelihood for i, likelihood in example.likelihoods.items()}
    try:
        expected = posterior(example.network, example.likelihoods, place)
    except ImpossibleEvidenceError:
        with pytest.raises(ImpossibleEvidenceError):
            log_evidence(back, moved)
        return
    result = posterior(back, moved, place.values())
    np.testing.assert_allclose(result.log_evidence, expected.log_evidence, rtol=TOLERANCE, atol=TOLERANCE)
    for i, at in place.items():
        np.testing.assert_allclose(result.marginals[at], expected.marginals[i], rtol=TOLERANCE, atol=TOLERANCE)


def test_every_number_name_state_kind_and_the_order_come_back_exactly(written):
    back, sent = read_xmlbif(written), divorced(hand_made_network())
    assert back.variables == sent.variables
    for ours, theirs in zip(back.nodes, sent.nodes, strict=True):
        assert ours.parents == theirs.parents
        np.testing.assert_array_equal(ours.values, theirs.values)


def test_numbers_without_a_short_decimal_come_back_exactly(tmp_path):
    awkward = np.array([[1 / 3, 1e-300, 0.1 + 0.2, 1 - 1 / 3 - (0.1 + 0.2)]])
    network = Network((Variable("x", ("a", "b", "c", "d"), "factor"),), (Table((), awkward),))
    write_xmlbif(network, tmp_path / "x.xml")
    np.testing.assert_array_equal(read_xmlbif(tmp_path / "x.xml").nodes[0].values, awkward)


def test_writing_twice_gives_the_same_bytes(written, tmp_path):
    again = tmp_path / "again.xml"
    write_xmlbif(read_xmlbif(written), again)
    assert again.read_bytes() == written.read_bytes()


@pytest.mark.parametrize("answers", ANSWERS)
def test_pgmpy_reads_the_file_and_finds_our_posteriors(written, answers):
    model = XMLBIFReader(str(written)).get_model()
    assert model.check_model()
    network = hand_made_network()
    asked = [variable.name for variable in network.variables if variable.name not in answers]
    theirs = VariableElimination(model).query(asked, evidence=answers, joint=False, show_progress=False)
    for name, ours in our_marginals(answers).items():
        if name not in answers:
            states = network.variables[network.index[name]].states
            values = [theirs[name].get_value(**{name: state}) for state in states]
            np.testing.assert_allclose(values, ours, rtol=TOLERANCE, atol=TOLERANCE)


@pytest.mark.parametrize("answers", ANSWERS)
def test_pyagrum_reads_the_file_and_finds_our_posteriors(written, answers):
    model = pyagrum.loadBN(str(written))
    engine = pyagrum.LazyPropagation(model)
    engine.setEvidence(answers)
    for name, ours in our_marginals(answers).items():
        assert model.variable(name).labels() == hand_made_network().variables[hand_made_network().index[name]].states
        np.testing.assert_allclose(engine.posterior(name).toarray(), ours, rtol=TOLERANCE, atol=TOLERANCE)


def test_a_file_that_pgmpy_wrote_is_read(tmp_path):
    path = tmp_path / "pgmpy.xml"
    XMLBIFWriter(to_pgmpy(hand_made_network())).write(str(path))
    back = read_xmlbif(path)
    asked = back.index["weakness"]
    np.testing.assert_allclose(
        posterior(back, {}, [asked]).marginals[asked][0], our_marginals({})["weakness"], rtol=TOLERANCE
    )


def test_a_file_that_pyagrum_wrote_is_read(written, tmp_path):
    path = tmp_path / "pyagrum.bifxml"
    pyagrum.loadBN(str(written)).saveBIFXML(str(path))
    back = read_xmlbif(path)
    asked = back.index["weakness"]
    # pyAgrum writes six digits.
    np.testing.assert_allclose(
        posterior(back, {}, [asked]).marginals[asked][0], our_marginals({})["weakness"], rtol=1e-4
    )


def test_names_of_several_words_letters_beyond_ascii_and_signs_are_kept(tmp_path):
    variables = (Variable("weak legs & arms", ("<5", "≥5 µg"), "factor"), Variable("Schwäche", BINARY, "finding"))
    network = Network(variables, (Table((), np.array([[0.5, 0.5]])), Table((0,), np.array([[[1.0, 0.0], [0.3, 0.7]]]))))
    write_xmlbif(network, tmp_path / "words.xml")
    assert read_xmlbif(tmp_path / "words.xml").variables == variables


@pytest.mark.parametrize("name", ["", " x", "a\nb", "a\x00"])
def test_a_name_that_xml_would_change_is_not_written(tmp_path, name):
    network = Network((Variable(name, BINARY, "factor"),), (Table((), np.array([[0.5, 0.5]])),))
    with pytest.raises(FormatError, match="name"):
        write_xmlbif(network, tmp_path / "x.xml")
    assert not (tmp_path / "x.xml").exists()


def test_a_plain_file_is_read(tmp_path):
    network = read(tmp_path, TWO)
    assert [variable.name for variable in network.variables] == ["rain", "wet grass"]
    np.testing.assert_array_equal(network.nodes[1].values, [[[0.9, 0.1], [0.05, 0.95]]])


def test_a_name_space_is_read_over(tmp_path):
    text = TWO.replace("<BIF ", '<BIF xmlns="http://www.cs.ubc.ca/labs/lci/fopi/ve/XMLBIFv0_3" ')
    assert read(tmp_path, text).variables == read(tmp_path, TWO).variables


def test_the_document_type_of_the_format_and_comments_in_tables_are_read_over(tmp_path):
    document_type = """<!DOCTYPE BIF [
        <!ELEMENT BIF ( NETWORK )*> <!ATTLIST BIF VERSION CDATA #REQUIRED>
        <!ELEMENT VARIABLE ( NAME, ( OUTCOME | PROPERTY )* )>
        <!ATTLIST VARIABLE TYPE (nature|decision|utility) "nature">
    ]>"""
    text = TWO.replace('<?xml version="1.0"?>', '<?xml version="1.0"?>' + document_type)
    text = text.replace("0.9 0.1 0.05", "<!-- no rain --> 0.9 0.1 <!-- rain --> 0.05").replace(' TYPE="nature"', "")
    np.testing.assert_array_equal(read(tmp_path, text).nodes[1].values, [[[0.9, 0.1], [0.05, 0.95]]])


def test_children_may_stand_before_their_parents(tmp_path):
    lines = TWO.splitlines()
    lines[2], lines[3], lines[4], lines[5] = lines[3], lines[2], lines[5], lines[4]
    network = read(tmp_path, "\n".join(lines))
    assert [variable.name for variable in network.variables] == ["rain", "wet grass"]
    assert network.parents == ((), (0,))


def test_a_row_rounded_to_six_digits_is_made_whole_and_an_exact_one_is_left_alone(tmp_path):
    text = TWO.replace(
        "<OUTCOME>yes</OUTCOME></VARIABLE>", "<OUTCOME>yes</OUTCOME><OUTCOME>more</OUTCOME></VARIABLE>", 1
    )
    text = text.replace("0.8 0.2", "0.333333 0.333333 0.333333").replace("0.05 0.95", "0.05 0.95 0.5 0.5")
    network = read(tmp_path, text)
    np.testing.assert_allclose(network.nodes[0].values, 1 / 3, rtol=1e-15)
    np.testing.assert_array_equal(network.nodes[1].values[0, 0], [0.9, 0.1])


DEFINITION = "<DEFINITION><FOR>rain</FOR><TABLE>0.8 0.2</TABLE></DEFINITION>"
BROKEN = {
    "nothing at all": ("", "not XML"),
    "text": ("rain 0.8 0.2", "not XML"),
    "cut off": (TWO[:300], "not XML"),
    "an unknown encoding": (TWO.replace("?>", ' encoding="klingon"?>'), "not XML"),
    "another format": ("<html><body/></html>", "no BIF element"),
    "no network": ('<BIF VERSION="0.3"/>', "no BIF element"),
    "a missing definition": (TWO.replace(DEFINITION, ""), "no definition of 'rain'"),
    "a second definition": (TWO.replace(DEFINITION, DEFINITION * 2), "defined twice"),
    "a definition of nothing known": (TWO.replace("<FOR>rain<", "<FOR>rains<"), "no variable 'rains'"),
    "a parent that is not known": (TWO.replace("<GIVEN>rain<", "<GIVEN>snow<"), "no variable 'snow'"),
    "a parent twice": (TWO.replace("<GIVEN>rain</GIVEN>", "<GIVEN>rain</GIVEN>" * 2), "stands twice"),
    "a variable above itself": (TWO.replace("<GIVEN>rain<", "<GIVEN>wet grass<"), "the variable itself"),
    "two names for one definition": (TWO.replace("<FOR>rain</FOR>", "<FOR>rain</FOR>" * 2), "2 FOR elements"),
    "a cycle": (
        TWO.replace("<FOR>rain</FOR><TABLE>0.8 0.2", "<FOR>rain</FOR><GIVEN>wet grass</GIVEN><TABLE>0.8 0.2 0.5 0.5"),
        "cycle: ",
    ),
    "no table": (TWO.replace("<TABLE>0.8 0.2</TABLE>", ""), "0 TABLE elements"),
    "a negative number": (TWO.replace("0.8 0.2", "1.2 -0.2"), "not a probability"),
    "a row that sums to less": (TWO.replace("0.8 0.2", "0.8 0.1"), "does not sum to 1"),
    "rows in the other order": (TWO.replace("0.9 0.1 0.05 0.95", "0.9 0.05 0.1 0.95"), "does not sum to 1"),
    "a number too few": (TWO.replace("0.05 0.95", "0.05"), "3 numbers, expected 4"),
    "not a number": (TWO.replace("0.8 0.2", "nan nan"), "not a probability"),
    "an infinite number": (TWO.replace("0.8 0.2", "inf -inf"), "not a probability"),
    "a word among the numbers": (TWO.replace("0.8 0.2", "0.8 often"), "often"),
    "a variable twice": (TWO.replace("<NAME>wet grass<", "<NAME>rain<"), "two variables"),
    "a variable without a name": (TWO.replace("<NAME>rain</NAME>", ""), "0 NAME elements"),
    "a state twice": (TWO.replace("<OUTCOME>no<", "<OUTCOME>yes<"), "one twice"),
    "a variable without states": (TWO.replace("<OUTCOME>no</OUTCOME><OUTCOME>yes</OUTCOME>", "", 1), "has no OUTCOME"),
    "a decision": (TWO.replace('"nature"', '"decision"', 1), "is a decision"),
}


@pytest.mark.parametrize(("text", "said"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_refused_with_what_is_wrong(tmp_path, text, said):
    with pytest.raises(FormatError, match=said):
        read(tmp_path, text)


BOMB = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
HOSTILE = {
    "a bomb of entities": f'<!DOCTYPE BIF [<!ENTITY e0 "rain">{BOMB}]>',
    "one harmless entity": '<!DOCTYPE BIF [<!ENTITY e9 "rain">]>',
    "a file of the reader": '<!DOCTYPE BIF [<!ENTITY e9 SYSTEM "file:///etc/passwd">]>',
    "a parameter entity": '<!DOCTYPE BIF [<!ENTITY % e9 SYSTEM "http://127.0.0.1/x.dtd"> %e9;]>',
}


@pytest.mark.parametrize("declared", HOSTILE.values(), ids=HOSTILE)
def test_a_file_that_declares_entities_is_refused(tmp_path, declared):
    text = TWO.replace('<?xml version="1.0"?>', '<?xml version="1.0"?>' + declared).replace(">rain<", ">&e9;<")
    with pytest.raises(FormatError, match="declares entities"):
        read(tmp_path, text)


def test_a_file_that_is_not_there_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_xmlbif(tmp_path / "nothing.xml")
