#!/bin/sh
# Debian packages that some tests need: a browser, WeasyPrint's libraries, Java for the HTML
# validator. Installed when they are missing and we may; otherwise says what will be skipped.
set -u

PACKAGES="chromium libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 default-jre-headless"

command -v dpkg-query >/dev/null || {
    echo "Inte Debian: installera chromium, pango och java själv om alla tester ska köras."
    exit 0
}

has() {
    case $1 in
        chromium) command -v chromium >/dev/null && return 0 ;;
        default-jre-headless) command -v java >/dev/null && return 0 ;;
    esac
    dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -q '^installed$'
}

missing() {
    for package in $PACKAGES; do has "$package" || printf '%s ' "$package"; done
}

wanted=$(missing)
[ -n "$wanted" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=""
elif sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "Saknas på datorn: $wanted– de tester som behöver dem hoppas över."
    echo "Installera dem med: sudo apt-get install --no-install-recommends $wanted"
    exit 0
fi

echo "Installerar det som testerna behöver: $wanted"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 - the list is meant to be split
{ $as_root apt-get update -qq && $as_root apt-get install -y -qq --no-install-recommends $wanted; } >&2
wanted=$(missing)
[ -z "$wanted" ] || echo "Gick inte att installera: $wanted– de tester som behöver dem hoppas över."
exit 0
