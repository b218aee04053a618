#!/usr/bin/env bash
# bench/peers/run.sh [PART...] [FLAGS] compares this checkout with PyTorch on this machine; --help lists both.
#
# It makes a virtual environment outside the repository, with PyTorch and transformers, each of one version, from
# Python's registry, and installs tcmalloc and a C++ compiler (for torch.compile) where they are absent and apt-get is
# there. The folder of the environment is $ORCHID_PEERS_VENV, or one in the user's cache. No test of the product needs
# any of it.
set -euo pipefail
cd "$(dirname "$0")/../.."

torch=2.15.0
transformers=5.24.0
venv=${ORCHID_PEERS_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/orchid/torch-$torch}

if ! "$venv/bin/python" -c "from importlib.metadata import version as v; assert (v('torch').split('+')[0], v('transformers')) == ('$torch', '$transformers')" 2>/dev/null; then
	python3 -m venv "$venv"
	"$venv/bin/pip" install --quiet "torch==$torch" "transformers==$transformers" numpy
fi

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
