"""Claims as data: documents, the verdict their criterion gives, and the ledger of all verdicts."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.claims.documents import (
        CLAIMS_FOLDER,
        Claim,
        Condition,
        Criterion,
        Document,
        Figure,
        is_document,
        load_claims,
        load_documents,
        publisher_of,
    )

__all__ = [
    "CLAIMS_FOLDER",
    "Claim",
    "Condition",
    "Criterion",
    "Document",
    "Figure",
    "is_document",
    "load_claims",
    "load_documents",
    "publisher_of",
]


def __getattr__(name: str) -> Any:
    # the ledger alone is read without the models of the claims, which take longer than it does
    if name in __all__:
        from analysis.claims import documents

        return getattr(documents, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
