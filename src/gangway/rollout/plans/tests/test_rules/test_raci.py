"""RACI: each complaint is made when its fault is there, and only then."""

from hypothesis import given
from hypothesis import strategies as st

from gangway.rollout.plans.rules.raci import Cell, Fault, Holder, Letter, Row, accountable, complaints, whole

CELLS = st.builds(
    Cell,
    letter=st.sampled_from(Letter),
    holder=st.sampled_from(Holder),
    name=st.sampled_from(["Dee", "Eve", "Ben"]),
    person=st.sampled_from(["1", "2", "3"]),
    signed_in=st.sampled_from([True, False, None]),
)
MATRICES = st.lists(
    st.builds(Row, key=st.text("xyz", max_size=2), title=st.just("Row"), cells=st.lists(CELLS, max_size=5).map(tuple)),
    max_size=4,
)


def cell(letter: Letter, name: str = "Dee", holder: Holder = Holder.STAFF, signed_in: bool | None = True) -> Cell:
    return Cell(letter, holder, name, name if holder in (Holder.STAFF, Holder.CONTACT) else "", signed_in)


CONTACT = cell(Letter.INFORMED, "Ben", Holder.CONTACT)
A = cell(Letter.ACCOUNTABLE)


def faults(*rows: tuple[Cell, ...]) -> set[Fault]:
    return {
        complaint.fault for complaint in complaints([Row(str(n), f"Row {n}", cells) for n, cells in enumerate(rows)])
    }


def test_a_whole_matrix_has_nothing_to_complain_about() -> None:
    assert faults((A, CONTACT), (A,)) == set()


def test_each_fault_is_named() -> None:
    assert faults((CONTACT,)) == {Fault.NO_A}
    assert faults((A, cell(Letter.ACCOUNTABLE, "Eve"), CONTACT)) == {Fault.TWO_AS}
    assert faults((cell(Letter.ACCOUNTABLE, "SVP sales", Holder.JOB), CONTACT)) == {Fault.A_UNNAMED}
    assert faults((cell(Letter.ACCOUNTABLE, "All", Holder.GROUP), CONTACT)) == {Fault.A_UNNAMED}
    assert faults((cell(Letter.ACCOUNTABLE, signed_in=False), CONTACT)) == {Fault.A_NEVER_SIGNED_IN}
    assert faults((A,)) == {Fault.NO_CONTACT}
    assert faults((A, cell(Letter.INFORMED, "All partners", Holder.GROUP))) == {Fault.NO_CONTACT}


def test_one_person_doing_everything_is_overloaded() -> None:
    r = cell(Letter.RESPONSIBLE)
    assert faults((A, r, CONTACT), (A, r)) == set()
    assert faults((A, r, CONTACT), (A, r), (A, r)) == {Fault.R_OVERLOADED}


@given(MATRICES)
def test_whole_means_one_named_a_in_every_row_and_a_contact(rows: list[Row]) -> None:
    one_a = all(len(row.of(Letter.ACCOUNTABLE)) == 1 and row.of(Letter.ACCOUNTABLE)[0].named for row in rows)
    contact = any(cell.holder is Holder.CONTACT for row in rows for cell in row.cells)
    assert whole(rows) == (bool(rows) and one_a and contact)


@given(MATRICES)
def test_only_named_people_answer(rows: list[Row]) -> None:
    named = {c.person for row in rows for c in row.cells if c.letter is Letter.ACCOUNTABLE and c.named}
    assert accountable(rows) == named
