# Runs a module of Python of which some are mended while they are loaded.
import runpy
import sys
from importlib.machinery import PathFinder, SourceFileLoader
from pathlib import Path


def run(module, mends):
    """Runs a module as a program; `mends` has, by the names of modules, pairs of texts: what stands there, and what shall."""

    class Mended(SourceFileLoader):
        def get_code(self, name):
            text = Path(self.path).read_text()
            for before, after in mends[name]:
                if before not in text:
                    raise SystemExit(f"{self.path} has no {before!r} any more: see whether what it was mended for is mended")
                text = text.replace(before, after)
            return compile(text, self.path, "exec")

    class Finder(PathFinder):
        @classmethod
        def find_spec(cls, name, path=None, target=None):
            if name not in mends:
                return None
            spec = super().find_spec(name, path, target)
            spec.loader = Mended(name, spec.origin)
            return spec

    sys.meta_path.insert(0, Finder)
    runpy.run_module(module, run_name="__main__")
