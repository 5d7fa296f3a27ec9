"""The one error of this package: a contract that cannot be used, and where it is broken."""


class ContractError(Exception):
    """A contract cannot be used; `file` and JSON `pointer` say where, `message` says why."""

    def __init__(self, file: str, pointer: str, message: str) -> None:
        super().__init__(file, pointer, message)
        self.file = file
        self.pointer = pointer
        self.message = " ".join(message.split())

    def __str__(self) -> str:
        return f"{self.file}#{self.pointer}: {self.message}"
