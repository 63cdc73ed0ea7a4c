"""`_native_solc.py TARGET` installs the native Solidity compiler as TARGET; exit status 1 where it cannot be had.

Downloaded here and not by py-solc-x, which sets no time limit and runs what it got without checking it.
"""

import hashlib
import platform
import sys
from pathlib import Path

import requests
from solcx.install import BINARY_DOWNLOAD_BASE
from solcx.wrapper import get_version_str_from_solc_binary

VERSION = "0.8.30+commit.73712a01"
SHA256 = {  # as published in the compiler's own list of builds
    "linux": "f3e987dc6ecebd4bd350c48edcbc320b46cf9e3109bd3fc3d88f1acaf4c428f7",
    "macosx": "738dcdc6afddeb505ee4e4ef24f1c1fdba2b8c924e614cbbf5801a5b062dd683",
}
TIMEOUT_S = (3, 30)  # to connect, between two reads


class NoNativeCompilerError(Exception):
    """There is none for this machine, or it could not be downloaded, verified or run."""


def build_name() -> str:
    """`linux` or `macosx`; builds are for x86-64, which macOS also runs on arm64."""
    system, machine = platform.system(), platform.machine()
    if system == "Darwin":
        return "macosx"
    if (system, machine) == ("Linux", "x86_64"):
        return "linux"
    raise NoNativeCompilerError(f"there is no native build for {system} {machine}")


def download(system: str) -> bytes:
    url = BINARY_DOWNLOAD_BASE.format(system, f"solc-{system}-amd64-v{VERSION}")
    try:
        response = requests.get(url, timeout=TIMEOUT_S)
        response.raise_for_status()
    except requests.RequestException as error:
        raise NoNativeCompilerError(f"the native build cannot be downloaded ({type(error).__name__})") from error
    digest = hashlib.sha256(response.content).hexdigest()
    if digest != SHA256[system]:
        raise NoNativeCompilerError(f"the download has SHA-256 {digest}, not {SHA256[system]}")
    return response.content


def install(binary: bytes, target: Path) -> None:
    """Write `binary` to `target` and run it once; what does not run is removed again."""
    target.unlink(missing_ok=True)  # a link must not be written through
    target.write_bytes(binary)
    target.chmod(0o755)
    try:
        found = get_version_str_from_solc_binary(target)
    except Exception as error:
        target.unlink()
        raise NoNativeCompilerError(f"the native build does not run here ({error})") from error
    if found != VERSION:
        target.unlink()
        raise NoNativeCompilerError(f"the native build calls itself {found}, not {VERSION}")


def main(target: str) -> None:
    try:
        install(download(build_name()), Path(target))
    except NoNativeCompilerError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1])
