# Sets $venv to a virtual environment outside the repository with PyTorch and transformers, each of one version, from
# Python's registry, and makes it where it is not there: in $ORCHID_PEERS_VENV, or in the user's cache.
torch=2.15.0
transformers=5.24.0
venv=${ORCHID_PEERS_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/orchid/torch-$torch}

if ! "$venv/bin/python" -c "from importlib.metadata import version as v; assert (v('torch').split('+')[0], v('transformers')) == ('$torch', '$transformers')" 2>/dev/null; then
	python3 -m venv "$venv"
	"$venv/bin/pip" install --quiet "torch==$torch" "transformers==$transformers" numpy
fi
