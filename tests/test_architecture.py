"""The layout holds: imports run one way, heavy packages wait, every text has its translation, names are exported."""

import ast
import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import jmo_nlp

PACKAGE = Path(jmo_nlp.__file__).parent

LAYERS = (
    {"errors", "messages", "records", "files"},
    {
        "codebook", "transcripts", "sentences", "grouping", "segmentation", "encoders", "sentence_encoder",
        "embedding_cache", "suggesting", "suggestions", "classifier", "evidence", "evaluation", "agreement", "inputs",
        "triangulation", "shares", "prevalence", "sampling",
    },
    {"corpus", "migrations", "model_folder", "model_card", "model_picture", "exchange", "report"},
    {"pipeline", "batch", "splitting", "comparing", "suggested"},
    {"cli", "review", "__main__"},
)  # fmt: skip
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}

HEAVY = {"spacy", "sklearn", "torch", "transformers", "sentence_transformers", "pandas", "pyarrow", "onnxruntime",
         "scipy", "docx", "pdfplumber", "openpyxl", "xlsxwriter", "skops", "starlette", "uvicorn", "jinja2"}  # fmt: skip


def modules() -> list[tuple[str, Path]]:
    return [(path.relative_to(PACKAGE).parts[0].removesuffix(".py"), path) for path in sorted(PACKAGE.rglob("*.py"))]


def imported(path: Path) -> set[str]:
    """Names of the project's parts that a module imports at run time."""
    parts = set()
    for node in ast.walk(without_type_checking(ast.parse(path.read_text(encoding="utf-8")))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "jmo_nlp":
            names = [node.module] if "." in node.module else [f"jmo_nlp.{alias.name}" for alias in node.names]
            parts |= {name.split(".")[1] for name in names}
        elif isinstance(node, ast.Import):
            parts |= {a.name.split(".")[1] for a in node.names if a.name.startswith("jmo_nlp.")}
    return parts


def without_type_checking(tree: ast.Module) -> ast.Module:
    class Drop(ast.NodeTransformer):
        def visit_If(self, node: ast.If) -> ast.AST | None:
            return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)

    return Drop().visit(tree)


def test_every_module_has_its_place() -> None:
    assert {name for name, _path in modules()} - {"__init__"} <= RANK.keys()


@pytest.mark.parametrize(("name", "path"), modules(), ids=lambda value: str(value).removeprefix(str(PACKAGE)))
def test_imports_run_one_way(name: str, path: Path) -> None:
    if name == "__init__":
        return
    above = {part for part in imported(path) if part in RANK and RANK[part] > RANK[name]}
    assert not above, f"{path.name} reaches up to {above}"


def test_help_loads_nothing_heavy() -> None:
    script = f"import sys, jmo_nlp.__main__, jmo_nlp.cli\nprint(*sorted({HEAVY!r} & sys.modules.keys()))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []


def test_public_names_are_all_there() -> None:
    for name in jmo_nlp.__all__:
        assert getattr(jmo_nlp, name) is not None
    with pytest.raises(AttributeError):
        jmo_nlp.no_such_name  # noqa: B018


def templates() -> set[str]:
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_" and node.args:
                assert isinstance(node.args[0], ast.Constant), f"{path.name}:{node.lineno}: not a literal text"
                found.add(node.args[0].value)
    return found


def test_every_text_exists_in_indonesian() -> None:
    catalogue = json.loads((PACKAGE / "locale" / "id.json").read_text(encoding="utf-8"))
    assert sorted(templates() - catalogue.keys()) == []
    assert sorted(catalogue.keys() - templates()) == [], "translations that nothing uses"
    for english, indonesian in catalogue.items():
        fields = re.compile(r"{(\w+)")
        assert sorted(fields.findall(english)) == sorted(fields.findall(indonesian)), english


def test_the_layout_of_the_folder_is_the_promised_one() -> None:
    for name in (
        "classifier",
        "codebook",
        "corpus",
        "encoders",
        "evidence",
        "model_folder",
        "pipeline",
        "segmentation",
    ):
        assert import_module(f"jmo_nlp.{name}").__doc__
