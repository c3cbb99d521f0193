"""Formulas as MathML (a Sphinx extension): browsers draw them, and no script is loaded for it."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging

#: A letter with an accent and an index: docutils sets the index under the letter.
_ACCENTED = re.compile(
    r"<munderover>\s*(<m[in]>[^<]*</m[in]>)\s*(<m[in]>[^<]*</m[in]>)\s*"
    r'(<mo stretchy="false">[^<]*</mo>)\s*</munderover>'
)

_log = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything; called by Sphinx."""
    app.connect("doctree-resolved", _write_formulas)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def _write_formulas(app: Sphinx, doctree: nodes.document, page: str) -> None:
    if app.builder.format != "html":
        return
    for node in list(doctree.findall(lambda one: isinstance(one, nodes.math | nodes.math_block))):
        text, block = node.astext(), isinstance(node, nodes.math_block)
        try:
            node.parent.replace(node, nodes.raw("", formula(text, block), format="html"))
        except ValueError as error:
            _log.warning("formula %r: %s", text, error, location=node)


def formula(text: str, block: bool = False) -> str:
    r"""One formula as MathML.

    Parameters
    ----------
    text : str
        LaTeX, as docutils knows it.
    block : bool
        Whether it stands on a line of its own.

    Raises
    ------
    ValueError
        For LaTeX that cannot be written as MathML.

    Examples
    --------
    >>> formula(r"\rho").startswith('<math xmlns="http://www.w3.org/1998/Math/MathML">')
    True
    """
    try:
        made = str(tex2mathml(text, as_block=block))
    # docutils 0.20 raises SyntaxError, later versions a ValueError of their own
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"cannot be written as MathML ({error})") from error
    made = _ACCENTED.sub(r"<msub><mover>\1\3</mover>\2</msub>", made)
    if not block:
        return made
    return f'<div class="sc-formula" tabindex="0">{made}</div>'
