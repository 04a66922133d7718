"""Surfaces (pages, API, commands, reactions, letters) go through doors, never to tables."""

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

from tests.architecture.contracts.houseplan import place_of


class SurfacesContract(Contract):
    """`surfaces` are rooms that may not import a `tables` room directly, of any context but `exempt` ones."""

    type_name = "surfaces"

    surfaces = fields.ListField(subfield=fields.StringField())
    tables = fields.ListField(subfield=fields.StringField())
    exempt = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        broken = [
            (importer, imported)
            for importer in sorted(graph.modules)
            if self._stands_in(importer, "surfaces")
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if self._stands_in(imported, "tables")
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def _stands_in(self, module: str, field: str) -> bool:
        place = place_of(module)
        if place is None or not place.rooms or place.context in set(self.exempt):
            return False
        return place.rooms[0] in set(getattr(self, field))

    def render_broken_contract(self, check: ContractCheck) -> None:
        rows: list[tuple[str, str]] = check.metadata["broken"]
        for importer, imported in rows:
            output.print_error(f"{importer} -> {imported}: a surface touches a table")
