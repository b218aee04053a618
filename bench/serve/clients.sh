#!/bin/sh
# The official clients of OpenAI (Python, JavaScript) and tritonclient, as their registries
# give them, against orchid serve: each must get the very bits of "orchid embed".
# usage: bench/serve/clients.sh DIR
# DIR is a model folder. Wants python3, node and npm; what it installs goes to
# ~/.cache/orchid/clients, or to $ORCHID_CLIENTS.
set -eu
dir=${1:?usage: bench/serve/clients.sh DIR}
here=$(cd "$(dirname "$0")" && pwd)
clients=${ORCHID_CLIENTS:-$HOME/.cache/orchid/clients}
mkdir -p "$clients"
[ -d "$clients/venv" ] || python3 -m venv "$clients/venv"
"$clients/venv/bin/pip" install --quiet --disable-pip-version-check openai numpy 'tritonclient[http]'
npm install --silent --no-fund --no-audit --prefix "$clients" openai

out=$(mktemp -d)
(cd "$here/../.." && go build -o "$out/orchid" ./cmd/orchid)
"$out/orchid" serve "$dir" --listen 127.0.0.1:6466 --log none 2>"$out/log" &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$out"' EXIT
until curl -sf http://127.0.0.1:6466/health >/dev/null; do
	kill -0 $server || { cat "$out/log"; exit 1; }
	sleep 0.2
done
column=$(curl -sf http://127.0.0.1:6466/v1/models | sed 's/.*"columns":\["\([^"]*\)".*/\1/') # of the text in its data
sed "s/\"text\"/\"$column\"/" >"$out/texts.jsonl" <<'TEXTS'
{"text": "a fine film"}
{"text": "so dull"}
{"text": "Grüße, 你好, and a line\nbreak"}
{"text": ""}
{"text": "the cat sat on the mat"}
TEXTS
"$out/orchid" embed "$dir" <"$out/texts.jsonl" >"$out/want.jsonl"
export ORCHID_URL=http://127.0.0.1:6466 ORCHID_MODEL="$(basename "$dir")" TEXTS="$out/texts.jsonl" WANT="$out/want.jsonl"
printf '%-28s %-32s %s\n' client asks 'same bits as orchid embed'
"$clients/venv/bin/python" "$here/clients.py"
cp "$here/clients.mjs" "$clients/clients.mjs" # beside the packages that it imports
node "$clients/clients.mjs"
