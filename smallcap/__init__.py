"""Small Caps, Audited, as one installed package.

The code lives in a folder called ``analysis``, a name that anybody may use for a package of their
own. So the distribution installs one package, ``smallcap``, and carries the project inside it as a
folder, laid out like a checkout. Importing ``smallcap`` makes that folder's ``analysis`` importable
in this process; nothing called ``analysis`` is installed::

    import smallcap
    from analysis.panel import load_dataset
"""

from __future__ import annotations

import os
import site
import sys
from pathlib import Path

__all__ = ["home", "main"]


def home() -> Path:
    """The folder of ``analysis``, ``data`` and ``notebooks``: inside a wheel, or a checkout."""
    own = Path(__file__).resolve().parent
    return own / "project" if (own / "project").is_dir() else own.parent


def _make_importable(folder: Path) -> None:
    """Put the project's folder first among those that imports are looked for in.

    Raises
    ------
    ImportError
        Where another package called ``analysis`` is in use already.
    """
    loaded = getattr(sys.modules.get("analysis"), "__file__", None)
    if loaded is not None and Path(loaded).resolve().parents[1] != folder:
        raise ImportError(
            f"a package called analysis is in use already ({loaded}); import smallcap before it,"
            " or in a process of its own"
        )
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def _folders() -> list[str]:
    """Where a process of its own finds this ``analysis`` and this ``smallcap``, and no others.

    A folder of installed packages is left out where every process looks: named here, it would come
    before the standard library.
    """
    package = Path(__file__).resolve().parents[1]
    usual = {Path(name).resolve() for name in site.getsitepackages()}
    return [str(home()), *([] if package in usual else [str(package)])]


def main() -> None:
    """Run the command line ``smallcap``."""
    # kernels and the book's builder are processes of their own
    paths = [*_folders(), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))
    from analysis.__main__ import main as run

    run()


_make_importable(home())
