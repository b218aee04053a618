#!/usr/bin/env bash
# bench/peers/run.sh [PART...] [FLAGS] compares this checkout with PyTorch on this machine; --help lists both.
#
# It makes a virtual environment with PyTorch (see venv.sh), and installs tcmalloc and a C++ compiler (for torch.compile)
# where they are absent and apt-get is there. No test of the product needs any of it.
set -euo pipefail
cd "$(dirname "$0")/../.."

source bench/peers/venv.sh

missing=()
compgen -G '/usr/lib*/libtcmalloc_minimal.so.4' >/dev/null || compgen -G '/usr/lib/*/libtcmalloc_minimal.so.4' >/dev/null || missing+=(libtcmalloc-minimal4)
command -v g++ >/dev/null || missing+=(g++)
if [ ${#missing[@]} -gt 0 ] && command -v apt-get >/dev/null; then
	apt-get update -qq
	apt-get install -y -qq "${missing[@]}"
fi

bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
go build -o "$bin/orchid" ./cmd/orchid
"$venv/bin/python" bench/peers/compare.py --orchid "$bin/orchid" "$@"
