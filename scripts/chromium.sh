#!/usr/bin/env bash
# Gets Chromium for the tests in a browser, with a font for Chinese. Chrome that is installed serves as well.
set -euo pipefail

readonly FILE=${1:?usage: chromium.sh FILE}
source "$(dirname "${BASH_SOURCE[0]}")/_optional.sh"

# The same places as tests/browser/chromium.py.
is_here() {
  [ -n "$(type -P chromium chromium-browser google-chrome google-chrome-stable)" ] ||
    [ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ]
}

offer "browser for the tests (Debian's package chromium)" Chromium \
  "everything but the tests in a browser works" "--cask google-chrome" chromium fonts-noto-cjk
