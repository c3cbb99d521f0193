"""Claims as data: documents, the verdict their criterion gives, and the ledger of all verdicts."""

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
