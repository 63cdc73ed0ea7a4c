"""`python -m benchmarks NAME [arguments]` calls `benchmarks.NAME.main`; the last line printed is one JSON object."""

import importlib
import pkgutil
import sys

import benchmarks


def main() -> None:
    modules = (module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name != "__main__")
    names = sorted(name.replace("_", "-") for name in modules)
    if len(sys.argv) < 2 or sys.argv[1] not in names:
        sys.exit(f"usage: python -m benchmarks NAME [arguments]; NAME is one of {', '.join(names)}")
    importlib.import_module(f"benchmarks.{sys.argv[1].replace('-', '_')}").main(sys.argv[2:])


if __name__ == "__main__":
    main()
