"""Other contexts enter a context only by its doors."""

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

from tests.architecture.contracts.houseplan import Place, place_of


class DoorsContract(Contract):
    """`doors` are the rooms that strangers may import; `open_to_all` are contexts without doors (the kernel, ui);
    `may_open_any_door` are contexts that may enter anywhere (config wires the house)."""

    type_name = "doors"

    doors = fields.ListField(subfield=fields.StringField())
    open_to_all = fields.ListField(subfield=fields.StringField())
    may_open_any_door = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        broken = [
            (importer, imported)
            for importer in sorted(graph.modules)
            if (visitor := place_of(importer)) and not self._is_at_home(visitor)
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if self._breaks_in(visitor, place_of(imported))
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def _is_at_home(self, visitor: Place) -> bool:
        """Config wires the house; tests make rows of lower contexts without going through their doors."""
        return visitor.context in self._names("may_open_any_door") or "tests" in visitor.rooms

    def _breaks_in(self, visitor: Place, host: Place | None) -> bool:
        if host is None or host.context == visitor.context or host.context in self._names("open_to_all"):
            return False
        return not set(host.rooms) & self._names("doors")

    def _names(self, field: str) -> set[str]:
        return set(getattr(self, field))

    def render_broken_contract(self, check: ContractCheck) -> None:
        rows: list[tuple[str, str]] = check.metadata["broken"]
        for importer, imported in rows:
            output.print_error(f"{importer} -> {imported}: not a door")
