#!/usr/bin/env bash
# Installs what the tests call beside Python, on Debian and its kin, if it is not there.
set -euo pipefail

declare -A package_of=([make]=make [curl]=curl [node]=nodejs [npm]=npm [ffprobe]=ffmpeg [chromium]=chromium)
missing=()
for command in "${!package_of[@]}"; do
    command -v "$command" >/dev/null || missing+=("${package_of[$command]}")
done
if [ ${#missing[@]} -gt 0 ]; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi
