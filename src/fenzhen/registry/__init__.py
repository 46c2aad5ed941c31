"""The only door to MLflow: runs, versions and aliases; MLflow is imported when first used."""

from fenzhen.registry.client import Registry
from fenzhen.registry.runs import Run
from fenzhen.registry.signature import TEXT_SIGNATURE, Signature

__all__ = ["TEXT_SIGNATURE", "Registry", "Run", "Signature"]
