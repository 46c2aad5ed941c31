"""Everything the commands refuse, drawn as one tree.

::

    FenzhenError               a message for people; the command line prints it and exits with 1
    ├── SettingsError          a setting or an environment variable has a wrong value
    ├── WorkspaceError         workspace.toml is missing, unreadable or says something unknown
    ├── TableError             a table's source or contents break the data contract
    ├── TrainingRefused        the data cannot be learnt from (one class, two rows, ...)
    ├── ArtefactError          a model's folder is incomplete, altered or not reproducible
    │   └── ArtefactOutdated   it is whole, but this code has moved on: train again
    ├── RegistryError          MLflow's database is locked, unreachable or lacks what was asked
    │   └── NothingTrained     there is no database of MLflow's yet
    ├── ExportError            the folder of champions is missing, unwritable or inconsistent
    └── StoreError             the service database is read-only, broken or of another version
        └── StoreBusy          it is locked, away or full for now; trying again later may help

A message says what was got and what was expected, and fits on a screen.
"""


class FenzhenError(Exception):
    """Something that the user can mend; its text is the whole explanation."""


class SettingsError(FenzhenError):
    """A setting or an environment variable has a wrong value."""


class WorkspaceError(FenzhenError):
    """``workspace.toml`` is missing, unreadable or says something unknown."""


class TableError(FenzhenError):
    """A table's source or contents break the data contract."""


class TrainingRefused(FenzhenError):
    """The data cannot be learnt from, and says why."""


class ArtefactError(FenzhenError):
    """A model's folder is incomplete, altered or does not reproduce its golden outputs."""


class ArtefactOutdated(ArtefactError):
    """A model's folder is whole, but of an older schema, or of features that give other numbers now; train again."""


class RegistryError(FenzhenError):
    """MLflow's database is locked, unreachable or lacks what was asked for."""


class NothingTrained(RegistryError):
    """There is no database of MLflow's: nothing was trained in this workspace yet."""


class ExportError(FenzhenError):
    """The folder of champions is missing, unwritable or inconsistent."""


class StoreError(FenzhenError):
    """The service database is read-only, broken or of another version."""


class StoreBusy(StoreError):
    """The service database is locked, away or full for now; try again after ``retry_after`` seconds."""

    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after
